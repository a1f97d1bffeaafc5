#!/usr/bin/env python3
"""Times L-BFGS on the digits network with annmpi and scikit-learn on one core, alternating between them.

usage: tools/compare_lbfgs.py --data TRAIN.h5 --test TEST.h5 [--build build/release] [--runs 3] [--iterations 50]

The network is that of configs/mnist_lbfgs.toml, in float64. annmpi measures the test set after every iteration,
scikit-learn does not. Run this script with a Python that has scikit-learn. Exit status: 0, or 1 if a program failed.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile
import types

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "compare"))
import contestants  # noqa: E402
import measure  # noqa: E402


class Digits(contestants.Annmpi):
    def command(self, job, cores, iterations, folder):
        settings = ["compute.device=cpu", f"compute.threads={cores}", f"data.train={job.train}", f"data.test={job.test}"]
        return [*self.launcher(cores), str(self.program(job)), "--config",
                str(contestants.TREE / "configs" / "mnist_lbfgs.toml"), "--quiet", "--max-iterations", str(iterations),
                "--output", str(folder / "run"), *(word for setting in settings for word in ("--set", setting))]


EVERYONE = [Digits("annmpi", "annmpi, configs/mnist_lbfgs.toml"),
            contestants.Peer("scikit-learn", "MLPClassifier, solver lbfgs", "run_scikit_learn.py", ["sklearn"],
                             "digits", tolerance=None)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--test", required=True, type=pathlib.Path)
    parser.add_argument("--build", type=pathlib.Path, default=contestants.TREE / "build" / "release")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=50)
    asked = parser.parse_args()
    able, found = [], {}
    with tempfile.TemporaryDirectory() as folder:
        job = types.SimpleNamespace(train=str(asked.data.absolute()), test=str(asked.test.absolute()),
                                    build=asked.build.absolute(), output=folder, cpus=measure.usable_cpus())
        for one in EVERYONE:
            why = one.missing(job)
            print(f"left out: {one.name} ({why})" if why else f"{one.name}: {one.what}", flush=True)
            if not why:
                able.append(one)
        for repetition in range(asked.runs):
            for one in able[::-1] if repetition % 2 else able:
                try:
                    run = measure.run_once(one, job, 1, asked.iterations)
                except measure.Failure as failure:
                    print(f"compare_lbfgs.py: {one.name} failed ({failure})", file=sys.stderr)
                    return 1
                found.setdefault(one.name, []).append(run)
                print(f"  {one.name:14} {run['milliseconds_per_iteration']:8.2f} ms an iteration, {run['iterations']} "
                      f"iterations, training cost {run['train_cost']:.5f}, test accuracy {run['test_accuracy']:.4f}",
                      flush=True)
    if len(found) == 2:
        shares = [ours["milliseconds_per_iteration"] / theirs["milliseconds_per_iteration"]
                  for ours, theirs in zip(*found.values())]
        print(f"annmpi takes {statistics.median(shares):.2f} of scikit-learn's time per iteration, from "
              f"{min(shares):.2f} to {max(shares):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
