"""The contestants: how each is started on a number of cores, whether it can run, and how its answer is read."""

import csv
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import launch

TREE = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
SETTINGS = ["model.hidden=[8]", "model.l2=1", "model.seed=917", "model.init_half_width=0.2"]  # as in problem.py

# Relative tolerance of the training cost after a few iterations: float64 programs differ only by rounding; a step in
# single precision is a slightly different step.
FLOAT64, FLOAT32 = 1e-9, 1e-3


class Contestant:
    """`tolerance` is None if the work differs, so that only the time per iteration is comparable."""

    most_runs = most_iterations = None
    by_default = True

    def __init__(self, name, what, tolerance):
        self.name, self.what, self.tolerance = name, what, tolerance

    def plays_on(self, cores):
        return True

    def environment(self, cores):
        return {name: str(cores) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


class Peer(Contestant):
    """A program of this folder, run by the same Python interpreter."""

    def __init__(self, name, what, script, modules, variant="", tolerance=FLOAT64):
        super().__init__(name, what, tolerance)
        self.script, self.modules, self.variant = script, [*modules, "numpy", "h5py"], variant

    def missing(self, _):
        """Why it cannot run, or ""; imports its modules, so that they are in the page cache for the first run."""
        return versions_of(tuple(self.modules)).get("missing", "")

    def command(self, job, cores, iterations, _):
        return [sys.executable, str(HERE / self.script), job.train, job.test, str(iterations), str(cores),
                *([self.variant] if self.variant else [])]

    def answer(self, _, out):
        return json.loads(out.splitlines()[-1])


class Loop(Peer):
    """So slow that it runs only once, with few iterations."""

    most_runs, most_iterations = 1, 50

    def plays_on(self, cores):
        return cores == 1  # a second core does not help


class OnRequest(Peer):
    by_default = False


class Annmpi(Contestant):
    def __init__(self, name, what, settings=(), on_one_core=True, ranks=False, start="mpirun", tolerance=FLOAT64):
        super().__init__(name, what, tolerance)
        self.settings, self.start = list(settings), start
        self.on_one_core, self.ranks = on_one_core, ranks

    def plays_on(self, cores):
        return (cores == 1) == self.on_one_core

    def environment(self, cores):
        return {"OMP_NUM_THREADS": "1" if self.ranks else str(cores), **launch.of_root()}

    def program(self, job):
        return job.build / "bin" / "annmpi"

    def missing(self, job):
        program = self.program(job)
        if not os.access(program, os.X_OK):
            return f"{program} is not there (build it, or name its build folder with --build)"
        if self.start != "alone" and not shutil.which("mpirun"):
            return "there is no mpirun in PATH"
        if self.start == "lean" and not open_mpi_version():
            return "it needs options of Open MPI, and mpirun belongs to another MPI"
        known = keys_of(str(job.build / "bin" / "annmpi"))
        for key in (setting.split("=")[0].split(".")[1] for setting in self.settings):
            if key not in known:
                return f"this annmpi has no key {key}"
        return ""

    def launcher(self, cores):
        if self.start == "alone":
            return []
        # The cores are those that compare.py lets its children use.
        command = ["mpirun", "-n", str(cores if self.ranks else 1), "--bind-to", "none"]
        if self.start == "lean":
            shared_memory = "vader" if open_mpi_version() < 5 else "sm"
            command += ["--mca", "pml", "ob1", "--mca", "btl", f"self,{shared_memory}"]
        return command

    def command(self, job, cores, iterations, folder):
        settings = [*SETTINGS, *self.settings, "compute.device=cpu", f"compute.threads={1 if self.ranks else cores}",
                    f"data.train={job.train}", f"data.test={job.test}"]
        return [*self.launcher(cores), str(self.program(job)), "--config", str(TREE / "configs" / "galaxy.toml"),
                "--quiet", "--max-iterations", str(iterations), "--output", str(folder / "run"),
                *(word for setting in settings for word in ("--set", setting))]

    def answer(self, folder, _):
        with open(folder / "run" / "metrics.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        summary = json.loads((folder / "run" / "summary.json").read_text(encoding="utf-8"))
        last = rows[-1]
        return {"iterations": int(last["iteration"]), "evaluations": int(last["evaluations"]),
                "training_seconds": float(last["seconds"]), "train_costs": [float(row["train_cost"]) for row in rows],
                "test_cost": float(last["monitor_cost"]), "test_accuracy": float(last["monitor_accuracy"]),
                "parameters_hash": summary["parameters_hash"], "own_seconds": summary["seconds"],
                "stopped_early": "" if summary["status"] == "iteration_limit" else summary["status"]}


class Direct(Annmpi):
    """tests/benchmarks/direct_evaluation.cpp, which takes annmpi's command line and writes no files."""

    def program(self, job):
        return job.build / "tests" / "direct_evaluation"

    def answer(self, _, out):
        return {**json.loads(out.splitlines()[-1]), "stopped_early": ""}


SCIPY = "under SciPy's conjugate gradients"
EVERYONE = [
    Loop("loop", f"Python loop over the rows, NumPy within a row, {SCIPY}", "run_loop.py", ["scipy"]),
    Peer("numpy", f"vectorised NumPy, float64, {SCIPY}", "run_numpy.py", ["scipy"]),
    Peer("pytorch", f"PyTorch on the CPU, float64, gradient by formulas, {SCIPY}", "run_pytorch.py",
         ["torch", "scipy"], "float64"),
    Peer("pytorch-float32", f"PyTorch on the CPU, float32, gradient by formulas, {SCIPY}", "run_pytorch.py",
         ["torch", "scipy"], "float32", FLOAT32),
    OnRequest("pytorch-autograd", f"PyTorch on the CPU, float64, gradient by autograd, {SCIPY}", "run_pytorch.py",
              ["torch", "scipy"], "float64-autograd"),
    OnRequest("pytorch-float32-autograd", f"PyTorch on the CPU, float32, gradient by autograd, {SCIPY}",
              "run_pytorch.py", ["torch", "scipy"], "float32-autograd", FLOAT32),
    Peer("scikit-learn", "scikit-learn's MLPClassifier: a softmax, L-BFGS, another start, no test set measured",
         "run_scikit_learn.py", ["sklearn"], tolerance=None),
    Direct("annmpi-direct", "annmpi's kernels, but each trial evaluates cost and gradient from scratch"),
    Annmpi("annmpi-plain-sums", "annmpi, two passes an iteration, plain sums (compute.deterministic = false)",
           ["compute.deterministic=false"]),
    Annmpi("annmpi", "annmpi with its defaults: two passes, exact sums"),
    Annmpi("annmpi-mixed", "annmpi in mixed precision (compute.precision = \"mixed\")",
           ["compute.precision=\"mixed\""], tolerance=FLOAT32),
    Annmpi("annmpi-lean-start", "annmpi, with Open MPI restricted to shared memory", start="lean"),
    Annmpi("annmpi-alone", "annmpi, started without mpirun", start="alone"),
    Annmpi("annmpi-threads", "annmpi, one rank, a thread per core", on_one_core=False),
    Annmpi("annmpi-ranks", "annmpi, a rank per core", on_one_core=False, ranks=True),
    Annmpi("annmpi-mixed-threads", "annmpi in mixed precision, one rank, a thread per core",
           ["compute.precision=\"mixed\""], on_one_core=False, tolerance=FLOAT32),
    Annmpi("annmpi-mixed-ranks", "annmpi in mixed precision, a rank per core",
           ["compute.precision=\"mixed\""], on_one_core=False, ranks=True, tolerance=FLOAT32),
    Annmpi("annmpi-lean-ranks", "annmpi, a rank per core, with Open MPI restricted to shared memory",
           on_one_core=False, ranks=True, start="lean"),
]


def remembered(function):
    answers = {}

    def ask(*arguments):
        if arguments not in answers:
            answers[arguments] = function(*arguments)
        return answers[arguments]
    return ask


@remembered
def versions_of(modules):
    """{module: version}, or {"missing": why} if one cannot be imported."""
    program = ("import importlib, json, sys\n"
               "print(json.dumps({name: importlib.import_module(name).__version__ for name in sys.argv[1:]}))")
    done = subprocess.run([sys.executable, "-c", program, *modules], capture_output=True, text=True, check=False,
                          timeout=600)
    if done.returncode:
        return {"missing": (done.stderr.strip().splitlines() or ["Python failed"])[-1]}
    return json.loads(done.stdout.splitlines()[-1])


@remembered
def keys_of(program):
    """The configuration keys of this annmpi."""
    done = subprocess.run([program, "--print-config"], capture_output=True, text=True, check=False, timeout=600,
                          env={**os.environ, **EVERYONE[-1].environment(1)})
    return set(re.findall(r"^(\w+) = ", done.stdout, re.MULTILINE))


@remembered
def open_mpi_version():
    """The major version, or 0 if mpirun is not Open MPI's."""
    done = subprocess.run(["mpirun", "--version"], capture_output=True, text=True, check=False, timeout=600)
    found = re.search(r"Open MPI\)? v?(\d+)", done.stdout)
    return int(found.group(1)) if found else 0
