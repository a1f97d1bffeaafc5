#!/usr/bin/env python3
"""configs/mnist_adam.toml and mnist_sgd.toml on real digits: accuracy over seeds.

Runs where ANNMPI_REFERENCE_DATA names a folder with data/mnist/t10k-*.gz (or mnist/): rows 0:8000 of those to train
on, 8000:10000 to test.
"""
import os
import pathlib
import statistics
import sys

from programs import SANITIZED, TREE, ProgramTest, main, summary

IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


def digits():
    """The folder of the digits, or None."""
    root = os.environ.get("ANNMPI_REFERENCE_DATA")
    for folder in ("data/mnist", "mnist"):
        if root and (pathlib.Path(root) / folder / IMAGES).exists():
            return pathlib.Path(root) / folder
    return None


class Digits(ProgramTest):
    def setUp(self):
        super().setUp()
        for name, rows in (("train", "0:8000"), ("test", "8000:10000")):
            self.assert_done(self.data_tool("idx", digits() / IMAGES, digits() / LABELS, f"{name}.h5", "--rows", rows))

    def accuracies(self, name, ranks=1, *settings):
        found = []
        for seed in (1,) if SANITIZED else (1, 2, 3, 4, 5):
            self.train(ranks, f"{name} {seed}", "--quiet", "--set", "data.train=train.h5", "data.test=test.h5",
                       f"model.seed={seed}", *settings, config=TREE / "configs" / f"mnist_{name}.toml")
            found.append(summary(self.folder / f"{name} {seed}")["final"]["monitor_accuracy"])
        print(f"mnist_{name}: test accuracies {found}, median {statistics.median(found)}")
        return found

    def assert_accurate(self, found, median, least):
        """The median over five seeds; with sanitizers only the first seed."""
        if not SANITIZED:
            self.assertGreaterEqual(statistics.median(found), median)
        self.assertGreaterEqual(min(found), least)

    def test_adam(self):
        for precision in ("float64", "mixed"):
            found = self.accuracies("adam", 1, f"compute.precision={precision}", "--overwrite")
            # scikit-learn's MLPClassifier: median 0.954
            self.assert_accurate(found, 0.953, 0.945)

    def test_sgd(self):
        found = self.accuracies("sgd", 2)
        # scikit-learn's: 0.963
        self.assert_accurate(found, 0.960, 0.950)


if __name__ == "__main__":
    if digits() is None:
        print("SKIPPED: ANNMPI_REFERENCE_DATA names no folder with data/mnist: no digits were classified")
        sys.exit(77)
    main()
