#!/usr/bin/env python3
"""Failures: stop signals, killed ranks, full disks, damaged files, no descent."""
import os
import shutil
import signal

import h5py
import numpy as np

from programs import (BIN, NO_SLEEP, RUN_FILES, ProgramTest, annmpi_command, blobs, finish, is_running, listing, main,
                      metrics, ranks_of, run, start, summary, wait_until, write_data)

CONFIG = """
[data]
train = "train.h5"
[model]
hidden = [8]
[optimizer]
max_iterations = 100000000
gradient_tolerance = 0
"""
# Mounts a small file system that only this process and its children see, then runs a program in it: possible for
# root, and for others where the kernel allows user namespaces.
ON_A_SMALL_DISK = 'mount -t tmpfs -o size="$1" small "$2" && cd "$3" && shift 3 && exec "$@"'


def small_disk(size, place, folder):
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    return [*unshare, "sh", "-c", ON_A_SMALL_DISK, "sh", size, str(place), str(folder)]


class Trouble(ProgramTest):
    def setUp(self):
        super().setUp()
        self.random_data("train.h5", 4000, 50)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def random_data(self, name, rows, features):
        """Random labels, which take very long to learn."""
        random = np.random.RandomState(0)
        write_data(self.folder / name, random.randint(0, 256, (rows, features)).astype(np.uint8),
                   random.randint(0, 3, rows).astype(np.uint8), ["a", "b", "c"], 1 / 255)

    def start_training(self, ranks):
        """A run in the middle of its iterations, in the folder `run`."""
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        process = start(annmpi_command(ranks, "--config", "run.toml", "--output", "run"), self.folder)
        file = self.folder / "run" / "metrics.csv"
        wait_until(lambda: file.exists() and file.read_text(encoding="utf-8").count("\n") > 5,
                   "the fifth iteration", process)
        return process

    def assert_stopped(self, done):
        self.assertEqual(sorted(path.name for path in (self.folder / "run").iterdir()), RUN_FILES)
        result = summary(self.folder / "run")
        self.assertEqual((result["status"], result["exit_status"]), ("stopped", 85), done)
        rows = metrics(self.folder / "run")
        self.assertEqual(result["iterations"], rows["iteration"][-1])
        self.assertEqual(result["final"]["train_cost"], rows["train_cost"][-1])
        with h5py.File(self.folder / "run" / "model.h5") as model:
            self.assertEqual(model.attrs["iteration"], result["iterations"])


class Signals(Trouble):
    def test_stops_on_a_signal_to_one_rank(self):
        for number, name in enumerate(("SIGTERM", "SIGUSR1", "SIGINT", "SIGTERM")):
            with self.subTest(signal=name):
                process = self.start_training(3)
                ranks = ranks_of(process)
                self.assertEqual(len(ranks), 3)
                os.kill(ranks[number % 3], getattr(signal, name))
                done = finish(process)
                self.assertEqual(done.status, 85, done)
                self.assertEqual(done.complaints, [], done)
                self.assert_stopped(done)
                self.assertIn("stopped", done.out)

    def test_stops_on_a_signal_without_mpiexec(self):
        process = self.start_training(0)
        process.send_signal(signal.SIGTERM)
        done = finish(process)
        self.assertEqual((done.status, done.complaints), (85, []), done)
        self.assert_stopped(done)

    def test_stops_on_sigusr1_to_mpiexec(self):
        # mpiexec forwards the signal.
        process = self.start_training(2)
        process.send_signal(signal.SIGUSR1)
        done = finish(process)
        self.assertEqual(done.status, 85, done)
        self.assert_stopped(done)

    def test_saves_on_sigterm_to_mpiexec(self):
        # mpiexec forwards the signal, kills remaining ranks after some seconds, and chooses its own exit status:
        # scripts rely on the summary.
        process = self.start_training(2)
        process.send_signal(signal.SIGTERM)
        done = finish(process)
        self.assertNotEqual(done.status, 0, done)
        self.assert_stopped(done)

    def test_a_killed_rank_ends_the_job(self):
        for number in (0, 1, 2):
            with self.subTest(rank=number):
                process = self.start_training(3)
                ranks = ranks_of(process)
                self.assertEqual(len(ranks), 3)
                os.kill(ranks[number], signal.SIGKILL)
                done = finish(process, timeout=60)
                self.assertNotIn(done.status, (0, 2, 3, 85), done)
                wait_until(lambda: not any(map(is_running, ranks)), "the end of the other ranks")
                self.assertFalse((self.folder / "run" / "summary.json").exists())
                self.assertFalse((self.folder / "run" / "model.h5").exists())


class Endings(Trouble):
    def test_converges(self):
        done = self.train(2, "run", "--quiet", "--set", "optimizer.gradient_tolerance=1e-3", "model.l2=4000")
        result = summary(self.folder / "run")
        self.assertEqual((result["status"], result["exit_status"]), ("converged", 0), done)
        norms = metrics(self.folder / "run")["gradient_norm"]
        self.assertLessEqual(norms[-1], 1e-3)
        self.assertGreater(min(norms[:-1]), 1e-3)

    def test_a_failed_line_search_keeps_the_best_point(self):
        # A strictly convex problem and an unreachable tolerance: in the end no step lowers the cost any more.
        features, labels = blobs(24, features=3)
        write_data(self.folder / "small.h5", features, labels, ["a", "b", "c"], 1 / 255)
        for ranks in (1, 3):
            with self.subTest(ranks=ranks):
                self.train(ranks, f"run {ranks}", "--quiet", "--set", "data.train=small.h5", "model.l2=50",
                           "compute.chunk_rows=5", status=3)
                result = summary(self.folder / f"run {ranks}")
                self.assertEqual((result["status"], result["exit_status"]), ("line_search_failed", 3))
                rows = metrics(self.folder / f"run {ranks}")
                self.assertEqual(rows["iteration"], list(range(len(rows["iteration"]))))
                self.assertEqual(result["selected"]["train_cost"], min(rows["train_cost"]))
                self.assertLess(rows["gradient_norm"][-1], 1e-6)


class Damage(Trouble):
    def assert_wrong_data(self, words, name):
        before = listing(self.folder)
        for ranks in (1, 3):
            with self.subTest(data=name, ranks=ranks):
                done = self.annmpi(ranks, "--config", "run.toml", "--output", "run", "--set", f"data.train={name}")
                self.assertIn(name, str(done.complaints))
                self.assert_refused(done, words, before)

    def test_refuses_a_truncated_file(self):
        whole = (self.folder / "train.h5").read_bytes()
        for share in (0.01, 0.5, 0.99):
            name = f"cut{share}.h5"
            (self.folder / name).write_bytes(whole[:int(share * len(whole))])
            self.assert_wrong_data("", name)

    def test_refuses_values_that_are_not_finite(self):
        random = np.random.RandomState(0)
        for kind in (np.float32, np.float64):
            for value, row in ((np.nan, 0), (np.inf, 999), (-np.inf, 500)):
                features = random.rand(1000, 5).astype(kind)
                features[row, 3] = value
                write_data(self.folder / "wrong.h5", features, np.arange(1000) % 3, ["a", "b", "c"])
                # Whichever rank owns the row.
                self.assert_wrong_data(f"row {row}, column 3", "wrong.h5")

    def test_refuses_programs_of_one_rank_that_srun_started(self):
        before = listing(self.folder)
        done = self.annmpi(0, "--config", "run.toml", SLURM_STEP_NUM_TASKS="4")
        self.assert_refused(done, "srun --mpi=pmix", before)
        # Under mpirun there is no error, in a job step or not.
        self.annmpi(2, "--config", "run.toml", "--max-iterations", "1", "--output", "run", SLURM_STEP_NUM_TASKS="4")
        self.assertEqual(summary(self.folder / "run")["launch"]["ranks"], 2)


class FullDisk(Trouble):
    """The folder `disk` is a file system of limited size."""

    def setUp(self):
        super().setUp()
        self.disk = self.folder / "disk"
        self.disk.mkdir()
        probe = run([*small_disk("64k", self.disk, self.folder), "true"], self.folder)
        if probe.status != 0:
            self.skipTest(f"SKIPPED: no small disk can be mounted here ({probe.err.strip()})")

    def fails(self, size, command, words, parallel=False):
        """Runs a program that needs more space than the disk has; returns which files remain."""
        # The list of files is made before the disk is unmounted.
        then_list = '"$@"; status=$?; find disk -mindepth 1 | sort >left.txt; exit $status'
        done = run([*small_disk(size, self.disk, self.folder), "sh", "-c", then_list, "sh", *command], self.folder,
                   parallel, **NO_SLEEP)
        self.assertEqual(done.status, 2, done)
        self.assertEqual(len(done.complaints), 1, done)
        self.assertIn(words, done.complaints[0])
        self.assertNotIn("internal error", done.complaints[0])
        return (self.folder / "left.txt").read_text(encoding="utf-8").split()

    def training_fails(self, size, words, left, *arguments):
        for ranks in (1, 3):
            with self.subTest(size=size, ranks=ranks):
                command = annmpi_command(ranks, "--config", "run.toml", "--output", "disk/run", *arguments)
                self.assertEqual(self.fails(size, command, words, parallel=True), left)

    def test_no_space_for_the_first_file(self):
        self.training_fails("4k", "disk/run", [])

    def test_no_space_for_metrics(self):
        self.training_fails("16k", "disk/run/metrics.csv",
                            ["disk/run", "disk/run/config.toml", "disk/run/metrics.csv"])

    def test_no_space_for_the_model(self):
        self.random_data("wide.h5", 50, 4000)
        self.training_fails("256k", "disk/run/model.h5",
                            ["disk/run", "disk/run/config.toml", "disk/run/metrics.csv"],
                            "--max-iterations", "3", "--set", "data.train=wide.h5")

    def test_no_space_for_the_other_programs(self):
        (self.folder / "train.csv").write_text("0,1,2,3,4,5,6,7,8,9\n" * 20000, encoding="utf-8")
        self.train(1, "run", "--quiet", "--max-iterations", "1")
        for output, program, *arguments in (
                ("disk/out.h5", "annmpi-data", "galaxies", "disk/out.h5", "--rows", "500"),
                ("disk/out.csv", "annmpi-data", "galaxies", "disk/out.csv", "--rows", "500"),
                ("disk/out.h5", "annmpi-data", "csv", "train.csv", "disk/out.h5"),
                ("disk/out.h5", "annmpi-data", "csv", "train.csv", "disk/out.h5", "--shuffle", "1"),
                ("disk/out.csv", "annmpi-predict", "run/model.h5", "train.h5", "--output", "disk/out.csv")):
            with self.subTest(program=program, arguments=arguments):
                self.assertEqual(self.fails("64k", [str(BIN / program), *arguments], output), [])


if __name__ == "__main__":
    main()
