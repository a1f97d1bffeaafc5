"""Compares the results of two builds bit for bit."""
import concurrent.futures
import csv
import gzip
import json
import os
import re
import shutil
import time

import files
import grid
import inputs
import programs
from builds import Trouble

FACTS = ("status", "exit_status", "iterations", "evaluations", "parameters_hash", "selected_hash",
         "selected_iteration", "data_hash", "initial", "final", "selected", "test")
TARGETS = ("AMX", "AVX3", "AVX2")  # names of ANNMPI_SIMD_TARGET; AVX3 is AVX-512
EQUAL, DIFFERENT, FAILED, VARIES = "equal", "DIFFERENT", "FAILED", "varies"


class Comparison:
    """The comparisons made and their outcomes."""

    def __init__(self, before, after, folder):
        self.before, self.after, self.folder = before, after, folder
        self.counts = {}  # {(kind, outcome): count}
        self.complaints = []  # one line each
        self.left_out = []

    def leave_out(self, what):
        self.left_out.append(what)
        print(f"left out: {what}", flush=True)

    def by_both(self, call_of):
        """The results of a call with each build, run concurrently."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(pool.map(lambda build: call_of(build).run(build, self.folder), (self.before, self.after)))

    def note(self, kind, outcome, what="", reason="", call=None):
        self.counts[kind, outcome] = self.counts.get((kind, outcome), 0) + 1
        if outcome in (DIFFERENT, FAILED):
            line = f"{'different' if outcome == DIFFERENT else 'failed'}: {what} ({reason}): "
            self.complaints.append(line + call.shell(self.folder, self.before, self.after))

    def count(self, outcome):
        return sum(count for (_, one), count in self.counts.items() if one == outcome)


# ---- training ----------------------------------------------------------------------------------

def result_of(folder):
    """({fact: value}, metrics.csv without the seconds), or None if the run left no summary."""
    try:
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        with open(folder / "metrics.csv", encoding="utf-8", newline="") as file:
            metrics = [[(name, text) for name, text in row.items() if name != "seconds"]
                       for row in csv.DictReader(file)]
    except (OSError, ValueError):
        return None
    return {name: summary.get(name) for name in FACTS}, metrics


def first_difference(mine, theirs):
    """The first difference as text; "" if the results are equal. Hashes first, since people compare them."""
    for name in ("parameters_hash", "selected_hash"):
        if mine[0][name] != theirs[0][name]:
            return f"{name} {mine[0][name]} and {theirs[0][name]}"
    for row, (a, b) in enumerate(zip(mine[1], theirs[1])):
        if a != b:
            column, before, after = next(((x[0], x[1], y[1]) for x, y in zip(a, b) if x != y),
                                         ("its columns", len(a), len(b)))
            return f"metrics.csv, row {row}: {column} {before} and {after}"
    if len(mine[1]) != len(theirs[1]):
        return f"metrics.csv: {len(mine[1])} and {len(theirs[1])} rows"
    other = [name for name in FACTS if mine[0][name] != theirs[0][name]]
    return f"summary.json: {other[0]} {mine[0][other[0]]} and {theirs[0][other[0]]}" if other else ""


def train(comparison, run, side, build):
    output = comparison.folder / "runs" / f"{run.number}-{side}"
    shutil.rmtree(output, ignore_errors=True)
    done = run.call(str(output)).run(build, comparison.folder)
    return result_of(output), f"{build.side}: status {done.status}, {done.last_words()}"


def trained(comparison, run):
    """(outcome, reason) of training with both builds."""
    sides = [("before", comparison.before), ("after", comparison.after)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda side: train(comparison, run, *side), sides))
    missing = [why for result, why in results if result is None]
    if missing:
        return (FAILED if len(missing) == 2 else DIFFERENT), "; ".join(missing)
    difference = first_difference(results[0][0], results[1][0])
    if difference and run.may_vary:
        # Bits of plain sums over several ranks may vary: if they vary with one build, a difference proves nothing.
        again, why = train(comparison, run, "again", comparison.before)
        if again is None:
            return FAILED, why
        if first_difference(results[0][0], again):
            return VARIES, ""
    return (DIFFERENT, difference) if difference else (EQUAL, "")


def compare_predictions(comparison, run):
    """Runs annmpi-predict of both builds on the model that the reference build trained."""
    model = comparison.folder / "runs" / f"{run.number}-before" / "model.h5"
    start = int(time.time())
    results = comparison.by_both(lambda build: run.prediction(str(model), f"{build.side}.csv"))
    call = run.prediction(str(model), "again.csv")
    if all(done.status for done in results):
        return comparison.note("predictions", FAILED, f"prediction of run {run.number}", results[0].last_words(), call)
    reason = ""
    if results[0].status != results[1].status:
        reason = f"status {results[0].status} and {results[1].status}"
    elif results[0].out != results[1].out:
        reason = "another report"
    else:
        reason = files.difference(comparison.folder / "before.csv", comparison.folder / "after.csv", start - 1,
                                  time.time() + 1)
    return comparison.note("predictions", DIFFERENT if reason else EQUAL, f"prediction of run {run.number}", reason,
                           call)


def compare_runs(comparison, kind, runs):
    if not runs:
        return
    names = list(runs[0].row)
    widths = {name: max(len(name), *(len(run.row[name]) for run in runs)) for name in names}
    print(f"\n{'run':>4}  " + "  ".join(f"{name:{widths[name]}}" for name in names) + "  result", flush=True)
    for run in runs:
        outcome, reason = trained(comparison, run)
        print(f"{run.number:4}  " + "  ".join(f"{run.row[name]:{widths[name]}}" for name in names) + f"  {outcome}",
              flush=True)
        comparison.note(kind, outcome, f"run {run.number}", reason, run.call("again", "--overwrite"))
        if (comparison.folder / "runs" / f"{run.number}-before" / "model.h5").exists():
            compare_predictions(comparison, run)


def simd_targets(comparison):
    """Those of TARGETS that both builds and this processor support, or the best and the simplest supported ones."""
    known = []
    for build in (comparison.before, comparison.after):
        # For an unknown instruction set, annmpi lists those that it can use.
        call = programs.Call(["$build/bin/annmpi", "--config", "empty.toml", "--output", "none", "--set",
                              "data.train=train_uint8.h5"], **programs.of_ranks(), ANNMPI_SIMD_TARGET="unknown")
        found = re.search(r"is unknown; write one of ([A-Z0-9_, ]+)", call.run(build, comparison.folder).err)
        if not found:
            raise Trouble(f"{build.folder}/bin/annmpi does not name its instruction sets (ANNMPI_SIMD_TARGET=unknown)")
        known.append(found[1].strip().split(", "))
    both = [target for target in known[0] if target in known[1]]
    for target in TARGETS:
        if target not in both:
            comparison.leave_out(f"kernels for {target} (not of this processor, or not of both builds)")
    if not both:
        raise Trouble("the builds have no instruction set in common: " + "; ".join(map(", ".join, known)))
    return [target for target in TARGETS if target in both] or list(dict.fromkeys([both[0], both[-1]]))


def folder_of_driver(comparison):
    """The folder of libcuda.so.1, the substitute for NVIDIA's driver, the same for both; "" if runs on the emulated GPU
    are not possible."""
    sides = (comparison.before, comparison.after)
    for build in sides:
        emulated = build.folder / "tests" / "emulated"
        if not (os.access(emulated / "bin" / "annmpi", os.X_OK) and list(emulated.glob("lib*/annmpi/*annmpi_cuda*"))):
            comparison.leave_out(f"the emulated GPU ({emulated} has no program and module; build the tests with CUDA)")
            return ""
    drivers = [build.folder / "tests" / "fakes" for build in sides]
    found = next((str(driver) for driver in drivers if (driver / "libcuda.so.1").exists()), "")
    if not found:
        comparison.leave_out(f"the emulated GPU ({drivers[0]} and {drivers[1]} have no libcuda.so.1; build "
                             "test_fake_driver)")
    return found


# ---- converting --------------------------------------------------------------------------------

CONVERSIONS = [
    ["galaxies", "OUT.csv", "--rows", "40"],
    ["galaxies", "OUT.h5", "--rows", "40", "--seed", "3"],
    ["galaxies", "OUT.h5", "--rows", "100", "--image-size", "16"],
    ["csv", "train.csv", "OUT.h5"],
    ["csv", "train.csv", "OUT.h5", "--class-names", "elliptical,spiral,irregular", "--rows", "50:333"],
    ["csv", "train.csv", "OUT.h5", "--shuffle", "7"],
    ["csv", "train.csv", "OUT.h5", "--shuffle", "8", "--rows", "100:500", "--image-shape", "8,32"],
    ["csv", "train.csv", "OUT.h5", "--type", "float32", "--feature-scale", "0.25"],
    ["csv", "train.csv", "OUT.h5", "--type", "float64", "--shuffle", "1"],
    ["csv", "train_fractions.csv", "OUT.h5"],
    ["csv", "train_fractions.csv", "OUT.h5", "--type", "float64"],
    ["csv", "named.csv", "OUT.h5", "--label-column", "kind", "--class-names", "plain,round"],
    ["csv", "named.csv", "OUT.h5", "--label-column", "-1", "--class-names", "round,plain", "--type", "float64"],
    ["idx", "digits.images", "digits.labels", "OUT.h5"],
    ["idx", "digits.images.gz", "digits.labels", "OUT.h5", "--rows", "20:220"],
    ["idx", "digits.images", "digits.labels", "OUT.h5", "--class-names", "a,b,c,d,e,f,g,h,i,j"],
]
# Large enough for buckets on disk.
LARGE_CONVERSIONS = [["csv", "many.csv", "OUT.h5", "--type", "float64", "--shuffle", "5"]]


def compare_conversions(comparison, quick):
    folder = comparison.folder
    (folder / "digits.images.gz").write_bytes(gzip.compress((folder / "digits.images").read_bytes(), mtime=0))
    print(flush=True)
    for words in CONVERSIONS + ([] if quick else LARGE_CONVERSIONS):
        def call_to(output, words=words):
            return programs.Call(["$build/bin/annmpi-data", *(word.replace("OUT", output) for word in words),
                                  "--force"])

        title = "annmpi-data " + " ".join(words)
        suffix = next(word[3:] for word in words if word.startswith("OUT"))
        outputs = [folder / f"{build.side}{suffix}" for build in (comparison.before, comparison.after)]
        for output in outputs:
            output.unlink(missing_ok=True)
        start = int(time.time())
        results = comparison.by_both(lambda build: call_to(build.side))
        if all(done.status for done in results):
            outcome, reason = FAILED, results[0].last_words()
        elif any(done.status for done in results):
            outcome = DIFFERENT
            reason = f"status {results[0].status} and {results[1].status}"
        else:
            reason = files.difference(*outputs, start - 1, time.time() + 1)
            outcome = DIFFERENT if reason else EQUAL
        print(f"{title:110} {outcome}", flush=True)
        comparison.note("conversions", outcome, title, reason, call_to("again"))


# ---- all of it ---------------------------------------------------------------------------------

def verdict(comparison):
    kinds = list(dict.fromkeys(kind for kind, _ in comparison.counts))
    print(f"\n{'compared':24}" + "".join(f"{outcome:>12}" for outcome in (EQUAL, DIFFERENT, FAILED, VARIES)))
    for kind in kinds:
        print(f"{kind:24}" + "".join(f"{comparison.counts.get((kind, outcome), 0):12}"
                                     for outcome in (EQUAL, DIFFERENT, FAILED, VARIES)))
    for what in comparison.left_out:
        print(f"left out: {what}")
    if comparison.count(VARIES):
        print("varies: plain sums over several ranks, whose bits differ between repetitions of the reference build")
    for line in comparison.complaints:
        print(line)
    bad = comparison.count(DIFFERENT), comparison.count(FAILED)
    compared = f"{sum(comparison.counts.values())} results"
    if bad[0]:
        print(f"verdict: different ({bad[0]} of {compared}" + (f", {bad[1]} failed)" if bad[1] else ")"))
    elif bad[1]:
        print(f"verdict: not compared ({bad[1]} of {compared} failed in both builds, the others are equal)")
    else:
        varying = comparison.count(VARIES)
        print(f"verdict: equal ({compared}" + (f", {varying} vary between repetitions)" if varying else ")"))
    return 1 if any(bad) else 0


def compare(before, after, quick, folder):
    """Compares everything and prints the outcome; returns the exit status."""
    print(f"before: {before.folder}\nafter:  {after.folder}\nfiles:  {folder}", flush=True)
    comparison = Comparison(before, after, folder)
    if not shutil.which("mpirun"):
        raise Trouble("there is no mpirun in PATH")
    (folder / "runs").mkdir(exist_ok=True)
    inputs.write_training_sets(before, folder)
    inputs.write_conversions(before, folder, quick)
    compare_conversions(comparison, quick)
    targets = simd_targets(comparison)
    runs, covered, pairs = grid.on_cpus(targets, quick)
    print(f"\ntraining on CPUs: {len(runs)} runs, {covered} of {pairs} pairs of settings")
    compare_runs(comparison, "runs on CPUs", runs)
    driver = folder_of_driver(comparison)
    if driver:
        runs, covered, pairs = grid.on_gpus(driver, quick, len(runs) + 1)
        print(f"\ntraining on an emulated GPU: {len(runs)} runs, {covered} of {pairs} pairs of settings")
        compare_runs(comparison, "runs on GPUs", runs)
    return verdict(comparison)
