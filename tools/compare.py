#!/usr/bin/env python3
"""Times whole training runs of the galaxy network with annmpi and other programs, alternating between them.

usage: tools/compare.py --data TRAIN.h5 --test TEST.h5 [--build build/release] [--runs 5] [--iterations 50 300 600]
"""

import argparse
import difflib
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "compare"))
import contestants  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402

DESCRIPTION = """\
Times whole training runs of the galaxy network (configs/galaxy.toml) with annmpi and other programs: NumPy and
SciPy, PyTorch, scikit-learn, a plain Python loop. All start from the same parameters and measure the test set after
every iteration. The script alternates between the contestants, so that changes of the machine's speed affect all of
them. Python contestants run in the interpreter that runs this script; those that cannot be imported are left out
with a message.

Writes comparison.md (tables), comparison.json (every single run), comparison.png and .svg (a figure)."""
EPILOG = """\
exit status: 0 success; 1 a contestant failed, or did different work than the others; 2 wrong input"""


class Trouble(Exception):
    """An error that the user can correct, as one sentence."""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"compare.py: {message} (see --help)\n")


def count(text):
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 to 100000")
    return int(text)


def parse():
    parser = Parser(prog="compare.py", description=DESCRIPTION, epilog=EPILOG,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", metavar="TRAIN.h5", help="the training set")
    parser.add_argument("--test", metavar="TEST.h5", help="the test set")
    parser.add_argument("--build", metavar="FOLDER", type=pathlib.Path, default=contestants.TREE / "build" / "release",
                        help="build folder of annmpi (default: build/release of this tree)")
    parser.add_argument("--runs", metavar="N", type=count, help="repetitions (default: 5)")
    parser.add_argument("--iterations", metavar="N", type=count, nargs="+",
                        help="numbers of iterations to train (default: 50 300 600)")
    parser.add_argument("--cores", metavar="N", type=count, nargs="+",
                        help="numbers of cores, each with a section of the report (default: 1 2 if there are two)")
    parser.add_argument("--only", metavar="NAME", nargs="+", help="run only these contestants")
    parser.add_argument("--skip", metavar="NAME", nargs="+", default=[], help="skip these contestants")
    parser.add_argument("--list", action="store_true", help="list the contestants and exit")
    parser.add_argument("--quick", action="store_true",
                        help="trial run: by default 1 run of 20 iterations on 1 core")
    parser.add_argument("--output", metavar="FOLDER", type=pathlib.Path, default=pathlib.Path("runs/comparison"),
                        help="output folder; an earlier comparison is overwritten (default: runs/comparison)")
    parser.add_argument("--redraw", action="store_true",
                        help="measure nothing; make tables and figure again from the comparison.json of --output")
    return parser.parse_args()


def data_file(path, option):
    if not path:
        raise Trouble(f"{option} is missing; name an HDF5 file (annmpi-data converts CSV files, or generates galaxies)")
    try:
        with open(path, "rb") as file:
            if file.read(4) != b"\x89HDF":
                raise Trouble(f"{path}: not an HDF5 file ({option}); make one with annmpi-data")
    except OSError as error:
        raise Trouble(f"{path}: {error.strerror.lower()} ({option})") from None
    return os.path.abspath(path)


def named(names, option):
    known = [one.name for one in contestants.EVERYONE]
    for name in names:
        if name not in known:
            nearest = difflib.get_close_matches(name, known, 1, 0)[0]
            raise Trouble(f"{option}: there is no contestant '{name}'; did you mean {nearest}? (--list names all)")
    return names


class Job:
    """The validated command line: what to measure."""

    def __init__(self, asked):
        self.runs = asked.runs or (1 if asked.quick else 5)
        self.iterations = sorted(set(asked.iterations or ([20] if asked.quick else [50, 300, 600])))
        self.cpus = measure.usable_cpus()
        self.cores = sorted(set(asked.cores or ([1] if asked.quick or len(self.cpus) < 2 else [1, 2])))
        if self.cores[-1] > len(self.cpus):
            raise Trouble(f"--cores {self.cores[-1]}: this process may use {report.plural(len(self.cpus), 'CPU')}")
        only, skip = named(asked.only or [], "--only"), named(asked.skip, "--skip")
        self.asked = [one for one in contestants.EVERYONE
                      if (one.name in only if only else one.by_default) and one.name not in skip]
        self.train, self.test = data_file(asked.data, "--data"), data_file(asked.test, "--test")
        self.build, self.output = asked.build.absolute(), asked.output
        try:
            self.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Trouble(f"{self.output}: cannot be written to ({error.strerror.lower()}); name another with "
                          "--output") from None


def write(path, text):
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)


def save(comparison, output):
    write(output / "comparison.json", json.dumps(comparison, indent=1) + "\n")


def write_report(comparison, output):
    """Writes the tables and the figure, and prints their paths."""
    text = report.markdown(comparison)
    write(output / "comparison.md", text)
    print("\n" + "\n".join(report.in_short(comparison)) + "\n")
    print(output / "comparison.md")
    try:
        import figure
    except ImportError as missing:
        print(f"compare.py: no figure ({missing}); install matplotlib, then --redraw", file=sys.stderr)
        return
    figure.draw(comparison, [output / "comparison.png", output / "comparison.svg"])
    print(output / "comparison.png")


def take_part(job):
    """Returns the contestants that can run, and why the others cannot."""
    able, left_out = [], {}
    for one in job.asked:
        if not any(one.plays_on(cores) for cores in job.cores):
            continue
        why = one.missing(job)
        if why:
            left_out[one.name] = why
            print(f"left out: {one.name} ({why})", flush=True)
        else:
            able.append(one)
    if not able:
        raise Trouble("there is nothing to compare (all contestants are left out); install their packages, or build "
                      "annmpi")
    return able, left_out


def measure_all(job):
    able, left_out = take_part(job)
    comparison = {
        "machine": measure.machine(job, able), "train": job.train, "test": job.test, "cores": job.cores,
        "iterations": job.iterations, "repetitions": job.runs, "left_out": left_out, "runs": [],
        "contestants": [{"name": one.name, "what": one.what, "tolerance": one.tolerance} for one in able]}
    failed = {}
    for cores, iterations, repetition, turn in measure.rounds(able, job):
        print(f"{report.plural(cores, 'core')}, {report.plural(iterations, 'iteration')}, run {repetition + 1} of "
              f"{job.runs}", flush=True)
        for one in turn:
            if one.name in failed:
                continue
            try:
                found = measure.run_once(one, job, cores, min(iterations, one.most_iterations or iterations))
            except measure.Failure as failure:
                failed[one.name] = comparison["left_out"][one.name] = f"it failed ({failure})"
                print(f"compare.py: {one.name} failed ({failure})", file=sys.stderr, flush=True)
                continue
            comparison["runs"].append({"contestant": one.name, "cores": cores, "asked_iterations": iterations,
                                       "repetition": repetition, **found})
            print(f"    {one.name:24} {found['whole_seconds']:8.2f} s  {found['milliseconds_per_iteration']:9.3f} ms "
                  "an iteration", flush=True)
            save(comparison, job.output)
    comparison["machine"]["load_average_after"] = os.getloadavg()[0]
    save(comparison, job.output)
    return comparison, bool(failed)


def stored(output):
    path = output / "comparison.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Trouble(f"{path}: {error.strerror.lower()} (--redraw needs an earlier comparison)") from None
    except ValueError as error:
        raise Trouble(f"{path}: not a JSON file ({error}); measure again") from None


def main():
    asked = parse()
    try:
        if asked.list:
            for one in contestants.EVERYONE:
                print(f"{one.name:26}{one.what}{'' if one.by_default else ' (with --only)'}")
            return 0
        if asked.redraw:
            write_report(stored(asked.output), asked.output)
            return 0
        job = Job(asked)
        comparison, failed = measure_all(job)
        if not comparison["runs"]:
            print("compare.py: nothing was measured (all contestants failed)", file=sys.stderr)
            return 1
        write_report(comparison, job.output)
        different = report.differing(comparison)
        for sentence in different:
            print(f"compare.py: different work: {sentence}", file=sys.stderr)
        return 1 if failed or different else 0
    except Trouble as trouble:
        print(f"compare.py: {trouble}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("compare.py: stopped; comparison.json has the finished runs (--redraw makes tables from them)",
              file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
