#!/usr/bin/env python3
"""Whole runs in which some ranks compute on an emulated GPU and others on CPUs."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "program"))

from programs import (BIN, MPIEXEC, NO_SLEEP, RUN_FILES, ProgramTest, blobs, listing, main, metrics,  # noqa: E402
                      run, summary, write_data)
from test_emulated_program import CONFIG  # noqa: E402
import numpy as np  # noqa: E402

GPU, CPU = True, False


class MixedJobs(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write_sets(np.uint8)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def write_sets(self, kind):
        for name, rows, seed in (("train", 230, 0), ("test", 61, 1)):
            features, labels = blobs(rows, seed=seed)
            values = features if kind == np.uint8 else (features / 255).astype(kind)
            write_data(self.folder / f"{name}.h5", values, labels, ["a", "b", "c"], 1 / 255 if kind == np.uint8 else 1)

    def job(self, ranks, output, *settings):
        """A run on ranks with or without a GPU, as in the list."""
        program = [BIN / "annmpi", "--config", "run.toml", "--overwrite", "--output", output, "--set",
                   "compute.threads=1", "compute.chunk_rows=16", *settings]
        parts = [["-n", "1", *([] if has_gpu else ["env", "CUDA_VISIBLE_DEVICES="]), *program] for has_gpu in ranks]
        command = [MPIEXEC, *[word for i, part in enumerate(parts) for word in ([":"] if i else []) + part]]
        return run([str(word) for word in command], self.folder, parallel=True, **NO_SLEEP)

    def trained(self, ranks, output, *settings):
        done = self.assert_done(self.job(ranks, output, *settings))
        self.assertEqual(done.complaints, [], done)
        self.assertEqual(sorted(path.name for path in (self.folder / output).iterdir()), RUN_FILES)
        return done, summary(self.folder / output)

    def hash_of(self, ranks, *settings):
        return self.trained(ranks, "again", *settings)[1]["parameters_hash"]

    def assert_near_cpus(self, output, accuracy, *settings):
        """Compares the history of a run with that of one CPU."""
        self.trained([CPU], "cpu", *settings)
        mixed, cpu = metrics(self.folder / output), metrics(self.folder / "cpu")
        self.assertEqual(mixed["evaluations"], cpu["evaluations"])
        for name in ("train_cost", "monitor_cost"):
            for mine, theirs in zip(mixed[name], cpu[name]):
                self.assertLessEqual(abs(mine - theirs), accuracy * abs(theirs), name)

    def test_follow_cpus(self):
        # Rounding errors, 1e-16 in doubles and 6e-8 in floats, grow by a factor per step.
        double, mixed = 1e-9, 1e-4
        cases = [
            ([GPU, CPU], "[2, 1]", double, ()),
            ([CPU, GPU, CPU, CPU], "[1, 2.5, 0, 1]", double, ()),
            ([GPU, GPU, CPU], "[1, 1, 1]", double, ("optimizer.kind=lbfgs",)),
            ([GPU, CPU], "[0, 1]", double, ("optimizer.kind=lbfgs", "model.hidden=[6, 5]")),
            ([GPU, CPU], "[1, 1]", double, ("model.hidden=[5, 100]", "model.output=softmax", "model.hidden_activation=tanh")),
            ([CPU, GPU], "[1, 3]", mixed, ("compute.precision=mixed",)),
            ([GPU, CPU], "[1, 2]", mixed, ("compute.precision=mixed", "model.hidden=[5, 7]", "model.output=softmax")),
        ]
        for kind in (np.uint8, np.float32):
            self.write_sets(kind)
            for ranks, shares, accuracy, settings in cases:
                settings = (*settings, "optimizer.refresh_interval=2")
                with self.subTest(kind=kind.__name__, ranks=ranks, settings=settings):
                    dealt = (f"compute.shares={shares}", *settings)
                    done, found = self.trained(ranks, "mixed", *dealt)
                    self.assertIn(f"{sum(ranks)} rank{'s' if sum(ranks) > 1 else ''} on GPUs and "
                                  f"{len(ranks) - sum(ranks)} on CPUs", done.out)
                    self.assertEqual([gpu is not None for gpu in found["launch"]["gpu_per_rank"]], ranks)
                    self.assertFalse(found["dealing"]["measured"])
                    self.assertEqual(self.hash_of(ranks, *dealt), found["parameters_hash"])
                    self.assert_near_cpus("mixed", accuracy, *settings)

    def test_distribute_rows_by_measured_speed_reproducibly(self):
        ranks = [GPU, CPU, CPU]
        done, found = self.trained(ranks, "measured")
        dealing = found["dealing"]
        self.assertTrue(dealing["measured"])
        self.assertEqual(len(dealing["shares"]), 3)
        self.assertEqual(max(dealing["shares"]), 1)
        self.assertGreater(min(dealing["shares"]), 0)
        for share in dealing["shares"]:
            self.assertEqual(share, float(f"{share:.3g}"))
        told = done.out.split("compute.shares = ")[1].split(" deals")[0]
        for shares in (told, str(dealing["shares"])):
            self.assertEqual(self.hash_of(ranks, f"compute.shares={shares}"), found["parameters_hash"])
        self.assertEqual(summary(self.folder / "again")["dealing"]["shares"], dealing["shares"])

    def test_need_a_share_for_each_rank(self):
        before = listing(self.folder)
        self.assert_refused(self.job([GPU, CPU], "refused", "compute.shares=[1]"), "for 2 ranks", before)

    def test_are_refused_where_gpus_are_required(self):
        before = listing(self.folder)
        self.assert_refused(self.job([GPU, CPU], "refused", "compute.device=gpu"), "no emulated GPU", before)

    def test_are_refused_for_mini_batches(self):
        done, found = self.trained([GPU, CPU], "batches", "optimizer.kind=adam", "optimizer.max_iterations=600",
                                "optimizer.epochs=1")
        self.assertIn("only 1 of 2 ranks have a usable GPU, and mini-batches need one on each", done.out)
        self.assertNotIn("gpu_per_rank", found["launch"])
        self.assertNotIn("shares", found["dealing"])


if __name__ == "__main__":
    main()
