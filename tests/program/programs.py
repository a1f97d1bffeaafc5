"""Runs the programs as users start them. For the tests beside this file.

The environment gives the locations: ANNMPI_TEST_BIN the folder of the programs,
ANNMPI_TEST_MPIEXEC mpiexec, ANNMPI_TEST_SANITIZED whether they were built with sanitizers.
"""
import csv
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import h5py
    import numpy as np
except ImportError as missing:
    print(f"SKIPPED: {missing} (python3-h5py and python3-numpy make the data of these tests)")
    sys.exit(77)

TREE = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = TREE / "tests" / "golden"
BIN = pathlib.Path(os.environ.get("ANNMPI_TEST_BIN", TREE / "build" / "release" / "bin"))
MPIEXEC = os.environ.get("ANNMPI_TEST_MPIEXEC", "mpiexec")
SANITIZED = os.environ.get("ANNMPI_TEST_SANITIZED", "") not in ("", "0", "OFF")
# Long enough for a loaded machine: detects hangs, does not measure speed.
TIMEOUT = 300
# Open MPI's mpiexec sleeps for two seconds after a rank's status other than 0, for ranks that are
# still running; here all have passed MPI_Finalize.
NO_SLEEP = {"OMPI_MCA_odls_base_sigkill_timeout": "0"}

RUN_FILES = ["config.toml", "metrics.csv", "model.h5", "summary.json"]
COLUMNS = ["iteration", "evaluations", "seconds", "train_cost", "train_accuracy", "monitor_cost",
           "monitor_accuracy", "gradient_norm", "step"]


class Hang(AssertionError):
    pass


class Done:
    """The result of a program: its status and its output."""

    def __init__(self, command, status, out, err):
        self.command, self.status, self.out, self.err = command, status, out, err

    @property
    def complaints(self):
        """The lines of standard error, without the frames in which mpiexec reports a status, and
        without occasional messages of its event loop about closed files on a busy machine."""
        framed, lines = False, []
        for line in self.err.splitlines():
            if re.fullmatch(r"-{20,}", line):
                framed = not framed
            elif not framed and line.strip() and not line.startswith("[warn] Epoll "):
                lines.append(line)
        return lines

    def __str__(self):
        return (f"{' '.join(self.command)}\nstatus {self.status}\n"
                f"--- standard output\n{self.out}--- standard error\n{self.err}---")


def environment(parallel, **extra):
    # All ranks are on one machine: no probing for networks, which takes as long as starting them.
    variables = {"OMPI_MCA_pml": "ob1", **os.environ, **extra}
    if not parallel:
        # MPI leaks at exit; programs without MPI must not.
        variables.pop("ASAN_OPTIONS", None)
    return variables


def annmpi_command(ranks, *arguments):
    launcher = [MPIEXEC, "-n", str(ranks)] if ranks else []
    return [*launcher, str(BIN / "annmpi"), *map(str, arguments)]


def start(command, folder, parallel=True, prefix=(), **extra):
    """A running program, in a process group of its own."""
    return subprocess.Popen([*prefix, *command], cwd=folder, text=True, env=environment(parallel, **extra),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            start_new_session=True)


def finish(process, timeout=TIMEOUT):
    """Waits for a started program; on a hang, ends its whole group and fails."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            out, err = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
        raise Hang(f"HANG: no end after {timeout} s: {Done(process.args, 'none', out, err)}") from None
    return Done(process.args, process.returncode, out, err)


def run(command, folder, parallel=False, prefix=(), **extra):
    return finish(start(command, folder, parallel, prefix, **extra))


def listing(folder):
    """Every file below a folder with its size and time, to check that nothing was changed."""
    return {str(path.relative_to(folder)): (path.is_dir(), None if path.is_dir() else path.stat().st_size,
                                            None if path.is_dir() else path.stat().st_mtime_ns)
            for path in sorted(pathlib.Path(folder).rglob("*"))}


def write_data(path, features, labels, classes=None, scale=None, **attributes):
    """A minimal data file, as written by other software, without checksums."""
    with h5py.File(path, "w") as file:
        file["features"], file["labels"] = features, labels
        file.attrs["annmpi_schema"] = 1
        if scale is not None:
            file.attrs["feature_scale"] = scale
        if classes is not None:
            file.attrs["class_names"] = classes
        for name, value in attributes.items():
            file.attrs[name] = value


def blobs(rows, features=20, classes=3, seed=0, noise=40.0):
    """Bytes around one random pattern per class: (features, labels). No network fits them at once."""
    random = np.random.RandomState(seed)
    centres = np.random.RandomState(1234).randint(60, 196, (classes, features))
    labels = np.arange(rows) % classes
    values = centres[labels] + random.normal(0, noise, (rows, features))
    return np.clip(values, 0, 255).astype(np.uint8), labels.astype(np.uint8)


def metrics(folder):
    """metrics.csv as a list of numbers per column; None for empty fields. Mini-batches have an additional
    column, which is left out."""
    with open(pathlib.Path(folder) / "metrics.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] in (COLUMNS, [*COLUMNS, "epoch"]), rows[0]
    columns = {name: [] for name in COLUMNS}
    for row in rows[1:]:
        assert len(row) == len(rows[0]), row
        for name, text in zip(COLUMNS, row):
            number = int if name in ("iteration", "evaluations") else float
            columns[name].append(number(text) if text else None)
    return columns


def summary(folder):
    return json.loads((pathlib.Path(folder) / "summary.json").read_text(encoding="utf-8"))


def wait_until(condition, what, process=None, timeout=TIMEOUT):
    end = time.monotonic() + timeout
    while not condition():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"ended before {what}: {finish(process)}")
        if time.monotonic() > end:
            if process is not None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
            raise Hang(f"HANG: {what} did not come about in {timeout} s")
        time.sleep(0.02)


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def ranks_of(process):
    """The processes of annmpi below this mpiexec."""
    children = {}
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
        except OSError:
            continue  # has ended meanwhile
        name, after = text.rsplit(")", 1)
        children.setdefault(int(after.split()[1]), []).append((int(status.parent.name), name.split("(", 1)[1]))
    found, waiting = [], [process.pid]
    while waiting:
        for pid, name in children.get(waiting.pop(), []):
            waiting.append(pid)
            if name == "annmpi":
                found.append(pid)
    return sorted(found)


class ProgramTest(unittest.TestCase):
    """A test with a temporary folder, which is the current folder of the programs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="annmpi test ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def annmpi(self, ranks, *arguments, **extra):
        """annmpi on so many ranks; 0: without mpiexec."""
        return run(annmpi_command(ranks, *arguments), self.folder, parallel=True, **NO_SLEEP, **extra)

    def data_tool(self, *arguments, **extra):
        return run([str(BIN / "annmpi-data"), *map(str, arguments)], self.folder, **extra)

    def predict(self, *arguments, **extra):
        return run([str(BIN / "annmpi-predict"), *map(str, arguments)], self.folder, **extra)

    def assert_done(self, done, status=0):
        self.assertEqual(done.status, status, done)
        return done

    def train(self, ranks, output, *arguments, status=0, config="run.toml", **extra):
        """Trains into a folder and checks that it holds a complete run."""
        done = self.annmpi(ranks, "--config", config, "--output", output, *arguments, **extra)
        self.assert_done(done, status)
        self.assertEqual(done.complaints, [], done)
        self.assertEqual(sorted(path.name for path in (self.folder / output).iterdir()), RUN_FILES)
        return done

    def simd_targets(self):
        """The instruction sets of this build that the processor supports, best first. The emulation of AMX in C++,
        AMX_EMULATED, is not among them."""
        done = self.annmpi(1, "--config", "run.toml", "--output", "none", ANNMPI_SIMD_TARGET="unknown")
        self.assertEqual(done.status, 2, done)
        names = re.search(r"ANNMPI_SIMD_TARGET=unknown: is unknown; write one of ([A-Z0-9_, ]+)$", done.complaints[0])
        self.assertIsNotNone(names, done)
        return names[1].split(", ")

    def assert_refused(self, done, words, before):
        """Expects one line of error, status 2, and no trace of a run."""
        self.assertEqual(done.status, 2, done)
        self.assertEqual(len(done.complaints), 1, done)
        self.assertIn("error: ", done.complaints[0])
        self.assertIn(words, done.complaints[0])
        self.assertNotIn("internal error", done.complaints[0])
        self.assertEqual(listing(self.folder), before, done)


def main():
    for program in ("annmpi", "annmpi-data", "annmpi-predict"):
        if not (BIN / program).exists():
            print(f"{BIN / program} does not exist; build it, or set ANNMPI_TEST_BIN", file=sys.stderr)
            sys.exit(2)
    if shutil.which(MPIEXEC) is None:
        print(f"{MPIEXEC} does not exist; set ANNMPI_TEST_MPIEXEC", file=sys.stderr)
        sys.exit(2)
    unittest.main(verbosity=2)
