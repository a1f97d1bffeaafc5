"""Changes of files during a run that reads them repeatedly (data.streaming), and how the run must end. For the tests
beside this file."""
import os
import shutil
import signal

import h5py

from programs import annmpi_command, finish, is_running, ranks_of, start, wait_until

STREAMED = ("--set", "data.streaming=true")


def truncate(path):
    os.truncate(path, path.stat().st_size * 9 // 10)


def write_one_value(path):
    with h5py.File(path, "r+") as file:
        file["features"][-1, -1] = 7


def replace(path):
    copy = path.with_name("copy.h5")
    shutil.copy2(path, copy)
    os.replace(copy, path)


def delete(path):
    path.unlink()


class FilesInUse:
    """For a ProgramTest whose folder has train.h5 and the run.toml of a long run."""

    def begin(self, ranks, *settings):
        """The started run."""
        process = start(annmpi_command(ranks, "--config", "run.toml", "--output", "run", "--quiet", *STREAMED, *settings),
                        self.folder, parallel=True)
        metrics = self.folder / "run" / "metrics.csv"
        wait_until(lambda: metrics.exists() and len(metrics.read_text().splitlines()) > 3, "three iterations", process)
        return process

    def assert_no_result(self):
        """No result, not even a partial one; the folder must be usable by the next run."""
        self.assertEqual(sorted(os.listdir(self.folder / "run")), ["config.toml", "metrics.csv"])
        shutil.rmtree(self.folder / "run")

    def assert_ends_by(self, change, words, process):
        """Modifies the training data."""
        change(self.folder / "train.h5")
        done = finish(process)
        self.assertEqual(done.status, 2, done)
        self.assertEqual(len(done.complaints), 1, done)
        self.assertIn("train.h5: " + words, done.complaints[0])
        self.assertIn("during the run", done.complaints[0])
        self.assert_no_result()

    def assert_ends_with_a_rank(self, count, process):
        """Kills one of several ranks."""
        ranks = ranks_of(process)
        self.assertEqual(len(ranks), count)
        os.kill(ranks[1], signal.SIGKILL)
        done = finish(process, timeout=60)
        self.assertNotIn(done.status, (0, 2, 3, 85), done)
        wait_until(lambda: not any(map(is_running, ranks)), "the end of the other ranks", timeout=60)
        self.assert_no_result()
