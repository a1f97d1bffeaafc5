#!/usr/bin/env python3
"""The same bits on any number of ranks and threads: parameters_hash is equal, not nearly equal.

On the real galaxies where ANNMPI_REFERENCE_DATA names a folder with data/galaxy/{train,test}.csv.
"""
import csv
import os
import pathlib
import re
import unittest

import numpy as np

from programs import SANITIZED, TREE, ProgramTest, main, summary, write_data

CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
[model]
hidden = [4]
l2 = 0.5
[optimizer]
max_iterations = 20
[compute]
chunk_rows = 16
"""
RANKS = (1, 2, 3, 4, 5, 7, 8, 13)
# For variants of what was run on all of them.
FEWER = {"ranks": (1, 3, 8), "threads": ((2, 3),)}


def samples(rows, seed, kind="uint8"):
    """Three classes that overlap, 20 features."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, rows)
    values = 60 * labels[:, None] + random.normal(0, 50, (rows, 20)) + 60
    if kind == "uint8":
        return np.clip(values, 0, 255).astype(np.uint8), labels.astype(np.uint8), 1 / 255
    scales = 10.0 ** np.linspace(-6, 6, 20) if kind == "scales" else np.ones(20) / 255
    return (values * scales).astype(np.float32 if kind == "float32" else np.float64), labels, 1.0


class SameBits(ProgramTest):
    def update_rules(self):
        """Kinds of optimizers behind cg and lbfgs."""
        lines = self.annmpi(1, "--print-config").out.splitlines()
        meaning = lines[lines.index('kind = "cg"') - 1]
        return re.findall('"(.*?)"', meaning)[2:]

    def write_sets(self, kind="uint8", rows=230):
        for name, count, seed in (("train", rows, 1), ("test", 61, 2)):
            features, labels, scale = samples(count, seed, kind)
            labels[: min(3, count)] = np.arange(min(3, count))
            write_data(self.folder / f"{name}.h5", features, labels, ["a", "b", "c"], scale)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def run_on(self, ranks, *settings, threads=1, config="run.toml", **variables):
        """Hashes and the history, without times."""
        output = f"{ranks} ranks, {threads} threads"
        self.train(ranks, output, "--quiet", "--overwrite", "--set", f"compute.threads={threads}", *settings,
                   config=config, **variables)
        found = summary(self.folder / output)
        with open(self.folder / output / "metrics.csv", encoding="utf-8") as file:
            history = [[text for name, text in row.items() if name != "seconds"] for row in csv.DictReader(file)]
        return found["parameters_hash"], found["selected_hash"], found["data_hash"], history

    def assert_same_bits(self, *settings, ranks=RANKS, threads=((1, 2), (1, 4), (2, 3)), config="run.toml",
                         **variables):
        expected = self.run_on(1, *settings, config=config, **variables)
        for count in ranks[1:]:
            with self.subTest(ranks=count, settings=settings):
                self.assertEqual(self.run_on(count, *settings, config=config, **variables), expected)
        for count, of_each in threads:
            with self.subTest(ranks=count, threads=of_each, settings=settings):
                self.assertEqual(self.run_on(count, *settings, threads=of_each, config=config, **variables),
                                 expected)
        return expected

    def test_of_pixels(self):
        self.write_sets()
        best = self.assert_same_bits()
        self.assert_same_bits(**FEWER, ANNMPI_SIMD_TARGET=self.without_matrix_units())
        self.assert_emulated(best)

    def assert_emulated(self, best, *settings):
        """The bits of AMX, on any number of ranks, from its emulation in C++: beside `best`, those of AMX where the
        processor has it."""
        emulated = self.assert_same_bits(*settings, ranks=(1, 2, 5), threads=((2, 2),),
                                         ANNMPI_SIMD_TARGET="AMX_EMULATED")
        self.assertEqual(self.simd_target("2 ranks, 2 threads"), "AMX_EMULATED")
        if self.simd_targets()[0] == "AMX":
            self.assertEqual(emulated, best)
        else:
            self.assertNotEqual(emulated, best)

    def without_matrix_units(self):
        """The best instruction set that multiplies bytes like other numbers."""
        return next(target for target in self.simd_targets() if target != "AMX")

    def test_of_mixed_precision(self):
        self.write_sets()
        mixed = self.assert_same_bits("compute.precision=mixed")
        self.assert_same_bits("compute.precision=mixed", **FEWER, ANNMPI_SIMD_TARGET=self.without_matrix_units())
        self.assert_emulated(mixed, "compute.precision=mixed")
        # It changes the result: the key is not ignored.
        self.assertNotEqual(mixed, self.run_on(1))
        self.write_sets("float32")
        self.assert_same_bits("compute.precision=mixed", ranks=(1, 3, 8), threads=((1, 2),))

    def test_of_wide_first_layers(self):
        for kind in ("uint8", "float64"):
            self.write_sets(kind)
            for target in dict.fromkeys((self.simd_targets()[0], self.without_matrix_units())):
                for precision in ("float64", "mixed"):
                    self.assert_same_bits("model.hidden=[300]", f"compute.precision={precision}",
                                          "optimizer.max_iterations=8", ranks=(1, 5), threads=((2, 2),),
                                          ANNMPI_SIMD_TARGET=target)

    def test_of_derivatives_that_need_their_arguments(self):
        """gelu and silu keep pre-activations: in trials of one and of two hidden layers, and in mini-batches."""
        self.write_sets()
        for settings in (["model.hidden=[6]"], ["model.hidden=[6, 5]", "compute.precision=mixed"],
                         ["model.hidden=[6, 20, 10]"], ["model.hidden=[6, 5]", "optimizer.kind=adam",
                                                        "optimizer.epochs=2", "optimizer.batch_size=32"]):
            if "optimizer.kind=adam" in settings:
                text = CONFIG.replace("max_iterations = 20\n", "")
                (self.folder / "run.toml").write_text(text, encoding="utf-8")
            self.assert_same_bits("model.hidden_activation=gelu", *settings, ranks=(1, 3), threads=((2, 2),))

    def test_of_trials_by_gradient(self):
        self.write_sets()
        self.assert_same_bits("model.hidden=[6, 20, 10]", "model.hidden_activation=tanh", ranks=(1, 2, 5),
                              threads=((2, 2),))

    def test_of_one_class(self):
        features, _, scale = samples(100, 4)
        for name in ("train", "test"):
            write_data(self.folder / f"{name}.h5", features, np.zeros(100, np.uint8), ["only"], scale)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")
        self.assert_same_bits(ranks=(1, 3, 8), threads=((1, 2),))

    @unittest.skipUnless("ANNMPI_REFERENCE_DATA" in os.environ,
                         "ANNMPI_REFERENCE_DATA is not set: nothing was compared on the real galaxies")
    def test_of_the_real_galaxies(self):
        for name in ("train", "test"):
            table = pathlib.Path(os.environ["ANNMPI_REFERENCE_DATA"]) / "data" / "galaxy" / f"{name}.csv"
            self.assert_done(self.data_tool("csv", table, f"{name}.h5", "--class-names",
                                            "elliptical,spiral,irregular"))
        iterations = 20 if SANITIZED else 600
        for precision in ("float64", "mixed"):
            self.assert_same_bits("data.train=train.h5", "data.test=test.h5", f"compute.precision={precision}",
                                  f"optimizer.max_iterations={iterations}", ranks=(1, 2, 3, 8),
                                  threads=((1, 2),), config=TREE / "configs" / "galaxy.toml")

    def test_on_any_instruction_set(self):
        """Matrix units round products of bytes less, which gives other bits; their emulation in C++ gives the same."""
        for kind in ("uint8", "float32"):
            self.write_sets(kind)
            targets = self.simd_targets()
            # The type of features matters to the first layer alone, narrow or wide.
            first_layers = ([], ["compute.precision=mixed"], ["model.hidden=[100]", "model.hidden_activation=tanh"])
            above = (["optimizer.kind=lbfgs"], ["model.hidden=[9, 5]", "model.output=softmax"])
            for settings in first_layers + (above if kind == "uint8" else ()):
                best = self.run_on(1, *settings)
                self.assertEqual(self.simd_target("1 ranks, 1 threads"), targets[0])
                plainest = self.run_on(1, *settings, ANNMPI_SIMD_TARGET=targets[-1])
                in_integers = self.run_on(1, *settings, ANNMPI_SIMD_TARGET="AMX_EMULATED")
                if kind == "float32":
                    self.assertEqual(in_integers, plainest)
                else:
                    self.assertNotEqual(in_integers, plainest)
                for target in (*targets, "AMX_EMULATED"):
                    with self.subTest(target=target, settings=settings, kind=kind):
                        expected = in_integers if target.startswith("AMX") else plainest
                        self.assertEqual(self.run_on(2, *settings, ANNMPI_SIMD_TARGET=target), expected)
                        self.assertEqual(self.simd_target("2 ranks, 1 threads"), target)
                self.assertEqual(best, in_integers if targets[0] == "AMX" else plainest)

    def simd_target(self, output):
        return summary(self.folder / output)["launch"]["simd_target"]

    def test_of_features_of_very_different_scale(self):
        self.write_sets("scales")
        self.assert_same_bits("model.init_half_width=1e-3", ranks=(1, 3, 8))

    def test_of_deep_networks(self):
        self.write_sets("float32")
        for kind in ("cg", "lbfgs"):
            for activation, init in (("sigmoid", "uniform"), ("tanh", "glorot"), ("relu", "he")):
                self.assert_same_bits("model.hidden=[9, 7, 5]", f"model.hidden_activation={activation}",
                                      f"model.init={init}", "model.output=softmax", f"optimizer.kind={kind}",
                                      ranks=(1, 2, 3, 4, 8), threads=((1, 2), (2, 2)))

    def test_of_lbfgs(self):
        self.write_sets()
        by_gradients = self.assert_same_bits("optimizer.kind=lbfgs", "optimizer.memory=3", ranks=(1, 2, 3, 4, 8),
                                             threads=((1, 2), (3, 2)))
        self.assertNotEqual(by_gradients, self.run_on(1, "optimizer.kind=cg"))
        self.assertNotEqual(by_gradients, self.run_on(1, "optimizer.kind=lbfgs", "optimizer.memory=10"))
        self.assert_same_bits("optimizer.kind=lbfgs", "model.hidden=[100, 20]", "compute.precision=mixed",
                              ranks=(1, 3, 8), threads=((1, 2),))

    def write_batch_configuration(self):
        text = CONFIG.replace("max_iterations = 20", "batch_size = 37\nepochs = 4")
        (self.folder / "batches.toml").write_text(text, encoding="utf-8")

    def test_of_mini_batches(self):
        # 230 rows in batches of 37: the last one has 8, fewer than some of the jobs have ranks and threads.
        self.write_sets()
        self.write_batch_configuration()
        deep = ("model.hidden=[33, 17]", "model.hidden_activation=relu", "model.output=softmax", "model.init=glorot")
        ways = (("optimizer.kind=adam", "optimizer.learning_rate=0.01"),
                ("optimizer.kind=adam", "optimizer.weight_decay=0.1", "optimizer.clip_norm=0.2"),
                ("optimizer.kind=sgd", "optimizer.learning_rate=0.1", "optimizer.momentum=0.9",
                 "optimizer.nesterov=true", "optimizer.schedule=cosine", "optimizer.warmup_epochs=1.5"))
        for precision in ("float64", "mixed"):
            hashes = [self.assert_same_bits(*deep, *way, f"compute.precision={precision}", ranks=(1, 2, 3, 4, 8),
                                            threads=((1, 2), (2, 2)), config="batches.toml")[0] for way in ways]
            others = [self.assert_same_bits(*deep, f"optimizer.kind={kind}", f"compute.precision={precision}",
                                            ranks=(1, 3), threads=((2, 2),), config="batches.toml")[0]
                      for kind in self.update_rules() if f"optimizer.kind={kind}" not in sum(ways, ())]
            self.assertEqual(len(set(hashes + others)), len(ways) + len(others))
        self.write_sets("float64", rows=40)
        self.assert_same_bits(*ways[0], ranks=(1, 3, 13), threads=((1, 2),), config="batches.toml")

    def test_of_mini_batches_on_any_instruction_set(self):
        self.write_sets("float32")
        self.write_batch_configuration()
        targets = self.simd_targets()
        for precision in ("float64", "mixed"):
            settings = ("optimizer.kind=adam", "model.hidden=[40]", f"compute.precision={precision}")
            expected = self.run_on(1, *settings, config="batches.toml")
            for target in targets:
                with self.subTest(target=target, precision=precision):
                    self.assertEqual(self.run_on(2, *settings, config="batches.toml", ANNMPI_SIMD_TARGET=target),
                                     expected)

    def test_of_saturated_units_and_dead_layers(self):
        self.write_sets()
        self.assert_same_bits("model.init_half_width=300", "model.l2=0", ranks=(1, 3, 8))
        self.assert_same_bits("model.init_half_width=300", "model.hidden_activation=relu", "model.l2=0",
                              ranks=(1, 3, 8))

    def test_however_rows_are_dealt(self):
        self.write_sets()
        adam = ("optimizer.kind=adam", "optimizer.max_iterations=600", "optimizer.epochs=2", "optimizer.batch_size=32")
        for kind in (("optimizer.kind=cg",), adam):
            with self.subTest(kind=kind[0]):
                alone = self.run_on(1, *kind)
                for shares in ([1, 1, 1], [0.2, 5, 1], [0, 1, 0], [1e-300, 1e300, 3]):
                    self.assertEqual(self.run_on(3, *kind, f"compute.shares={shares}"), alone, shares)
                found = summary(self.folder / "3 ranks, 1 threads")
                self.assertEqual(found["dealing"], {"chunk_rows": 16, "shares": [1e-300, 1e300, 3], "measured": False})

    def test_of_fewer_chunks_than_ranks(self):
        self.write_sets(rows=33)
        self.assert_same_bits(ranks=(1, 2, 3, 5, 13))
        self.write_sets(rows=1)
        self.assert_same_bits(ranks=(1, 2, 5))

    def test_of_plain_sums_is_not_promised(self):
        # If plain sums agreed by chance, the tests above would prove nothing.
        self.write_sets()
        hashes = {self.run_on(ranks, "compute.deterministic=false")[0] for ranks in RANKS}
        self.assertGreater(len(hashes), 1)


if __name__ == "__main__":
    main()
