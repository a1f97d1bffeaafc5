#!/usr/bin/env python3
"""Whole runs on emulated GPUs: the program with a GPU module whose sources are compiled against an
emulation of CUDA on the host."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "program"))

from programs import ProgramTest, blobs, listing, main, metrics, summary, write_data  # noqa: E402
from files_in_use import FilesInUse, replace, truncate  # noqa: E402
import numpy as np  # noqa: E402

CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
[model]
hidden = [4]
l2 = 0.5
[optimizer]
max_iterations = 5
[compute]
chunk_rows = 48
"""

# Batches that divide neither the rows nor among ranks; the last ones have fewer rows.
ADAM = ("optimizer.kind=adam", "optimizer.learning_rate=0.06", "optimizer.batch_size=66", "model.init=glorot",
        "optimizer.weight_decay=0.01")
SGD = ("optimizer.kind=sgd", "optimizer.learning_rate=0.5", "optimizer.batch_size=70",
       "optimizer.momentum=0.9", "optimizer.nesterov=true",
       "optimizer.clip_norm=0.5", "model.hidden=[12]", "model.hidden_activation=tanh")


class EmulatedGpus(FilesInUse, ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_sets()
        for name, rows, seed in (("train", 230, 0), ("test", 61, 1)):
            features, labels = blobs(rows, seed=seed)
            for kind in "uint16", "float16", "float32", "float64":
                write_data(self.folder / f"{name}_{kind}.h5", (features + 0.3).astype(kind), labels,
                           ["a", "b", "c"], 1 / 255)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")
        batches = CONFIG.replace("max_iterations = 5\n", "epochs = 8\n").replace("[4]", "[12, 5]")
        (self.folder / "batches.toml").write_text(batches, encoding="utf-8")

    def write_sets(self, kind=np.uint8, in_order=False):
        for name, rows, seed in (("train", 230, 0), ("test", 61, 1), ("validation", 100, 2)):
            features, labels = blobs(rows, seed=seed)
            order = labels.argsort(kind="stable") if in_order else np.arange(rows)
            write_data(self.folder / f"{name}.h5", features[order].astype(kind), labels[order], ["a", "b", "c"], 1 / 255)

    def trained(self, ranks, output, *settings, config="run.toml"):
        self.train(ranks, output, "--quiet", "--overwrite", "--set", *settings, config=config)
        return self.folder / output

    def test_train_like_cpus(self):
        floats = ("data.train=train_float32.h5", "data.test=test_float64.h5")
        whole = ("data.train=train_uint16.h5", "data.test=test_uint16.h5")
        halves = ("data.train=train_float16.h5", "data.test=test_float16.h5")
        for settings in ((), ("optimizer.kind=lbfgs",), ("model.hidden=[5,100]", "model.output=softmax"), floats, whole, halves,
                         (*whole, "model.hidden=[70]")):
            with self.subTest(settings=settings):
                gpu = metrics(self.trained(1, "gpu", "compute.device=gpu", *settings))
                cpu = metrics(self.trained(1, "cpu", "compute.device=cpu", *settings))
                self.assertEqual(gpu["evaluations"], cpu["evaluations"])
                for name in ("train_cost", "monitor_cost"):
                    for mine, theirs in zip(gpu[name], cpu[name]):
                        self.assertLessEqual(abs(mine - theirs), 1e-9 * abs(theirs), name)
                self.assertEqual(gpu["train_accuracy"], cpu["train_accuracy"])

    def test_give_the_same_bits_on_any_number_of_ranks(self):
        floats = ("data.train=train_float32.h5", "data.test=test_float32.h5")
        # The monitored set has another type, and there are more units than fit in registers.
        doubles = ("data.train=train_float64.h5", "compute.precision=mixed")
        whole = ("data.train=train_uint16.h5", "data.test=test_uint16.h5")
        halves = ("data.train=train_float16.h5", "data.test=test_float16.h5", "data.streaming=true")
        many = (*floats, "compute.precision=mixed", "model.hidden=[70]", "model.output=softmax")
        for settings in ((), ("compute.precision=mixed",), ("optimizer.kind=lbfgs",), floats, whole, halves, doubles, many):
            with self.subTest(settings=settings):
                def hash_on(ranks):
                    found = summary(self.trained(ranks, "run", "compute.device=gpu", *settings))
                    return found["parameters_hash"]
                one = hash_on(1)
                self.assertEqual(hash_on(2), one)
                self.assertEqual(hash_on(4), one)

    def test_train_by_mini_batches_like_cpus(self):
        for method in ADAM, SGD:
            for precision, accuracy in (("float64", 1e-9), ("mixed", 1e-4)):
                with self.subTest(method=method, precision=precision):
                    settings = (*method, f"compute.precision={precision}")
                    gpu = metrics(self.trained(1, "gpu", "compute.device=gpu", *settings,
                                               config="batches.toml"))
                    cpu = metrics(self.trained(1, "cpu", "compute.device=cpu", *settings,
                                               config="batches.toml"))
                    for name in ("train_cost", "monitor_cost"):
                        for mine, theirs in zip(gpu[name], cpu[name]):
                            self.assertLessEqual(abs(mine - theirs), accuracy * abs(theirs), name)
                    self.assertEqual(gpu["train_accuracy"][-1], cpu["train_accuracy"][-1])
                    self.assertGreater(gpu["train_accuracy"][-1], 0.9)

    def test_give_the_same_bits_by_mini_batches_on_any_number_of_ranks(self):
        for method in ADAM, SGD:
            for precision in "float64", "mixed":
                with self.subTest(method=method, precision=precision):
                    def facts_on(ranks):
                        run = self.trained(ranks, "run", "compute.device=gpu", *method,
                                           f"compute.precision={precision}", config="batches.toml")
                        found = metrics(run)
                        return (summary(run)["parameters_hash"], found["train_cost"],
                                found["gradient_norm"])
                    one = facts_on(1)
                    for ranks in (2, 3) if precision == "float64" else (4,):
                        self.assertEqual(facts_on(ranks), one)

    def test_give_the_bits_of_a_wider_type_where_features_are_converted_first(self):
        for kind, wider in (("uint16", "float64"), ("float16", "float32")):
            for method, config in (((*ADAM, "compute.precision=mixed"), "batches.toml"), (SGD, "batches.toml"),
                                   (("model.hidden=[70]",), "run.toml")):
                with self.subTest(kind=kind, method=method):
                    found = []
                    for stored_as in kind, wider:
                        for name, rows, seed in (("train", 230, 0), ("test", 61, 1)):
                            features, labels = blobs(rows, seed=seed)
                            write_data(self.folder / f"{name}.h5", (features * 3 + 0.5).astype(kind).astype(stored_as),
                                       labels, ["a", "b", "c"], 1 / 765)
                        run = self.trained(2, "run", "compute.device=gpu", *method, config=config)
                        found.append(summary(run)["parameters_hash"])
                    self.assertEqual(found[0], found[1])

    def test_give_the_same_bits_with_streamed_rows(self):
        def hash_of(*settings):
            return summary(self.trained(2, "run", "compute.device=gpu", *settings))["parameters_hash"]
        self.assertEqual(hash_of("data.streaming=true"), hash_of())

    def test_give_the_same_bits_by_streamed_mini_batches(self):
        # Sorted by class, like many files. 230 rows in chunks of 96 leave the last of 4 ranks without rows, and
        # 61 the last three.
        for kind in np.uint8, np.float32:
            self.write_sets(kind, in_order=True)

            def facts_on(ranks, *settings):
                run = self.trained(ranks, "run", "data.validation=validation.h5", "compute.chunk_rows=96",
                                   "optimizer.epochs=3", *settings, config="batches.toml")
                found, history = summary(run), metrics(run)
                return (found["parameters_hash"], found["selected_hash"], found["test"], history["train_cost"],
                        history["monitor_cost"], history["gradient_norm"])

            for method, precision in (ADAM, "mixed"), (SGD, "float64"):
                method = ("compute.device=gpu", *method, f"compute.precision={precision}")
                in_memory = facts_on(1, *method)
                for ranks in 1, 2, 4:
                    with self.subTest(kind=kind.__name__, method=method, ranks=ranks):
                        self.assertEqual(facts_on(ranks, *method, "data.streaming=true"), in_memory)

    def test_end_all_ranks_when_a_file_changes_during_mini_batches(self):
        (self.folder / "run.toml").write_text(CONFIG.replace("max_iterations = 5", "epochs = 100000"), encoding="utf-8")

        def begin(ranks):
            self.write_sets()
            return self.begin(ranks, "compute.device=gpu", "optimizer.kind=adam", "optimizer.learning_rate=1e-6",
                              "optimizer.batch_size=66")

        self.assert_ends_by(truncate, "was changed from ", begin(3))
        self.assert_ends_by(replace, "was replaced", begin(1))
        self.assert_ends_with_a_rank(3, begin(3))

    def test_pad_rows_to_16_bytes(self):
        memory = summary(self.trained(1, "run", "compute.device=gpu"))["memory"]
        rows = 230 + 61  # of 20 bytes; two doubles for each of 4 units, and a label
        for name, bytes_of_row in (("features", 32), ("cache", 2 * 8 * 4 + 4)):
            self.assertEqual(set(memory[f"{name}_bytes_per_rank"].values()), {rows * bytes_of_row}, name)

    def test_refuse_invalid_rows(self):
        features, labels = blobs(230)
        labels[201] = 7
        write_data(self.folder / "train.h5", features, labels, ["a", "b", "c"], 1 / 255)
        before = listing(self.folder)
        for ranks in 1, 2:
            done = self.annmpi(ranks, "--config", "run.toml", "--output", "refused", "--set", "compute.device=gpu")
            self.assert_refused(done, "labels: row 201 is 7", before)

    def test_are_the_default_device(self):
        found = summary(self.trained(1, "run", "compute.device=auto"))
        self.assertIn("emulated GPU", str(found["launch"]))


if __name__ == "__main__":
    main()
