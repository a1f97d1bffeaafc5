#!/usr/bin/env python3
"""L-BFGS needs no more iterations than SciPy's and scikit-learn's to reach the same cost.

Medians over seeds. On the synthetic galaxies chance limits the comparison: from about the fiftieth iteration on, other
last bits lead to another run, and the programs are harder to distinguish than on real data.
tests/golden/make_lbfgs_peers.py says how the peers were run. The synthetic galaxies always; the real ones
and the digits where ANNMPI_REFERENCE_DATA names a folder with data/galaxy/train.csv and data/mnist/t10k-*-ubyte.gz.
"""
import concurrent.futures
import math
import os
import pathlib
import statistics
import unittest

from programs import GOLDEN, SANITIZED, TREE, ProgramTest, main, metrics
from trajectories import read

REFERENCE = os.environ.get("ANNMPI_REFERENCE_DATA")
REAL = unittest.skipUnless(REFERENCE, "ANNMPI_REFERENCE_DATA is not set: nothing was compared on real data")
SLOW = unittest.skipIf(SANITIZED, "trainings by the dozen take too long under sanitizers")
CONFIG = """
[data]
train = "train.h5"
[optimizer]
kind = "lbfgs"
gradient_tolerance = 0
"""


# Costs of equivalent programs differ by this much before line searches amplify rounding.
ROUNDING = 1e-9


def reached_after(costs, target):
    """The first iteration whose cost is not above the target."""
    return next((i for i, cost in enumerate(costs) if cost <= target * (1 + ROUNDING)), len(costs))


def chance(values):
    """The tolerance for medians of two such samples: three standard errors, from the quartiles as for a normal
    distribution, plus 1 because equal costs may differ in the last bit."""
    first, _, third = statistics.quantiles(values, n=4)
    return max(1.0, 3 * math.sqrt(2) * 1.2533 * (third - first) / 1.349 / math.sqrt(len(values)))


class LbfgsPeers(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def compare(self, name, *others, config="run.toml", synthetic=False):
        problem = read(GOLDEN / f"{name}.json")
        last = max(problem["marks"])
        settings = [f"model.hidden={problem['hidden']}", f"model.hidden_activation={problem['activation']}",
                    f"model.output={problem['output']}", f"model.init={problem['init']}", f"model.l2={problem['l2']}"]

        def course_of(seed):
            self.train(1, f"seed {seed}", "--quiet", "--overwrite", "--seed", seed, "--max-iterations", last + last // 10, "--set",
                       *settings, *others, config=config)
            return metrics(self.folder / f"seed {seed}")

        with concurrent.futures.ThreadPoolExecutor(2) as pool:  # each training keeps one core busy
            courses = list(pool.map(course_of, problem["seeds"]))
        evaluations = [course["evaluations"][last] / last for course in courses]
        print(f"\n  {name}: {statistics.median(evaluations):.3f} evaluations an iteration", flush=True)
        for peer, costs in problem["costs"].items():
            for mark in problem["marks"]:
                theirs = costs[str(mark)]
                median = statistics.median(theirs)
                # SciPy has the same start: compared seed by seed. For others only medians are comparable.
                targets = theirs if peer == "scipy" else [median] * len(theirs)
                needed = [reached_after(course["train_cost"], target) for course, target in zip(courses, targets)]
                ours = statistics.median(course["train_cost"][mark] for course in courses)
                print(f"  {name}: {statistics.median(needed):g} iterations to the cost of {peer} after {mark} (chance"
                      f" {chance(needed):.1f}); median costs then: {ours:.5f}, theirs {median:.5f}", flush=True)
                with self.subTest(peer=peer, mark=mark):
                    allowed = chance(needed) if synthetic else 0
                    self.assertLessEqual(statistics.median(needed), mark + allowed)
        return courses

    def test_on_synthetic_galaxies(self):
        self.assert_done(self.data_tool("csv", GOLDEN / "galaxies16_train.csv", "train.h5"))
        self.compare("lbfgs_galaxies16", synthetic=True)

    @REAL
    @SLOW
    def test_on_the_real_galaxies(self):
        self.assert_done(self.data_tool("csv", pathlib.Path(REFERENCE) / "data" / "galaxy" / "train.csv", "train.h5"))
        self.compare("lbfgs_galaxy")
        self.compare("lbfgs_galaxy_deep")

    @REAL
    @SLOW
    def test_on_digits(self):
        mnist = pathlib.Path(REFERENCE) / "data" / "mnist"
        for name, rows in (("train", "0:8000"), ("test", "8000:10000")):
            self.assert_done(self.data_tool("idx", mnist / "t10k-images-idx3-ubyte.gz",
                                            mnist / "t10k-labels-idx1-ubyte.gz", f"{name}.h5", "--rows", rows))
        courses = self.compare("lbfgs_digits", "data.train=train.h5", "data.test=test.h5",
                               config=TREE / "configs" / "mnist_lbfgs.toml")
        accuracies = [course["monitor_accuracy"][100] for course in courses]
        print(f"  lbfgs_digits: test accuracies after 100 iterations {accuracies}", flush=True)
        # scikit-learn's median is 0.9565.
        self.assertGreaterEqual(statistics.median(accuracies), 0.95, accuracies)


if __name__ == "__main__":
    main()
