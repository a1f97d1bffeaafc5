#!/usr/bin/env python3
"""tools/compare.py: runs, reports what it measured, and explains errors; speed is not tested.

usage: test_compare.py ROOT-OF-THE-TREE BUILD-FOLDER
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TREE, BUILD = (pathlib.Path(path).resolve() for path in (sys.argv.pop(1), sys.argv.pop(1)))
sys.dont_write_bytecode = True
sys.path.insert(0, str(TREE / "tools" / "compare"))
import contestants  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402

WITHOUT = [name for name in ("numpy", "scipy", "h5py") if not importlib.util.find_spec(name)]
OURS = ["annmpi-direct", "annmpi-plain-sums", "annmpi", "annmpi-alone"]


def run_of(name, repetition, milliseconds, cost=2.0, cores=1, iterations=20):
    return {"contestant": name, "cores": cores, "asked_iterations": iterations, "iterations": iterations,
            "repetition": repetition, "milliseconds_per_iteration": milliseconds, "whole_seconds": 1.0,
            "training_seconds": 0.5, "evaluations": 40, "checked_iteration": 10, "checked_cost": cost,
            "train_cost": 1.9, "stopped_early": ""}


def comparison_of(runs, **tolerances):
    return {"contestants": [{"name": name, "what": "", "tolerance": tolerance}
                            for name, tolerance in tolerances.items()],
            "runs": runs, "cores": [1], "iterations": [20]}


class Report(unittest.TestCase):
    def test_compares_runs_of_the_same_repetition(self):
        # A machine that becomes ten times slower after the first repetition: 4, 2 and 3 times faster.
        runs = [run_of("numpy", 0, 8), run_of("numpy", 1, 80), run_of("numpy", 2, 90),
                run_of("annmpi", 0, 2), run_of("annmpi", 1, 40), run_of("annmpi", 2, 30)]
        comparison = comparison_of(runs, numpy=1e-9, annmpi=1e-9)
        _, row = report.rows_of(comparison, 1, 20)
        self.assertEqual(row.times_faster(report.reference_for(row, comparison)), 3)
        self.assertEqual(report.spread(row.values("milliseconds_per_iteration")), "30 (2 to 40)")
        self.assertEqual(report.mean_and_deviation([10.0, 20.0, 30.0]), "20 ± 10")

    def test_reports_different_costs(self):
        def complaints(**costs):
            runs = [run_of(name.replace("_", "-"), 0, 1, cost) for name, cost in costs.items()]
            tolerances = {"single": 1e-3, "numpy": 1e-9, "annmpi": 1e-9, "other-cost": None}
            return report.differing(comparison_of(runs, **tolerances))

        self.assertEqual(complaints(single=2.001, numpy=2.0, annmpi=2 + 1e-9, other_cost=7.0), [])
        self.assertRegex(complaints(numpy=2.0, annmpi=2 + 1e-8)[0], "annmpi: cost 2.00000001 after 10 .*numpy has 2")
        self.assertRegex(complaints(single=2.01, numpy=2.0)[0], "^single: ")
        self.assertEqual(len(complaints(numpy=2.0, annmpi=float("nan"))), 1)


class Measuring(unittest.TestCase):
    def test_interleaves_contestants(self):
        job = type("Job", (), {"cores": [1], "iterations": [50, 300], "runs": 2})
        chosen = [one for one in contestants.EVERYONE if one.name in ("loop", "numpy", "annmpi", "annmpi-ranks")]
        turns = [(iterations, [one.name for one in turn]) for _, iterations, _, turn in measure.rounds(chosen, job)]
        self.assertEqual(turns, [(50, ["loop", "numpy", "annmpi"]), (50, ["annmpi", "numpy"]),
                                 (300, ["numpy", "annmpi"]), (300, ["annmpi", "numpy"])])

    def test_uses_the_cpus_of_its_affinity_mask(self):
        self.assertEqual(set(measure.usable_cpus()), os.sched_getaffinity(0))


class Compare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="annmpi compare ")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        for name, rows, seed in (("train", 240, 1), ("test", 60, 2), ("many", 1100, 3)):
            subprocess.run([str(BUILD / "bin" / "annmpi-data"), "galaxies", f"{name}.h5", "--rows", str(rows),
                            "--seed", str(seed)], cwd=cls.folder, check=True, capture_output=True, timeout=300)

    def compare(self, *arguments):
        return subprocess.run([sys.executable, str(TREE / "tools" / "compare.py"), *map(str, arguments)],
                              cwd=self.folder, capture_output=True, text=True, timeout=500, check=False)

    def quick(self, output, *arguments):
        return self.compare("--quick", "--data", "train.h5", "--test", "test.h5", "--build", BUILD,
                            "--output", output, *arguments)

    def stored(self, output):
        return json.loads((self.folder / output / "comparison.json").read_text(encoding="utf-8"))

    def assert_refused(self, words, *arguments):
        done = self.compare(*arguments)
        self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done)
        self.assertIn(words, done.stderr)
        self.assertFalse((self.folder / "runs").exists())

    def assert_sound(self, output, names):
        """Checks that each made 20 iterations with annmpi's costs; returns annmpi's run."""
        comparison = self.stored(output)
        runs = {run["contestant"]: run for run in comparison["runs"]}
        table = (self.folder / output / "comparison.md").read_text(encoding="utf-8")
        self.assertIn("Checked: after 10 iterations all stand at the same training cost", table)
        for name in names:
            run = runs[name]
            self.assertEqual((run["iterations"], run["stopped_early"]), (20, ""), name)
            self.assertLess(abs(run["checked_cost"] / runs["annmpi"]["checked_cost"] - 1), 1e-9, name)
            self.assertTrue(0 < run["training_seconds"] < run["whole_seconds"], name)
            self.assertIn(f"| {name} | 1 | 20 |", table)
        self.assertEqual(sorted(path.name for path in (self.folder / output).glob("running-*")), [])
        return runs["annmpi"]

    def test_compares_the_program_with_itself(self):
        done = self.quick("ours", "--only", *OURS)
        self.assertEqual(done.returncode, 0, done)
        figure = importlib.util.find_spec("matplotlib") is not None
        self.assertRegex(done.stderr, "^$" if figure else "no figure .* install matplotlib")
        self.assertEqual(self.stored("ours")["left_out"], {})
        self.assert_sound("ours", OURS)
        before = (self.folder / "ours" / "comparison.md").read_bytes()
        (self.folder / "ours" / "comparison.md").unlink()
        self.assertEqual(self.compare("--redraw", "--output", "ours").returncode, 0)
        self.assertEqual((self.folder / "ours" / "comparison.md").read_bytes(), before)
        if figure:
            self.assertEqual((self.folder / "ours" / "comparison.png").read_bytes()[:4], b"\x89PNG")
            self.assertIn("annmpi-direct", (self.folder / "ours" / "comparison.svg").read_text(encoding="utf-8"))

    @unittest.skipIf(WITHOUT, f"there is no {', no '.join(WITHOUT)}")
    def test_compares_with_numpy_and_a_loop(self):
        done = self.quick("peers", "--only", "loop", "numpy", "annmpi")
        self.assertEqual(done.returncode, 0, done)
        ours = self.assert_sound("peers", ["loop", "numpy"])
        for run in self.stored("peers")["runs"]:
            self.assertEqual(run["evaluations"], ours["evaluations"], run["contestant"])
            self.assertAlmostEqual(run["test_cost"], ours["test_cost"], 7, run["contestant"])
            self.assertEqual(run["test_accuracy"], ours["test_accuracy"], run["contestant"])

    def test_times_lbfgs_with_or_without_scikit_learn(self):
        done = subprocess.run([sys.executable, str(TREE / "tools" / "compare_lbfgs.py"), "--data", "train.h5", "--test",
                               "test.h5", "--build", str(BUILD), "--runs", "1", "--iterations", "3"],
                              cwd=self.folder, capture_output=True, text=True, timeout=500, check=False)
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"\n  annmpi +[0-9.]+ ms an iteration, 3 iterations, training cost [0-9.]+, test")
        both = importlib.util.find_spec("sklearn") is not None
        self.assertEqual("of scikit-learn's time per iteration" in done.stdout, both, done)
        self.assertEqual("left out: scikit-learn" in done.stdout, not both, done)

    def batches(self, *arguments):
        return subprocess.run([sys.executable, str(TREE / "tools" / "compare" / "batches.py"), "--data", "many.h5",
                               "--program", str(BUILD / "bin" / "annmpi"), "--cores", "1", "--kinds", "sgd",
                               "--runs", "1", "--epochs", "1", *arguments],
                              cwd=self.folder, capture_output=True, text=True, timeout=500, check=False)

    def test_times_mini_batches_with_or_without_pytorch(self):
        done = self.batches("--test", "test.h5")
        self.assertEqual(done.returncode, 0, done)
        both = all(map(importlib.util.find_spec, ("torch", "h5py")))
        self.assertEqual("left out: PyTorch" in done.stdout, not both, done)
        rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
        self.assertEqual(rows[0], ["1 core, ms an epoch", "sgd 128, 128", "sgd 128, 1024", "sgd 512-256, 128",
                                   "sgd 512-256, 1024"])
        self.assertEqual([row[0] for row in rows[2:]], ["PyTorch"] * both + ["annmpi, plain", "annmpi, equal bits",
                                                                            "annmpi, equal bits, float64"])
        for name, *cells in rows[2:]:
            for cell in cells:
                self.assertRegex(cell, r"^[0-9.]+ \([0-9.]+\)$" if both and name != "PyTorch" else r"^[0-9.]+$")
                self.assertGreater(float(cell.split()[0]), 0, name)
        self.assertEqual(self.batches("--test", "absent.h5").returncode, 2)

    def test_skips_contestants_that_are_missing_or_fail(self):
        (self.folder / "garbage.h5").write_bytes(b"\x89HDF and nothing more")
        done = self.compare("--quick", "--data", "garbage.h5", "--test", "test.h5", "--build", BUILD,
                            "--only", "annmpi", "annmpi-alone", "--output", "garbage")
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("annmpi-alone failed (status 2: ", done.stderr)
        self.assertIn("nothing was measured (all contestants failed)", done.stderr)
        done = self.compare("--quick", "--data", "train.h5", "--test", "test.h5", "--build", "elsewhere",
                            "--only", "annmpi", "--output", "elsewhere")
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("left out: annmpi (", done.stdout)
        self.assertIn("there is nothing to compare", done.stderr)

    def test_refuses_wrong_arguments(self):
        data = ("--data", "train.h5", "--test", "test.h5")
        (self.folder / "text.h5").write_text("no HDF5", encoding="utf-8")
        self.assert_refused("--data is missing")
        self.assert_refused("--test is missing", "--data", "train.h5")
        self.assert_refused("absent.h5: no such file", "--data", "absent.h5", "--test", "test.h5")
        self.assert_refused("text.h5: not an HDF5 file (--test)", "--data", "train.h5", "--test", "text.h5")
        self.assert_refused("did you mean numpy?", *data, "--only", "nunpy")
        self.assert_refused("'0' is not a whole number", *data, "--runs", "0")
        self.assert_refused("'x' is not a whole number", *data, "--iterations", "50", "x")
        self.assert_refused("--cores 90000: this process may use", *data, "--cores", "90000")
        self.assert_refused("train.h5: cannot be written to", *data, "--output", "train.h5")
        self.assert_refused("--redraw needs an earlier comparison", "--redraw", "--output", "absent")
        self.assert_refused("unrecognized", "--colour")


if __name__ == "__main__":
    outcome = unittest.main(verbosity=1, exit=False).result
    if outcome.wasSuccessful() and WITHOUT:
        print(f"SKIPPED: there is no {', no '.join(WITHOUT)} (python3-{' python3-'.join(WITHOUT)}): annmpi was compared"
              " with itself alone")
        sys.exit(77)
    sys.exit(not outcome.wasSuccessful())
