#!/usr/bin/env python3
"""Training by mini-batches: the files of a run, how it ends, and that it learns."""
import csv
import json
import os
import signal
import unittest

from programs import COLUMNS, ProgramTest, annmpi_command, blobs, finish, main, start, summary, wait_until, write_data

CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
[model]
hidden = [16]
hidden_activation = "relu"
output = "softmax"
init = "glorot"
[optimizer]
kind = "adam"
batch_size = 32
epochs = 5
learning_rate = 0.01
"""


def history(folder):
    with open(folder / "metrics.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Batches(ProgramTest):
    def setUp(self):
        super().setUp()
        for name, rows, seed in (("train", 300, 1), ("test", 90, 2)):
            features, labels = blobs(rows, seed=seed)
            order = labels.argsort(kind="stable")  # sorted by class, as many files are
            write_data(self.folder / f"{name}.h5", features[order], labels[order], ["a", "b", "c"], 1 / 255)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def test_a_row_per_epoch(self):
        for ranks in (1, 3):
            with self.subTest(ranks=ranks):
                done = self.train(ranks, f"run {ranks}")
                rows = history(self.folder / f"run {ranks}")
                self.assertEqual(list(rows[0]), [*COLUMNS, "epoch"])
                self.assertEqual([row["epoch"] for row in rows], ["0", "1", "2", "3", "4", "5"])
                # 300 rows in batches of 32: 9 whole ones and one of 12.
                self.assertEqual([row["iteration"] for row in rows], ["0", "10", "20", "30", "40", "50"])
                self.assertEqual([row["evaluations"] for row in rows], ["1", "11", "21", "31", "41", "51"])
                self.assertEqual(rows[0]["gradient_norm"], "")
                self.assertTrue(all(float(row["gradient_norm"]) > 0 for row in rows[1:]))
                self.assertEqual([float(row["step"]) for row in rows], [0] + 5 * [0.01])
                self.assertLess(float(rows[-1]["train_cost"]), 0.2 * float(rows[0]["train_cost"]))
                self.assertGreater(float(rows[-1]["monitor_accuracy"]), 0.9)
                found = summary(self.folder / f"run {ranks}")
                self.assertEqual(found["status"], "iteration_limit")
                self.assertEqual(found["iterations"], 50)
                calls = {phase["name"]: phase["calls"] for phase in found["phases"]}
                self.assertEqual(calls["steps"], 50)
                self.assertIn("5 epochs of 10 batches of 32 rows", done.out)

    def test_a_resolved_configuration_trains_again(self):
        self.train(1, "first", "--set", "optimizer.weight_decay=0.01")
        self.train(1, "second", config="first/config.toml")
        self.assertEqual(summary(self.folder / "first")["parameters_hash"],
                         summary(self.folder / "second")["parameters_hash"])

    def test_predictions_are_those_of_training(self):
        self.train(2, "run", "--set", "model.selection=last")
        done = self.assert_done(self.predict("run/model.h5", "test.h5", "--json"))
        self.assertEqual(json.loads(done.out)["accuracy"], float(history(self.folder / "run")[-1]["monitor_accuracy"]))

    def test_patience_counts_epochs(self):
        self.train(1, "run", "--set", "optimizer.epochs=400", "optimizer.patience=2")
        rows = history(self.folder / "run")
        costs = [float(row["monitor_cost"]) for row in rows]
        self.assertEqual(summary(self.folder / "run")["status"], "patience")
        self.assertLess(len(rows), 400)
        self.assertEqual(costs.index(min(costs)), len(costs) - 3)

    def test_divergence_keeps_the_best_parameters(self):
        self.train(2, "run", "--set", "optimizer.kind=sgd", "optimizer.learning_rate=1e300", status=3)
        found = summary(self.folder / "run")
        self.assertEqual(found["status"], "diverged")
        self.assertEqual(found["selected_iteration"], 0)

    def test_stops_within_an_epoch(self):
        command = annmpi_command(2, "--config", "run.toml", "--output", "run", "--set", "optimizer.batch_size=2",
                                 "optimizer.epochs=1000000")
        process = start(command, self.folder)
        wait_until(lambda: len((self.folder / "run" / "metrics.csv").read_text().splitlines()) > 2
                   if (self.folder / "run" / "metrics.csv").exists() else False, "two epochs", process)
        os.kill(process.pid, signal.SIGUSR1)
        done = finish(process)
        self.assertEqual(done.status, 85, done)
        self.assertEqual(summary(self.folder / "run")["status"], "stopped")
        steps = int(history(self.folder / "run")[-1]["iteration"])
        self.assertEqual(float(history(self.folder / "run")[-1]["epoch"]), steps / 150)


if __name__ == "__main__":
    main()
