#!/usr/bin/env python3
"""Any number of ranks, any shape of data, every option: the results and the files of a run."""
import math
import re

import numpy as np

from programs import (COLUMNS, RUN_FILES, SANITIZED, ProgramTest, blobs, listing, main, metrics, summary,
                      write_data)

CLASSES = ["a", "b", "c"]
CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
[model]
hidden = [4]
l2 = 0.5
[optimizer]
max_iterations = 12
"""
SUMMARY_KEYS = {"status", "exit_status", "iterations", "evaluations", "parameters_hash", "selected_hash",
                "selected_iteration", "initial", "final", "selected", "seconds", "phases", "memory", "launch",
                "versions", "configuration_hash", "data_hash"}
# Rounding after this few iterations, amplified by line searches, is far below this.
SAME = 1e-9


class RanksTest(ProgramTest):
    def setUp(self):
        super().setUp()
        features, labels = blobs(230)
        write_data(self.folder / "train.h5", features, labels, CLASSES, 1 / 255)
        features, labels = blobs(61, seed=1)
        write_data(self.folder / "test.h5", features, labels, CLASSES, 1 / 255)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def trained(self, ranks, output, *settings, iterations=6, **options):
        extra = ["--set", *settings] if settings else []
        self.train(ranks, output, "--quiet", "--max-iterations", iterations, *extra, **options)
        return metrics(self.folder / output)

    def assert_same_run(self, found, expected, what):
        self.assertEqual(found["evaluations"], expected["evaluations"], what)
        for name in ("train_cost", "monitor_cost", "gradient_norm", "step"):
            for i, (mine, theirs) in enumerate(zip(found[name], expected[name])):
                if (mine is None) != (theirs is None):
                    self.fail(f"{what}: {name} of iteration {i}: {mine}, {theirs}")
                if theirs is not None:
                    self.assertLessEqual(abs(mine - theirs), SAME * abs(theirs), f"{what}: {name} of iteration {i}")

    def assert_lowers_the_cost(self, found, by=0.2):
        self.assertTrue(all(math.isfinite(cost) for cost in found["train_cost"]))
        self.assertLess(found["train_cost"][-1], (1 - by) * found["train_cost"][0])


class AnyNumberOfRanks(RanksTest):
    def test_is_the_same_on_1_to_8_ranks(self):
        one = self.trained(1, "on 1")
        self.assert_lowers_the_cost(one, 0.05)
        for ranks in range(2, 9):
            with self.subTest(ranks=ranks):  # 230 rows are 3 chunks: ranks 3 to 7 have none
                self.assert_same_run(self.trained(ranks, f"on {ranks}"), one, f"{ranks} ranks")

    def test_is_the_same_without_mpiexec(self):
        self.assert_same_run(self.trained(0, "alone"), self.trained(1, "under mpiexec"), "started alone")

    def test_is_the_same_for_any_size_of_chunks(self):
        expected = self.trained(1, "default")
        for ranks, chunk_rows in ((1, 1), (3, 1), (2, 50), (4, 229), (3, 230), (2, 1000000)):
            with self.subTest(ranks=ranks, chunk_rows=chunk_rows):
                found = self.trained(ranks, f"{ranks} {chunk_rows}", f"compute.chunk_rows={chunk_rows}")
                self.assert_same_run(found, expected, f"{chunk_rows} rows in a chunk on {ranks} ranks")

    def test_trains_on_one_row(self):
        features, labels = blobs(1)
        write_data(self.folder / "one.h5", features, labels, CLASSES, 1 / 255)
        one = self.trained(1, "on 1", "data.train=one.h5", "model.l2=0")
        self.assert_lowers_the_cost(one, 0.5)
        self.assertEqual(one["train_accuracy"][-1], 1.0)
        found = self.trained(3, "on 3", "data.train=one.h5", "data.test=one.h5", "model.l2=0")
        # The same set at the same point: one cost comes from a step from the old point, one from the new point.
        for trained, monitored in zip(found["train_cost"], found["monitor_cost"]):
            self.assertLessEqual(abs(trained - monitored), SAME * trained)
        self.assertEqual(found["evaluations"], one["evaluations"])

    def test_trains_on_one_class(self):
        features, labels = blobs(50)
        write_data(self.folder / "alike.h5", features, labels * 0, ["all"], 1 / 255)
        one = self.trained(1, "on 1", "data.train=alike.h5", 'data.test=""')
        self.assertEqual(one["train_accuracy"], [1.0] * len(one["train_accuracy"]))
        self.assert_same_run(self.trained(3, "on 3", "data.train=alike.h5", 'data.test=""'), one, "one class")

    def test_trains_on_class_sorted_rows(self):
        # Most ranks see one class only.
        features, labels = blobs(230)
        order = np.argsort(labels, kind="stable")
        write_data(self.folder / "sorted.h5", features[order], labels[order], CLASSES, 1 / 255)
        expected = self.trained(1, "unsorted")
        for ranks in (1, 3, 4):
            found = self.trained(ranks, f"sorted {ranks}", "data.train=sorted.h5", "compute.chunk_rows=10")
            self.assert_same_run(found, expected, f"sorted on {ranks} ranks")


class AnyData(RanksTest):
    def test_takes_floating_point_features(self):
        for name in ("train", "test"):
            features, labels = blobs(230 if name == "train" else 61, seed=int(name == "test"))
            write_data(self.folder / f"{name}64.h5", features / 255.0, labels.astype(np.int32), CLASSES)
            write_data(self.folder / f"{name}32.h5", features.astype(np.float32), labels.astype(np.int32), CLASSES,
                       1 / 255)
        expected = self.trained(2, "bytes")
        for size in (32, 64):
            with self.subTest(bits=size):
                found = self.trained(3, f"float{size}", f"data.train=train{size}.h5", f"data.test=test{size}.h5")
                self.assert_same_run(found, expected, f"float{size}")

    def test_takes_a_file_without_attributes(self):
        features, labels = blobs(50)
        import h5py
        with h5py.File(self.folder / "bare.h5", "w") as file:
            file["features"], file["labels"] = features / 255.0, labels.astype(np.int64)
        self.assert_lowers_the_cost(self.trained(2, "bare", "data.train=bare.h5", 'data.test=""'), 0.05)

    def test_monitors_the_validation_set_and_measures_the_test_set(self):
        features, labels = blobs(40, seed=2)
        write_data(self.folder / "validation.h5", features, labels, CLASSES, 1 / 255)
        watched = self.trained(1, "watched", "data.test=validation.h5")
        for ranks in (1, 3):
            found = self.trained(ranks, f"both {ranks}", "data.validation=validation.h5")
            self.assert_same_run(found, watched, "the validation set is monitored")
            result = summary(self.folder / f"both {ranks}")
            self.assertEqual(set(result["test"]), {"cost", "accuracy"})
            self.assertNotEqual(result["test"]["cost"], result["selected"]["monitor_cost"])
        # With the same set for both, the figures are equal.
        self.trained(2, "twice", "data.validation=test.h5")
        result = summary(self.folder / "twice")
        self.assertAlmostEqual(result["test"]["cost"] / result["selected"]["monitor_cost"], 1, delta=1e-12)
        self.assertEqual(result["test"]["accuracy"], result["selected"]["monitor_accuracy"])

    def test_trains_without_a_test_set(self):
        found = self.trained(2, "run", 'data.test=""')
        watched = self.trained(2, "watched")
        self.assertEqual(found["monitor_cost"], [None] * 7)
        self.assertEqual(found["monitor_accuracy"], [None] * 7)
        self.assertEqual(found["evaluations"], watched["evaluations"])
        result = summary(self.folder / "run")
        self.assertIsNone(result["final"]["monitor_cost"])
        best = min(range(7), key=found["train_cost"].__getitem__)
        self.assertEqual(result["selected_iteration"], best)


class AnyNetwork(RanksTest):
    def test_trains_other_networks(self):
        networks = {"two hidden layers": ["model.hidden=[16, 8]"],
                    "tanh": ["model.hidden_activation=tanh"],
                    "relu": ["model.hidden_activation=relu"],
                    "softmax": ["model.output=softmax"],
                    "three of tanh under softmax": ["model.hidden=[9, 7, 5]", "model.hidden_activation=tanh",
                                                    "model.output=softmax"]}
        for name, settings in networks.items():
            with self.subTest(network=name):
                one = self.trained(1, f"{name} on 1", *settings, iterations=15)
                self.assert_lowers_the_cost(one, 0.01 if name == "two hidden layers" else 0.1)
                few = self.trained(1, f"{name} few on 1", *settings, iterations=4)
                self.assert_same_run(self.trained(3, f"{name} few on 3", *settings, iterations=4), few, name)

    def test_seed_and_width_of_the_start(self):
        start = [self.trained(1, f"run {i}", *settings, iterations=0)["train_cost"][0]
                 for i, settings in enumerate([["model.seed=1"], ["model.seed=2"], ["model.init_half_width=1e-12"]])]
        self.assertNotEqual(start[0], start[1])
        # Parameters of 0 give a probability of 1/2 to each of three classes.
        self.assertAlmostEqual(start[2], 3 * math.log(2), delta=1e-9)


class Options(RanksTest):
    def test_check_trains_nothing_and_writes_nothing(self):
        before = listing(self.folder)
        done = self.assert_done(self.annmpi(2, "--config", "run.toml", "--check"))
        self.assertIn("nothing was trained", done.out)
        self.assertEqual(done.complaints, [])
        self.assertEqual(listing(self.folder), before)

    def test_print_config_is_a_configuration(self):
        done = self.assert_done(self.annmpi(1, "--print-config"))
        self.assertEqual(done.complaints, [])
        (self.folder / "defaults.toml").write_text(done.out, encoding="utf-8")
        # The defaults lack only what has no default.
        before = listing(self.folder)
        self.assert_refused(self.annmpi(1, "--config", "defaults.toml"), "data.train", before)
        self.assert_done(self.annmpi(2, "--config", "defaults.toml", "--set", "data.train=train.h5",
                                     "--max-iterations", "2", "--quiet"))
        self.assertEqual(sorted(path.name for path in (self.folder / "runs" / "defaults").iterdir()), RUN_FILES)
        # Two ranks print it once.
        self.assertEqual(self.annmpi(2, "--print-config").out, done.out)

    def test_quiet_prints_nothing(self):
        done = self.train(2, "run", "--quiet")
        self.assertEqual((done.out, done.err), ("", ""))

    def test_help_and_version_are_printed_once(self):
        for option, words in (("--help", "Usage: annmpi"), ("--version", "annmpi ")):
            done = self.assert_done(self.annmpi(3, option))
            self.assertEqual(done.out.count(words), 1, done)
            self.assertEqual(done.complaints, [])

    def test_the_last_value_of_an_option_or_a_key_counts(self):
        self.train(2, "run", "--quiet", "--max-iterations", "9", "--set", "optimizer.max_iterations=3",
                   "optimizer.max_iterations=4", "--set", "model.hidden=[7]", "--set", "model.hidden=[5]")
        self.assertEqual(summary(self.folder / "run")["iterations"], 4)
        config = (self.folder / "run" / "config.toml").read_text(encoding="utf-8")
        self.assertIn("\nhidden = [5]\n", config)

    def test_says_where_the_model_is_selected(self):
        note = "selected by its cost on data.test"
        self.assertEqual(self.train(2, "one").out.count(note), 1)
        self.assertNotIn(note, self.train(2, "two", "--set", "data.validation=test.h5").out)
        self.assertNotIn(note, self.train(2, "three", "--set", 'data.test=""').out)
        self.assertNotIn(note, self.train(2, "four", "--set", "model.selection=last").out)

    def test_tells_what_it_does(self):
        out = self.train(2, "run").out
        result = summary(self.folder / "run")
        for words in ("training on 2 ranks", "230 rows of 20 features (uint8), 3 classes", "20-4-3", "initial",
                      "final", "selected", "Files in run:", f"{result['final']['train_cost']:.6f}",
                      f"{result['selected']['monitor_cost']:.6f}", "gradient ", "wait "):
            self.assertIn(words, out)
        self.assertRegex(out.splitlines()[-1], f"parameters {result['parameters_hash']}")

    def test_profile_compares_with_the_peak(self):
        out = self.train(2, "run", "--profile").out
        result = summary(self.folder / "run")
        self.assertGreater(result["peak"]["gflops_per_second"]["minimum"], 0)
        self.assertGreater(result["peak"]["gbytes_per_second"]["minimum"], 0)
        for phase in result["phases"]:
            self.assertEqual("share_of_peak" in phase, "gflops_per_second" in phase)
            if "share_of_peak" in phase:
                self.assertGreater(phase["share_of_peak"]["share"], 0)
        for words in ("GFLOP/s", "GB/s", " % of ", "peak of a rank: ", "memory of a rank in MB: start "):
            self.assertIn(words, out)
        # It changes nothing else.
        self.train(2, "plain", "--quiet")
        self.assertEqual(result["parameters_hash"], summary(self.folder / "plain")["parameters_hash"])
        self.assertNotIn("peak", summary(self.folder / "plain"))

    def test_selects_the_last_parameters_where_asked(self):
        self.trained(2, "run", "model.selection=last", iterations=12)
        result = summary(self.folder / "run")
        self.assertEqual(result["selected_iteration"], 12)
        self.assertEqual(result["selected_hash"], result["parameters_hash"])
        self.assertEqual(result["selected"], result["final"])


class Files(RanksTest):
    def test_summary_has_every_key(self):
        self.train(3, "run", "--quiet")
        result = summary(self.folder / "run")
        self.assertLessEqual(SUMMARY_KEYS, set(result), SUMMARY_KEYS - set(result))
        self.assertEqual((result["status"], result["exit_status"], result["iterations"]), ("iteration_limit", 0, 12))
        found = metrics(self.folder / "run")
        for name, iteration in (("initial", 0), ("final", 12), ("selected", result["selected_iteration"])):
            self.assertEqual(result[name]["iteration"], iteration)
            for column in ("train_cost", "train_accuracy", "monitor_cost", "monitor_accuracy"):
                self.assertEqual(result[name][column], found[column][iteration], (name, column))
        self.assertEqual(result["evaluations"], found["evaluations"][-1])
        for name in ("parameters_hash", "selected_hash"):
            self.assertRegex(result[name], "^[0-9a-f]{32}$")
        self.assertEqual(result["launch"]["ranks"], 3)
        self.assertEqual(result["launch"]["hosts"], 1)
        self.assertGreater(result["memory"]["peak_bytes_per_rank"]["minimum"], 1e6)
        self.assertEqual([phase["name"] for phase in result["phases"]],
                         ["load", "project", "aim", "trials", "gradient", "reduce", "wait", "update", "monitor",
                          "output"])
        for phase in result["phases"]:
            self.assertGreater(phase["calls"], 0)
            figures = {"seconds"}
            if phase["name"] in ("project", "aim", "trials", "gradient", "monitor"):
                figures.add("gflops_per_second")
                if phase["name"] not in ("trials", "monitor"):
                    figures.add("gbytes_per_second")
            self.assertEqual(set(phase), {"name", "calls", *figures})
            for figure in figures:
                self.assertEqual(set(phase[figure]), {"minimum", "median", "maximum"})
        self.assertEqual(set(result["memory"]["resident_bytes_per_rank"]),
                         {"start", "loaded", "prepared", "first_iteration", "end"})
        self.assertGreaterEqual(result["seconds"]["whole_program"], result["seconds"]["training"])

    def test_memory_is_that_of_the_rows_and_little_more(self):
        # 60 MB of features: an uncounted copy, or one in doubles, would show.
        rows, columns, hidden = 60000, 1000, 4
        random = np.random.RandomState(0)
        write_data(self.folder / "large.h5", random.randint(0, 256, (rows, columns), dtype=np.uint8),
                   (np.arange(rows) % 3).astype(np.uint8), CLASSES, 1 / 255)
        self.trained(1, "little", "data.train=large.h5", 'data.test=""', "compute.cache_memory=80", iterations=2)
        little = summary(self.folder / "little")
        self.assertLess(little["memory"]["cache_bytes_per_rank"]["maximum"], 20e6)
        for ranks in (1, 2):
            self.trained(ranks, f"on {ranks}", "data.train=large.h5", 'data.test=""', iterations=2)
            self.assertEqual(summary(self.folder / f"on {ranks}")["parameters_hash"], little["parameters_hash"])
            memory = summary(self.folder / f"on {ranks}")["memory"]
            features, caches = (memory[name]["maximum"] for name in ("features_bytes_per_rank", "cache_bytes_per_rank"))
            self.assertAlmostEqual(features, rows * columns / ranks, delta=100 * columns)
            # A label, Z and D, and the values of a trial: activations and the deltas of three classes. Where bytes are
            # multiplied in integers, also a second copy of the features, in blocks of 512 rows and 64 columns.
            of_row = 4 + 16 * hidden + 8 * (hidden + 3)
            turned = 1024 if caches > 2 * rows * of_row / ranks else 0
            self.assertAlmostEqual(caches, rows * (of_row + turned) / ranks, delta=100 * of_row + 512 * turned)
            self.assertGreater(memory["peak_bytes_per_rank"]["minimum"], features)
            if not SANITIZED:
                # 22 MB of them are there after MPI_Init, and 35 MB at the end of the galaxies, with the program's
                # own pages and the buffers of HDF5.
                self.assertLess(memory["peak_bytes_per_rank"]["maximum"], features + caches + 64e6)

    def test_hashes_tell_equal_from_different(self):
        for name, *settings in (("a",), ("b",), ("c", "model.l2=0.25"), ("d", "data.train=test.h5")):
            self.trained(1, name, *settings, iterations=1)
        a, b, c, d = (summary(self.folder / name) for name in "abcd")
        for key in ("parameters_hash", "selected_hash", "data_hash"):
            self.assertEqual(a[key], b[key], key)
        self.assertNotEqual(a["parameters_hash"], c["parameters_hash"])
        self.assertNotEqual(a["configuration_hash"], c["configuration_hash"])
        self.assertEqual(a["data_hash"], c["data_hash"])
        self.assertNotEqual(a["data_hash"], d["data_hash"])
        self.trained(3, "e", iterations=1)
        self.assertEqual(summary(self.folder / "e")["data_hash"], a["data_hash"])

    def test_metrics_are_complete_and_precise(self):
        self.train(2, "run", "--quiet")
        text = (self.folder / "run" / "metrics.csv").read_text(encoding="utf-8")
        lines = text.split("\n")
        self.assertEqual(lines[0], ",".join(COLUMNS))
        self.assertEqual(lines[-1], "")
        self.assertEqual(len(lines), 1 + 13 + 1)
        number = r"-?[0-9.]+(e[-+][0-9]+)?"
        for line in lines[1:-1]:
            self.assertRegex(line, rf"^[0-9]+,[0-9]+(,{number}){{7}}$")
        digits = [len(re.sub(r"[-.]|e.*|^0\.0*", "", line.split(",")[3])) for line in lines[1:-1]]
        self.assertGreaterEqual(max(digits), 16)
        found = metrics(self.folder / "run")
        self.assertEqual((found["evaluations"][0], found["seconds"][0], found["step"][0]), (1, 0.0, 0.0))
        self.assertEqual(found["seconds"], sorted(found["seconds"]))
        self.assertTrue(all(later > earlier for earlier, later in zip(found["evaluations"], found["evaluations"][1:])))
        self.assertTrue(all(later < earlier for earlier, later in zip(found["train_cost"], found["train_cost"][1:])))
        self.assertTrue(all(0 <= share <= 1 for share in found["train_accuracy"] + found["monitor_accuracy"]))
        rows = {round(share * 61, 9) for share in found["monitor_accuracy"]}
        self.assertEqual(rows, {round(row) for row in rows})

    def test_the_resolved_configuration_repeats_the_run(self):
        self.train(1, "first", "--quiet", "--seed", "5", "--set", "model.hidden=[5]")
        self.train(1, "second", "--quiet", config="first/config.toml")
        first, second = (metrics(self.folder / name) for name in ("first", "second"))
        self.assertEqual(first["train_cost"], second["train_cost"])
        self.assertEqual(summary(self.folder / "first")["parameters_hash"],
                         summary(self.folder / "second")["parameters_hash"])

    def test_replaces_a_run_only_where_asked(self):
        self.train(2, "run", "--quiet")
        (self.folder / "run" / "notes.txt").write_text("mine", encoding="utf-8")
        before = listing(self.folder)
        for options in ([], ["--check"]):
            self.assert_refused(self.annmpi(2, "--config", "run.toml", "--output", "run", *options),
                                "already holds a run", before)
        self.assert_done(self.annmpi(2, "--config", "run.toml", "--output", "run", "--overwrite", "--quiet",
                                     "--max-iterations", "3"))
        self.assertEqual(summary(self.folder / "run")["iterations"], 3)
        self.assertEqual(len(metrics(self.folder / "run")["iteration"]), 4)
        self.assertEqual((self.folder / "run" / "notes.txt").read_text(encoding="utf-8"), "mine")

    def test_a_refused_overwrite_keeps_the_old_run(self):
        self.train(2, "run", "--quiet")
        before = listing(self.folder)
        self.assert_refused(self.annmpi(2, "--config", "run.toml", "--output", "run", "--overwrite", "--set",
                                        "data.train=absent.h5"), "absent.h5", before)

    def test_paths_count_from_the_current_folder(self):
        (self.folder / "my configs").mkdir()
        (self.folder / "run.toml").rename(self.folder / "my configs" / "a run.toml")
        self.assert_done(self.annmpi(2, "--config", "my configs/a run.toml", "--quiet"))
        self.assertEqual(sorted(path.name for path in (self.folder / "runs" / "a run").iterdir()), RUN_FILES)
        self.assertIn('train = "train.h5"',
                      (self.folder / "runs" / "a run" / "config.toml").read_text(encoding="utf-8"))

    def test_takes_any_names(self):
        (self.folder / "train.h5").rename(self.folder / "Ä train=1 [x].h5")
        self.train(2, "ergebnis ü 1", "--quiet", "--set", "data.train=Ä train=1 [x].h5")
        self.train(1, "2024", "--quiet", "--set", "data.train=Ä train=1 [x].h5")


if __name__ == "__main__":
    main()
