"""Compares the speed of two builds: alternating runs, and the ratio of their times."""
import json
import os
import random
import re
import shutil
import statistics

import inputs
import launch
import measure
import programs
from builds import TREE, Trouble

SEED = 917
RESAMPLES = 5000
FEWEST_RUNS = 6  # with fewer, the bootstrap gives no 95 % interval
KERNELS = (r"^((forward|backward)_(uint8|bytes)(_mixed)?/8/2700|trial/8/2700|sigmoid"
           r"|(bytes|narrow|wide)/(32|128)x784/(forward|gradient))$")


MEAN = "kernels, geometric mean"


class Program:
    """A training run; its time is "seconds" in summary.json."""

    def __init__(self, name, config, train, test, settings):
        self.name, self.config, self.settings = name, config, [f"data.train={train}", f"data.test={test}", *settings]

    def missing(self, build):
        program = build.folder / "bin" / "annmpi"
        return "" if os.access(program, os.X_OK) else f"{program} is not there"

    def measure(self, build, folder, cores):
        """{name: seconds}, and the hash of the results."""
        output = folder / f"run-{build.side}"
        shutil.rmtree(output, ignore_errors=True)
        # The process is restricted to the cores to use, as in tools/compare.py.
        done = programs.Call(["mpirun", "-n", cores, "--bind-to", "none", "$build/bin/annmpi", "--config",
                              TREE / "configs" / self.config, "--quiet", "--output", output, "--set", *self.settings,
                              "compute.device=cpu", "compute.threads=1"],
                             **launch.of_root(), OMP_NUM_THREADS="1", CUDA_VISIBLE_DEVICES="").run(build, folder)
        try:
            summary = json.loads((output / "summary.json").read_text(encoding="utf-8"))
            return {self.name: float(summary["seconds"]["training"])}, summary["parameters_hash"]
        except (OSError, ValueError, KeyError):
            raise programs.Failure(f"{build.side}, {self.name}: status {done.status}, {done.last_words()}") from None


class Kernels:
    """tests/bench_kernels: the best time of each kernel that exists in both builds under this name."""

    name = "kernels"

    def __init__(self, chosen, seconds):
        self.chosen, self.seconds = chosen, seconds

    def missing(self, build):
        program = build.folder / "tests" / "bench_kernels"
        return "" if os.access(program, os.X_OK) else f"{program} is not there (it needs Google Benchmark)"

    def measure(self, build, folder, _):
        output = folder / f"kernels-{build.side}.json"
        output.unlink(missing_ok=True)
        done = programs.Call(["$build/tests/bench_kernels", f"--benchmark_filter={self.chosen}",
                              f"--benchmark_min_time={self.seconds}", f"--benchmark_out={output}",
                              "--benchmark_out_format=json"], OMP_NUM_THREADS="1").run(build, folder)
        try:
            found = json.loads(output.read_text(encoding="utf-8"))["benchmarks"]
            return {f"kernel {one['name']}": float(one["best_ms"]) / 1e3 for one in found}, ""
        except (OSError, ValueError, KeyError):
            raise programs.Failure(f"{build.side}, bench_kernels: status {done.status}, {done.last_words()}") from None


def set_of(folder, name):
    """The real set if tools/fetch_data.sh has downloaded it, else the synthetic one of inputs()."""
    real = TREE / "data" / f"{name}.h5"
    return real if real.exists() else folder / f"{name}.h5"


def make_sets(build, folder):
    """Generates synthetic sets of the shapes of missing real ones."""
    for name, rows, seed in (("galaxy_train", 2700, 1), ("galaxy_test", 600, 2)):
        if not set_of(folder, name).exists():
            inputs.convert(build, folder, "galaxies", f"{name}.h5", "--rows", rows, "--seed", seed)
    for name, rows, seed in (("mnist_train", 8000, 1), ("mnist_test", 2000, 2)):
        if not set_of(folder, name).exists():
            inputs.write_digits(folder, name, rows, seed=seed)
            inputs.convert(build, folder, "idx", f"{name}.images", f"{name}.labels", f"{name}.h5")


def interval(ratios):
    """The median of the ratios, and its 95 % interval by the percentile bootstrap (Efron 1979)."""
    median = statistics.median(ratios)
    if len(ratios) < FEWEST_RUNS:
        return median, None, None
    chance = random.Random(SEED)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(RESAMPLES))
    return median, medians[int(0.025 * RESAMPLES)], medians[int(0.975 * RESAMPLES)]


def take_turns(contest, builds, options, folder):
    """{side: [{name: seconds}]}; each turn runs both builds, in the order A B, B A, A B, ..."""
    found, hashes = {build.side: [] for build in builds}, {build.side: set() for build in builds}
    for build in builds:
        contest.measure(build, folder, options.cores)  # warms the page cache
    for turn in range(options.runs):
        for build in builds if turn % 2 == 0 else builds[::-1]:
            seconds, computed = contest.measure(build, folder, options.cores)
            found[build.side].append(seconds)
            hashes[build.side].add(computed)
        print(f"  {contest.name}: turn {turn + 1} of {options.runs}", flush=True)
    if hashes["before"] != hashes["after"]:
        print(f"  {contest.name}: the builds compute different parameters, see 'bits'", flush=True)
    return found


def rows_of(found):
    """(name, seconds before, seconds after, ratios) of everything in both builds, and of the mean of several."""
    names = [name for name in found["before"][0] if name in found["after"][0]]
    if len(names) > 1:
        for seconds in found["before"] + found["after"]:
            seconds[MEAN] = statistics.geometric_mean([seconds[name] for name in names])
        names.append(MEAN)
    for name in names:
        before, after = ([seconds[name] for seconds in found[side]] for side in ("before", "after"))
        yield name, statistics.median(before), statistics.median(after), [b / a for a, b in zip(before, after)]


def contests_of(folder, options):
    iterations = 20 if options.quick else options.iterations
    galaxies = Program("galaxies, cg", "galaxy.toml", set_of(folder, "galaxy_train"), set_of(folder, "galaxy_test"),
                       [f"optimizer.max_iterations={iterations}"])
    digits = Program("digits, adam", "mnist_adam.toml", set_of(folder, "mnist_train"), set_of(folder, "mnist_test"),
                     [f"optimizer.epochs={1 if options.quick else options.epochs}"])
    kernels = Kernels(options.kernels, 0.01 if options.quick else options.kernel_seconds)
    return [one for one in (galaxies, digits, kernels) if one.name.split(",")[0] in options.only]


def compare(before, after, options, folder):
    """Prints the table; returns the exit status."""
    try:
        re.compile(options.kernels)
    except re.error as error:
        raise Trouble(f"--kernels {options.kernels}: not a regular expression ({error})") from None
    print(f"before: {before.folder}\nafter:  {after.folder}", flush=True)
    make_sets(before, folder)
    builds, bound = [before, after], options.require or options.bound
    cpus = measure.usable_cpus()
    if options.cores > len(cpus):
        raise Trouble(f"--cores {options.cores}: only {len(cpus)} are available to this process")
    everywhere, rows = os.sched_getaffinity(0), []
    os.sched_setaffinity(0, cpus[:options.cores])  # the children inherit it
    try:
        for contest in contests_of(folder, options):
            why = contest.missing(before) or contest.missing(after)
            if why:
                print(f"left out: {contest.name} ({why})", flush=True)
                continue
            rows += rows_of(take_turns(contest, builds, options, folder))
    finally:
        os.sched_setaffinity(0, everywhere)
    if not rows:
        raise Trouble("there is nothing to measure (everything is left out)")
    print(f"\n{'':36} {'before, s':>11} {'after, s':>11} {'after/before':>13} {'95 % interval':>18}   below {bound:g}")
    slow, unknown = [], options.runs < FEWEST_RUNS
    for name, mine, theirs, ratios in rows:
        median, low, high = interval(ratios)
        spread = f"{low:.3f} to {high:.3f}" if low is not None else f"({len(ratios)} runs)"
        below = "unknown" if high is None else "yes" if high < bound else "no"
        print(f"{name:36} {mine:11.6f} {theirs:11.6f} {median:13.3f} {spread:>18}   {below}")
        if below != "yes":
            slow.append(name)
    print(f"medians over {options.runs} turns; the interval is for the median of the ratios within a turn"
          + ("" if options.runs >= FEWEST_RUNS else f", which needs {FEWEST_RUNS} turns"))
    print("verdict: " + ("unknown (too few turns)" if unknown else
                         f"not below {bound:g}: {len(slow)} of {len(rows)} ({'; '.join(slow)})" if slow else
                         f"all {len(rows)} below {bound:g}"))
    return 1 if slow and options.require else 0
