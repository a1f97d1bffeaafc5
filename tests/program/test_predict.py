#!/usr/bin/env python3
"""annmpi-predict agrees with training, and with what NumPy computes from model.h5."""
import csv
import json
import sys
import unittest

import h5py
import numpy as np

from programs import BIN, SANITIZED, ProgramTest, blobs, main, run, summary, write_data

CLASSES = ["plain", 'with "quotes", and a comma', "ünïcode"]
CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
[model]
l2 = 2
hidden = [6]
[optimizer]
max_iterations = 25
"""
# Prints the peak of its child's memory in kilobytes, as the last line of standard error.
WITH_PEAK = ("import resource, subprocess, sys\n"
             "status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode\n"
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
             "sys.exit(status)\n")

ACTIVATIONS = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "relu": lambda z: np.maximum(z, 0)}


def forward(path, features, which):
    """(logits, probabilities, sum of squared weights), computed by NumPy."""
    with h5py.File(path) as file:
        values = features.astype(float) * file.attrs["feature_scale"]
        layers = len(file.attrs["layer_sizes"]) - 1
        squares = 0.0
        for layer in range(1, layers + 1):
            weights, bias = (file[f"{which}/layer_{layer}/{name}"][()] for name in ("weights", "bias"))
            values = values @ weights.T + bias
            squares += (weights ** 2).sum()
            if layer < layers:
                values = ACTIVATIONS[file.attrs["hidden_activation"]](values)
        if file.attrs["output"] == "sigmoid":
            return values, 1 / (1 + np.exp(-values)), squares
        exponentials = np.exp(values - values.max(axis=1, keepdims=True))
        return values, exponentials / exponentials.sum(axis=1, keepdims=True), squares


def mean_loss(logits, labels, output):
    own = logits[np.arange(len(labels)), labels]
    if output == "sigmoid":
        return (np.logaddexp(0, logits).sum() - own.sum()) / len(labels)
    return (np.logaddexp.reduce(logits, axis=1) - own).mean()


class Predict(ProgramTest):
    def test_asks_for_instructions_as_training_does(self):
        done = self.predict("none.h5", "none.h5", ANNMPI_SIMD_TARGET="unknown")
        self.assertEqual(done.status, 2, done)
        self.assertIn("ANNMPI_SIMD_TARGET=unknown: is unknown; write one of ", done.err)

    def setUp(self):
        super().setUp()
        self.sets = {"train": blobs(200), "test": blobs(77, seed=1, noise=90)}
        for name, (features, labels) in self.sets.items():
            write_data(self.folder / f"{name}.h5", features, labels, CLASSES, 1 / 255)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def train_run(self, *settings, ranks=2):
        self.train(ranks, "run", "--quiet", *(["--set", *settings] if settings else []))
        return summary(self.folder / "run")

    def judge(self, data, *options):
        done = self.assert_done(self.predict("run/model.h5", data, "--json", *options))
        self.assertEqual(done.complaints, [])
        return json.loads(done.out)

    def assert_close(self, mine, theirs, tolerance=1e-12):
        self.assertLessEqual(abs(mine - theirs), tolerance * abs(theirs), (mine, theirs))

    def test_tells_what_training_told(self):
        for ranks, *settings in ((1,), (3,), (2, "model.hidden=[7, 5]", "model.hidden_activation=tanh",
                                              "model.output=softmax"), (2, "model.hidden_activation=relu")):
            with self.subTest(ranks=ranks, settings=settings):
                result = self.train_run(*settings, ranks=ranks)
                self.assertNotEqual(result["selected_hash"], "")
                for which in ("selected", "last"):
                    expected = result["selected" if which == "selected" else "final"]
                    for name, column in (("train", "train"), ("test", "monitor")):
                        judged = self.judge(f"{name}.h5", "--parameters", which)
                        self.assert_close(judged["cost"], expected[f"{column}_cost"])
                        self.assertEqual(judged["accuracy"], expected[f"{column}_accuracy"])
                (self.folder / "run").rename(self.folder / f"run {ranks} {len(settings)} {hash(str(settings))}")

    def test_tells_what_training_told_of_the_test_set(self):
        result = self.train_run("data.validation=train.h5")
        judged = self.judge("test.h5")
        self.assert_close(judged["cost"], result["test"]["cost"])
        self.assertEqual(judged["accuracy"], result["test"]["accuracy"])

    def test_agrees_with_numpy(self):
        for output in ("sigmoid", "softmax"):
            self.train_run(f"model.output={output}")
            features, labels = self.sets["test"]
            for which in ("selected", "last"):
                with self.subTest(output=output, parameters=which):
                    judged = self.judge("test.h5", "--output", f"{output} {which}.csv", "--parameters", which)
                    logits, probabilities, squares = forward(self.folder / "run" / "model.h5", features, which)
                    with open(self.folder / f"{output} {which}.csv", encoding="utf-8", newline="") as file:
                        header, *rows = csv.reader(file)
                    self.assertEqual(header, ["row", "label", "predicted"] + [f"probability_{c}" for c in CLASSES])
                    self.assertEqual([int(row[0]) for row in rows], list(range(77)))
                    self.assertEqual([row[1] for row in rows], [CLASSES[label] for label in labels])
                    self.assertEqual([row[2] for row in rows], [CLASSES[k] for k in logits.argmax(axis=1)])
                    written = np.array([[float(text) for text in row[3:]] for row in rows])
                    self.assertLessEqual(np.abs(written - probabilities).max(), 1e-6)

                    confusion = np.zeros((3, 3), int)
                    np.add.at(confusion, (labels, logits.argmax(axis=1)), 1)
                    self.assertEqual(judged["confusion"], confusion.tolist())
                    self.assertEqual(judged["rows"], 77)
                    self.assertEqual(judged["accuracy"], np.trace(confusion) / 77)
                    loss = mean_loss(logits, labels, output)
                    self.assert_close(judged["loss"], loss)
                    self.assert_close(judged["cost"], loss + 2 / (2 * 77) * squares)
                    for k, result in enumerate(judged["classes"]):
                        self.assertEqual(result["name"], CLASSES[k])
                        for key, total in (("recall", confusion[k].sum()), ("precision", confusion[:, k].sum())):
                            self.assertEqual(result[key], confusion[k, k] / total if total else None)
            (self.folder / "run").rename(self.folder / f"run with {output}")

    def test_prints_for_people(self):
        result = self.train_run()
        done = self.assert_done(self.predict("run/model.h5", "test.h5"))
        for words in ("77 rows", f"{100 * result['selected']['monitor_accuracy']:.2f} %",
                      f"{result['selected']['monitor_cost']:.6f}", "precision", "recall", *CLASSES):
            self.assertIn(words, done.out)
        for option, words in (("--help", "Usage: annmpi-predict"), ("--version", "annmpi-predict ")):
            self.assertIn(words, self.assert_done(self.predict(option)).out)

    def test_takes_data_without_names_and_of_another_type(self):
        self.train_run()
        features, labels = self.sets["test"]
        write_data(self.folder / "float.h5", features.astype(np.float32), labels.astype(np.int32), scale=1 / 255)
        self.assertEqual(self.judge("float.h5"), self.judge("test.h5"))

    def test_refuses_data_that_does_not_fit(self):
        self.train_run()
        features, labels = self.sets["test"]
        cases = {"narrow.h5": ("19 features", features[:, 1:], labels, CLASSES, 1 / 255),
                 "names.h5": ("has the classes", features, labels, ["a", "b", "c"], 1 / 255),
                 "scale.h5": ("feature_scale", features, labels, CLASSES, 1 / 256),
                 "label.h5": ("row 0 is 3", features, labels + 3, CLASSES, 1 / 255)}
        for name, (words, *contents) in cases.items():
            write_data(self.folder / name, *contents)
            with self.subTest(data=name):
                done = self.predict("run/model.h5", name, "--output", "out.csv")
                self.assertEqual((done.status, len(done.complaints), done.out), (2, 1, ""), done)
                self.assertIn(words, done.complaints[0])
                self.assertEqual(sorted(path.name for path in self.folder.glob("*out.csv*")), [])

    def test_replaces_predictions_only_where_asked(self):
        self.train_run()
        (self.folder / "out.csv").write_text("mine", encoding="utf-8")
        done = self.predict("run/model.h5", "test.h5", "--output", "out.csv")
        self.assertEqual((done.status, len(done.complaints)), (2, 1), done)
        self.assertEqual((self.folder / "out.csv").read_text(encoding="utf-8"), "mine")
        self.assert_done(self.predict("run/model.h5", "test.h5", "--output", "out.csv", "--force"))
        self.assertEqual((self.folder / "out.csv").read_text(encoding="utf-8").count("\n"), 78)

    @unittest.skipIf(SANITIZED, "the address sanitizer keeps freed memory for a while")
    def test_memory_does_not_grow_with_the_data(self):
        random = np.random.RandomState(0)
        block = random.randint(0, 256, (2000, 1024)).astype(np.uint8)
        peaks = []
        for blocks in (2, 40):  # 4 and 82 MB
            name = f"{blocks}.h5"
            write_data(self.folder / name, np.tile(block, (blocks, 1)), np.tile(np.arange(2000) % 3, blocks), CLASSES,
                       1 / 255)
            if not peaks:
                self.train_run(f"data.train={name}", f"data.test={name}", "optimizer.max_iterations=1")
            done = run([sys.executable, "-c", WITH_PEAK, str(BIN / "annmpi-predict"), "run/model.h5", name,
                        "--output", f"{blocks}.csv"], self.folder)
            self.assertEqual(done.status, 0, done)
            peaks.append(int(done.err.split()[-1]) / 1000)
            with open(self.folder / f"{blocks}.csv", encoding="utf-8") as file:
                self.assertEqual(sum(1 for _ in file), 1 + 2000 * blocks)
        print(f"  peak memory {peaks} MB", flush=True)
        self.assertLess(peaks[1], peaks[0] + 20)


if __name__ == "__main__":
    main()
