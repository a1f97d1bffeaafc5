#!/usr/bin/env python3
"""Compares two builds of annmpi: whether their results are equal bit for bit, or how fast one is relative to the other.

usage: tools/compare_builds.py bits  --before BUILD|COMMIT [--after BUILD|COMMIT] [--quick]
       tools/compare_builds.py speed --before BUILD|COMMIT [--after BUILD|COMMIT] [--runs 30] [--require 1.03]
"""

import argparse
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "compare_builds"), str(HERE / "compare")]
import bits  # noqa: E402
import builds  # noqa: E402
import programs  # noqa: E402
import speed  # noqa: E402

DESCRIPTION = """\
Compares two builds of annmpi. A build is either a folder in which annmpi was built (such as build/release), used as it
is, or a commit, which is checked out into a separate work tree and built there with the release preset. Without
--after, build/release of the working tree is updated and used.

bits   trains with both builds, with settings that cover all pairs (a covering array), on CPUs and on the emulated GPU,
       and compares hashes and metrics.csv; converts the same files and predicts with the same models
speed  alternates training runs and kernels of both builds; median ratio of the times and its 95 % interval"""
EPILOG = """\
exit status: 0 the results are equal, or the times were measured; 1 a result differs or is missing, or (with --require)
a time is not below the bound; 2 wrong use, or a build that fails"""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"compare_builds.py: {message} (see --help)\n")


def count(text):
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1 to 100000")
    return int(text)


def ratio(text):
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 1000:
        raise argparse.ArgumentTypeError(f"'{text}' is not a ratio above 0, like 1.03")
    return value


def parse():
    parser = Parser(prog="compare_builds.py", description=DESCRIPTION, epilog=EPILOG,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", metavar="bits|speed", required=True, parser_class=Parser)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--before", metavar="BUILD|COMMIT", required=True, help="the reference build")
    shared.add_argument("--after", metavar="BUILD|COMMIT", help="the other build (default: the working tree's)")
    shared.add_argument("--keep", metavar="FOLDER", type=pathlib.Path,
                        help="folder in which commits are checked out, built and kept (default: a temporary folder)")
    shared.add_argument("--jobs", metavar="N", type=count, default=len(os.sched_getaffinity(0)),
                        help="parallel compilations (default: one per CPU)")
    shared.add_argument("--work", metavar="FOLDER", type=pathlib.Path,
                        help="folder for data and runs, which is kept (default: a temporary folder, kept if a result"
                        " differs)")
    one = modes.add_parser("bits", parents=[shared], help="whether results are equal, bit for bit", epilog=EPILOG,
                           formatter_class=argparse.RawDescriptionHelpFormatter)
    one.add_argument("--quick", action="store_true", help="only the runs that cover the most pairs of settings")
    one = modes.add_parser("speed", parents=[shared], help="ratio of the times", epilog=EPILOG,
                           formatter_class=argparse.RawDescriptionHelpFormatter)
    one.add_argument("--runs", metavar="N", type=count, default=30, help="turns (default: 30)")
    one.add_argument("--require", metavar="RATIO", type=ratio,
                     help="exit status 1 unless the upper end of every interval is below this")
    one.add_argument("--cores", metavar="N", type=count, default=1, help="cores, one rank on each (default: 1)")
    one.add_argument("--iterations", metavar="N", type=count, default=300, help="of the galaxies (default: 300)")
    one.add_argument("--epochs", metavar="N", type=count, default=10, help="of the digits (default: 10)")
    one.add_argument("--kernels", metavar="REGEX", default=speed.KERNELS,
                     help="regular expression of kernels in tests/bench_kernels (default: some of 8, 32 and 128 units)")
    one.add_argument("--kernel-seconds", metavar="S", type=ratio, default=0.1, help="time per kernel (default: 0.1)")
    one.add_argument("--only", metavar="WHAT", nargs="+", choices=("galaxies", "digits", "kernels"),
                     default=["galaxies", "digits", "kernels"], help="of galaxies, digits, kernels (default: all)")
    one.add_argument("--quick", action="store_true", help="short runs, to test the comparison itself")
    asked = parser.parse_args()
    asked.bound = 1.03
    if asked.mode == "speed" and asked.require and asked.runs < speed.FEWEST_RUNS:
        one.error(f"--require needs --runs {speed.FEWEST_RUNS} or more: fewer give no interval")
    return asked


def wanted_targets(mode):
    return builds.PROGRAMS + (builds.EMULATED if mode == "bits" else builds.BENCHMARKS)


def work_folder(asked):
    """The folder for data and runs, and whether it may be removed."""
    if asked is None:
        return pathlib.Path(tempfile.mkdtemp(prefix="annmpi-compare-")), True
    try:
        asked.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise builds.Trouble(f"--work {asked}: cannot be written to ({error.strerror.lower()})") from None
    return asked.absolute(), False


def compare(asked, folder):
    with contextlib.ExitStack() as stack:  # removes temporary work trees at its end
        before, after = (builds.find(side, getattr(asked, side), wanted_targets(asked.mode), asked, stack)
                         for side in ("before", "after"))
        if asked.mode == "bits":
            return bits.compare(before, after, asked.quick, folder)
        return speed.compare(before, after, asked, folder)


def main():
    asked = parse()
    folder, may_go, status = None, False, 2
    try:
        folder, may_go = work_folder(asked.work)
        status = compare(asked, folder)
        return status
    except builds.Trouble as trouble:
        print(f"compare_builds.py: {trouble}", file=sys.stderr)
        return 2
    except programs.Failure as failure:
        print(f"compare_builds.py: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        # The commands printed for a difference need the files there.
        if may_go and not (status == 1 and asked.mode == "bits"):
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
