"""Runs the contestants alternately, and describes the machine."""

import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

from contestants import versions_of

# Shell settings that would favour or slow down a contestant; without them each library chooses for itself.
NOT_HANDED_ON = ("OPENBLAS_CORETYPE", "OPENBLAS_VERBOSE", "OMP_PROC_BIND", "OMP_PLACES", "OMP_SCHEDULE",
                 "GOMP_CPU_AFFINITY", "KMP_AFFINITY", "MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR", "ATEN_CPU_CAPABILITY",
                 "PYTHONPROFILEIMPORTTIME", "PYTHONDEVMODE")
# Early enough for rounding not to have been amplified by the line searches.
CHECKED_ITERATION = 10
LONGEST_RUN = 3600  # seconds


class Failure(Exception):
    """A contestant failed."""


def usable_cpus():
    """The CPUs that this process may use: first one per core, then their hardware siblings."""
    cpus, seen, others = [], set(), []
    for cpu in sorted(os.sched_getaffinity(0)):
        path = pathlib.Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        core = path.read_text(encoding="ascii") if path.exists() else str(cpu)
        (others if core in seen else cpus).append(cpu)
        seen.add(core)
    return cpus + others


def run_once(contestant, job, cores, iterations):
    """One whole run: {whole_seconds, iterations, evaluations, training_seconds, train_cost, ...}."""
    environment = {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON}
    environment |= contestant.environment(cores)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="running-", dir=job.output))
    everywhere = os.sched_getaffinity(0)
    try:
        command = contestant.command(job, cores, iterations, folder)
        os.sched_setaffinity(0, job.cpus[:cores])  # the child inherits it
        start = time.perf_counter()
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=LONGEST_RUN)
        whole = time.perf_counter() - start
        if done.returncode:
            words = [line for line in (done.stderr + done.stdout).splitlines() if line.strip(" -")]
            raise Failure(f"status {done.returncode}: {' / '.join(words[-3:]) or 'no message'}")
        answer = contestant.answer(folder, done.stdout)
    except subprocess.TimeoutExpired:
        raise Failure(f"no end after {LONGEST_RUN} s") from None
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise Failure(f"its answer cannot be read ({error!r})") from None
    finally:
        os.sched_setaffinity(0, everywhere)
        shutil.rmtree(folder, ignore_errors=True)
    if answer["iterations"] < 1:
        raise Failure(f"it made no iteration ({answer['stopped_early']})")
    costs = answer.pop("train_costs")
    answer["train_cost"] = costs[-1]
    answer["checked_iteration"] = min(CHECKED_ITERATION, len(costs) - 1)
    answer["checked_cost"] = costs[answer["checked_iteration"]]
    return {"whole_seconds": whole, "milliseconds_per_iteration": 1e3 * answer["training_seconds"] /
            answer["iterations"], **answer}


def rounds(contestants, job):
    """Yields (cores, iterations, repetition, contestants in their order). All contestants run within each
    repetition, so that changes of the machine's speed affect all of them; each repetition starts with another one."""
    for cores in job.cores:
        there = [one for one in contestants if one.plays_on(cores)]
        for position, iterations in enumerate(job.iterations):
            for repetition in range(job.runs):
                turn = [one for one in there
                        if one.most_runs is None or (position == 0 and repetition < one.most_runs)]
                shift = repetition % max(1, len(turn))
                yield cores, iterations, repetition, turn[shift:] + turn[:shift]


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        return (done.stdout.strip().splitlines() or [""])[0]
    except OSError:
        return ""


def machine(job, contestants):
    versions = {"python": platform.python_version()}
    for one in contestants:
        versions |= versions_of(tuple(getattr(one, "modules", ())))
    versions.pop("missing", None)
    annmpi = job.build / "bin" / "annmpi"
    if annmpi.exists():
        versions["annmpi"] = first_line(str(annmpi), "--version").removeprefix("annmpi ")
        versions["mpirun"] = first_line("mpirun", "--version").removeprefix("mpirun ")
    return {"processor": processor(), "cpus": os.cpu_count(), "cpus_used": job.cpus[:max(job.cores)],
            "system": f"{platform.system()} {platform.release()}", "python": sys.executable,
            "load_average_before": os.getloadavg()[0], "versions": versions,
            "not_handed_on": {name: os.environ[name] for name in NOT_HANDED_ON if name in os.environ}}
