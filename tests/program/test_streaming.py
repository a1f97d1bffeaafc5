#!/usr/bin/env python3
"""Features that stay in their files (data.streaming): the same bits, constant memory, and the errors when a file
changes during a run."""
import os
import signal

import h5py
import numpy as np

from files_in_use import STREAMED, FilesInUse, delete, replace, truncate, write_one_value
from programs import SANITIZED, ProgramTest, blobs, finish, main, summary, write_data

CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
[model]
hidden = [6, 5]
output = "softmax"
[optimizer]
"""
WHOLE_SET = "max_iterations = 4\nrefresh_interval = 2\n"
BATCHES = "epochs = 2\nlearning_rate = 0.01\n"
FOR_EVER = "max_iterations = 100000\ngradient_tolerance = 0\n"
BATCHES_FOR_EVER = 'kind = "sgd"\nlearning_rate = 1e-6\nepochs = 100000\nbatch_size = 1000\n'
MB = 1 << 20


class Streaming(FilesInUse, ProgramTest):
    def write_sets(self, rows=300, features=20, kind=np.uint8):
        for name, count, seed in (("train", rows, 1), ("test", 61, 2)):
            values, labels = blobs(count, features, seed=seed)
            order = labels.argsort(kind="stable")  # sorted by class, as many files are
            write_data(self.folder / f"{name}.h5", values[order].astype(kind), labels[order], ["a", "b", "c"], 1 / 255)

    def write_config(self, text):
        (self.folder / "run.toml").write_text(CONFIG + text, encoding="utf-8")

    def hashes(self, ranks, *arguments):
        self.train(ranks, "run", "--quiet", "--overwrite", *arguments)
        found = summary(self.folder / "run")
        return found["parameters_hash"], found["selected_hash"], found["data_hash"]

    def test_gives_the_same_bits(self):
        # 61 test rows in chunks of 16: some of 8 ranks have none. 9 MB of training rows: two blocks for a rank alone.
        self.write_sets(rows=12000, features=784)
        for kind, more, chunk_rows in (("cg", WHOLE_SET, 16), ("lbfgs", WHOLE_SET, 96), ("sgd", BATCHES, 16),
                                       ("adam", BATCHES, 96)):
            self.write_config(f'kind = "{kind}"\n{more}' + ("batch_size = 1700\n" if more == BATCHES else "")
                              + f"[compute]\nchunk_rows = {chunk_rows}\n")
            expected = self.hashes(1)
            # Streams are read alike by both line methods, and by both methods of steps.
            jobs = ((1, 1), (1, 2), (2, 2), (3, 1), (4, 1), (8, 1)) if kind in ("cg", "adam") else ((1, 2), (3, 1), (8, 1))
            for ranks, threads in jobs:
                with self.subTest(kind=kind, ranks=ranks, threads=threads):
                    self.assertEqual(self.hashes(ranks, *STREAMED, "--set", f"compute.threads={threads}"), expected)

    def test_reads_every_type_of_features(self):
        for kind in (np.float32, np.float64):
            self.write_sets(kind=kind)
            for more in (WHOLE_SET, 'kind = "adam"\n' + BATCHES):
                self.write_config(more)
                with self.subTest(kind=kind.__name__, more=more):
                    self.assertEqual(self.hashes(2, *STREAMED), self.hashes(2))

    def test_takes_memory_that_does_not_grow_with_the_features(self):
        methods = {"cg": WHOLE_SET, "sgd": BATCHES + 'kind = "sgd"\nbatch_size = 1000\n'}
        peaks = {}
        for rows in (20_000, 120_000):
            self.write_sets(rows=rows, features=784)
            for kind, more in methods.items():
                self.write_config(more)
                for streaming in ("true", "false"):
                    self.train(1, "run", "--quiet", "--overwrite", "--set", f"data.streaming={streaming}",
                               f"optimizer.{'epochs' if kind == 'sgd' else 'max_iterations'}=1")
                    memory = summary(self.folder / "run")["memory"]
                    peaks[rows, kind, streaming] = memory["peak_bytes_per_rank"]["maximum"]
                    if streaming == "true":  # three blocks of either set, and three batches
                        self.assertLess(memory["features_bytes_per_rank"]["maximum"],
                                        3 * 8 * MB + 3 * 1000 * 800 + 3 * 61 * 784)

        def growth(*run):
            return peaks[120_000, *run] - peaks[20_000, *run]

        # 100,000 rows more are 75 MB of features. Conjugate gradient carries 4 bytes and 26 doubles a row along, 20 MB;
        # batches have 4 bytes of labels, 0.4 MB.
        if not SANITIZED:  # sanitizers need memory of their own
            self.assertGreater(growth("cg", "false"), 80 * MB)
            self.assertLess(growth("cg", "true"), 35 * MB)
            self.assertGreater(growth("sgd", "false"), 70 * MB)
            self.assertLess(growth("sgd", "true"), 8 * MB)

    def test_is_what_a_job_without_room_is_told_to_use(self):
        self.write_sets(rows=20_000, features=784)
        self.write_config(BATCHES + 'kind = "sgd"\n[compute]\nchunk_rows = 16\n')
        before = sorted(os.listdir(self.folder))
        done = self.annmpi(1, "--config", "run.toml", "--set", "compute.cache_memory=14")
        self.assertEqual(done.status, 2, done)
        self.assertIn("data.streaming = true", done.complaints[0])
        self.assertEqual(sorted(os.listdir(self.folder)), before)
        # Three batches of half the rows, and three blocks of 8 MB: 49 MB; three batches of 100 rows: 25 MB.
        self.write_config(BATCHES + 'kind = "sgd"\nbatch_size = 10000\n[compute]\ncache_memory = 30\n')
        done = self.annmpi(1, "--config", "run.toml", *STREAMED)
        self.assertEqual(done.status, 2, done)
        self.assertIn("MB of features", done.complaints[0])
        self.train(1, "run", "--quiet", *STREAMED, "--set", "optimizer.batch_size=100", "optimizer.epochs=1")

    def test_refuses_rows_in_pieces(self):
        self.write_sets()
        self.write_config(WHOLE_SET)
        with h5py.File(self.folder / "train.h5", "r+") as file:
            values = file["features"][:]
            del file["features"]
            file.create_dataset("features", data=values, compression="gzip")
        for ranks in (1, 3):
            done = self.annmpi(ranks, "--config", "run.toml", "--quiet", *STREAMED)
            self.assertEqual(done.status, 2, done)
            self.assertEqual(len(done.complaints), 1, done)
            self.assertIn("train.h5: features: is not stored contiguously", done.complaints[0])
        self.assertEqual(self.annmpi(1, "--config", "run.toml", "--quiet").status, 0)

    def begin_with(self, ranks, text):
        self.write_sets(rows=24000, features=784)
        self.write_config(text)
        return self.begin(ranks)

    def test_ends_all_ranks_when_a_file_changes_meanwhile(self):
        for text, ranks, change, words in (
                (FOR_EVER, 1, truncate, "was changed from "), (BATCHES_FOR_EVER, 3, truncate, "was changed from "),
                (FOR_EVER, 3, write_one_value, "was "), (BATCHES_FOR_EVER, 1, write_one_value, "was "),
                (FOR_EVER, 3, replace, "was replaced"), (BATCHES_FOR_EVER, 2, delete, "is gone")):
            with self.subTest(text=text, ranks=ranks, change=change.__name__):
                self.assert_ends_by(change, words, self.begin_with(ranks, text))

    def test_ends_with_a_rank_that_is_killed(self):
        for text in (FOR_EVER, BATCHES_FOR_EVER):
            with self.subTest(text=text):
                self.assert_ends_with_a_rank(3, self.begin_with(3, text))

    def test_stops_when_asked_to(self):
        process = self.begin_with(2, BATCHES_FOR_EVER)
        os.kill(process.pid, signal.SIGUSR1)
        self.assertEqual(finish(process).status, 85)
        self.assertEqual(summary(self.folder / "run")["status"], "stopped")


if __name__ == "__main__":
    main()
