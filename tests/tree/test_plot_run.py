#!/usr/bin/env python3
"""tools/plot_run.py on fabricated run folders: draws figures, and reports misuse in one line.

usage: test_plot_run.py ROOT-OF-THE-TREE [ANNMPI ANNMPI-PREDICT]

A stand-in for annmpi-predict classifies, except in the test of a real run, which needs the two programs.
"""

import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

try:
    import h5py
    import matplotlib  # noqa: F401
    import numpy as np
except ImportError as missing:
    print(f"SKIPPED: {missing} (python3-h5py and python3-matplotlib draw the figure)")
    sys.exit(77)

TOOLS = pathlib.Path(sys.argv.pop(1)).resolve() / "tools"
PROGRAMS = [sys.argv.pop(1) for _ in sys.argv[1:3]]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOOLS))
import plot_run  # noqa: E402
import run_folder  # noqa: E402

CLASSES = ["elliptical", "spiral", "irregular"]
COLUMNS = ["iteration", "evaluations", "seconds", "train_cost", "train_accuracy", "monitor_cost",
           "monitor_accuracy", "gradient_norm", "step"]


def write_data(path, rows=30, shape=(4, 4), classes=CLASSES):
    """Class k is bright in pixel k; the labels of rows 1 and 2 are deliberately wrong."""
    labels = np.arange(rows) % len(classes)
    features = np.zeros((rows, 16), dtype=np.uint8)
    features[np.arange(rows), labels] = 255
    labels[1:3] = labels[2:0:-1]
    with h5py.File(path, "w") as file:
        file["features"], file["labels"] = features, labels.astype(np.uint8)
        file.attrs["annmpi_schema"], file.attrs["feature_scale"] = 1, 1 / 255
        file.attrs["class_names"] = classes
        if shape:
            file.attrs["image_shape"] = shape


# Takes the brightest of the first pixels for the class, and refuses what has no features. Its reports have the
# form of those of annmpi-predict; the model is a text file with the names of the classes.
STAND_IN = """#!{python}
import json, sys
import h5py
model, data = sys.argv[1:3]
names = open(model).read().split(",")
with h5py.File(data, "r") as file:
    if "features" not in file:
        sys.exit(f"annmpi-predict: error: {{data}}: has no dataset features; convert the data")
    features, labels = file["features"][()], file["labels"][()]
predicted = features[:, :len(names)].argmax(axis=1)
confusion = [[int(((labels == t) & (predicted == p)).sum()) for p in range(len(names))] for t in range(len(names))]
if "--json" in sys.argv:
    print(json.dumps({{"classes": [{{"name": name}} for name in names], "confusion": confusion}}))
if "--output" in sys.argv:
    with open(sys.argv[sys.argv.index("--output") + 1], "w") as file:
        print("row", "label", "predicted", *("probability_" + name for name in names), sep=",", file=file)
        for row, (label, guess) in enumerate(zip(labels, predicted)):
            print(row, names[label], names[guess], *("0" for _ in names), sep=",", file=file)
"""


def write_model(path, classes=CLASSES):
    path.write_text(",".join(classes), encoding="utf-8")


def write_metrics(path, rows=12, monitored=True):
    lines = [",".join(COLUMNS)]
    for i in range(rows):
        cost, accuracy = 2 / (1 + i) + 0.5, 0.9 - 0.5 / (1 + i)
        watched = (repr(cost + 0.01 * i * i), repr(accuracy - 0.05)) if monitored else ("", "")
        lines.append(",".join([str(i), str(2 * i + 1), "0.1", repr(cost), repr(accuracy), *watched, "0.1", "1"]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


class PlotRun(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="annmpi plot ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.run_folder = self.folder / "run"
        self.run_folder.mkdir()
        write_data(self.folder / "test.h5")
        write_model(self.run_folder / "model.h5")
        write_metrics(self.run_folder / "metrics.csv")
        self.predict = self.folder / "annmpi-predict"
        self.predict.write_text(STAND_IN.format(python=sys.executable), encoding="utf-8")
        self.predict.chmod(0o755)
        # Relative to the current folder, self.folder.
        (self.run_folder / "config.toml").write_text('[data]\ntrain = "none.h5"\ntest = "test.h5"\n',
                                                     encoding="utf-8")

    def plot(self, *arguments, found="stand-in"):
        """plot_run.main() in self.folder, in this process, because Matplotlib starts slowly; `found` is the
        annmpi-predict that it finds without being told."""
        out, err = io.StringIO(), io.StringIO()
        before, sys.argv = (os.getcwd(), sys.argv), ["plot_run.py", *map(str, arguments)]
        found = str(self.predict) if found == "stand-in" else found
        os.chdir(self.folder)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), \
                    unittest.mock.patch("run_folder.find_predict", lambda: found):
                status = plot_run.main()
        except SystemExit as end:
            status = end.code
        finally:
            os.chdir(before[0])
            sys.argv = before[1]
        return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())

    def svg(self, *arguments):
        """Draws the figure without warnings; returns its text."""
        done = self.plot("run", "--output", "figure.svg", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = (self.folder / "figure.svg").read_text(encoding="utf-8")
        return re.findall(r">([^<>\s][^<>]*)</text>", text)

    def assert_refused(self, words, *arguments):
        done = self.plot(*arguments)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn(words, done.stderr)
        left = [path.name for path in self.folder.rglob("*") if "figure" in path.name or ".tmp" in path.name]
        self.assertEqual(left, [])

    def test_draws_a_png_into_the_run_folder(self):
        done = subprocess.run([str(TOOLS / "plot_run.py"), "run", "--predict", self.predict], cwd=self.folder, capture_output=True,
                              text=True, timeout=300)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.strip(), "run/figure.png")
        self.assertEqual((self.run_folder / "figure.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_marks_wrong_predictions_by_letters(self):
        texts = self.svg()
        # The figure draws 18 of 30 galaxies, 6 of each class, including the two with wrong labels.
        right = [text for text in texts if text in ("E", "S", "I")]
        wrong = [text for text in texts if "≠" in text and len(text) == 3]
        self.assertEqual(len(right) + len(wrong), 18)
        self.assertTrue(set(wrong) <= {"S≠I", "I≠S"} and wrong, wrong)
        self.assertTrue(any("93.3 % of 30 right (test set)" in text for text in texts), texts)
        self.assertTrue(any(text.startswith("best iteration 4 ") for text in texts), texts)

    def test_is_deterministic(self):
        self.assertEqual(self.svg(), self.svg())

    def test_draws_a_confusion_matrix_without_images(self):
        write_data(self.folder / "test.h5", shape=None)
        texts = self.svg()
        self.assertIn("predicted class", texts)
        self.assertIn("9", texts)  # 10 spirals, one with a wrong label

    def test_makes_letters_unique(self):
        names = ["spiral", "starburst", "elliptical"]
        write_data(self.folder / "test.h5", classes=names)
        write_model(self.run_folder / "model.h5", classes=names)
        texts = self.svg()
        self.assertTrue({"Sp", "St", "E"} <= set(texts), texts)

    def test_draws_a_run_without_monitored_set(self):
        write_metrics(self.run_folder / "metrics.csv", monitored=False)
        self.assertTrue(any(text.startswith("best iteration 11 ") for text in self.svg()))

    def test_draws_a_run_of_one_row(self):
        write_metrics(self.run_folder / "metrics.csv", rows=1)
        self.assertTrue(any(text.startswith("best iteration 0 ") for text in self.svg()))

    def test_skips_an_incomplete_last_line(self):
        with open(self.run_folder / "metrics.csv", "a", encoding="utf-8") as file:
            file.write("12,25,0.1,0.0")
        self.assertTrue(any(text.startswith("best iteration 4 ") for text in self.svg()))

    def test_marks_the_selected_iteration(self):
        (self.run_folder / "summary.json").write_text('{"selected_iteration": 7}', encoding="utf-8")
        self.assertTrue(any(text.startswith("selected iteration 7 ") for text in self.svg()))

    def test_draws_only_curves(self):
        (self.folder / "test.h5").unlink()
        self.assertNotIn("E", self.svg("--curves"))

    def test_draws_a_run_that_has_no_model_yet(self):
        (self.run_folder / "model.h5").unlink()
        done = self.plot("run")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no model.h5 yet", done.stderr)

    def test_draws_only_curves_without_annmpi_predict(self):
        done = self.plot("run", found=None)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertIn("annmpi-predict was not found", done.stderr)
        self.assertTrue((self.run_folder / "figure.png").exists())

    def test_finds_annmpi_predict_where_it_was_installed_or_built(self):
        def made(*parts):
            path = self.folder.joinpath(*parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("", encoding="utf-8")
            path.chmod(0o755)
            return path

        def found(*parts):
            with unittest.mock.patch("run_folder.__file__", str(self.folder.joinpath(*parts, "run_folder.py"))), \
                    unittest.mock.patch.dict(os.environ, {"PATH": str(self.folder / "elsewhere")}):
                return run_folder.find_predict()

        self.assertIsNone(found("checkout", "tools"))
        in_path = made("elsewhere", "annmpi-predict")
        self.assertEqual(found("checkout", "tools"), str(in_path))
        older = made("checkout", "build", "bin", "annmpi-predict")
        os.utime(older, (1, 1))
        self.assertEqual(found("checkout", "tools"), str(older))
        newer = made("checkout", "build", "release", "bin", "annmpi-predict")
        self.assertEqual(found("checkout", "tools"), str(newer))
        installed = made("usr", "bin", "annmpi-predict")
        self.assertEqual(found("usr", "share", "annmpi", "tools"), str(installed))

    def test_draws_a_run_of_the_real_programs(self):
        if not PROGRAMS:
            self.skipTest("annmpi and annmpi-predict are not named")
        annmpi, predict = PROGRAMS
        alone = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        subprocess.run([annmpi, "--config", "/dev/null", "--output", "real", "--set", "data.train=test.h5", "--set",
                        "model.hidden_activation=tanh", "--max-iterations", "30", "--quiet"],
                       cwd=self.folder, check=True, capture_output=True, timeout=300, env=alone)
        report = json.loads(subprocess.run([predict, "real/model.h5", "test.h5", "--json"], cwd=self.folder,
                                           check=True, capture_output=True, timeout=300).stdout)
        done = self.plot("real", "--output", "figure.svg", "--predict", predict, found=None)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = (self.folder / "figure.svg").read_text(encoding="utf-8")
        self.assertIn(f"{100 * report['accuracy']:.1f} % of 30 right (training set)", text)
        # Each of the 18 images has a frame and a letter, or two letters where the prediction is wrong.
        self.assertEqual(len(re.findall(r">(?:[ESI]|[ESI]≠[ESI])</text>", text)), 18)

    def test_refuses_wrong_arguments(self):
        self.assert_refused("RUN")
        self.assert_refused("no such folder", "absent")
        self.assert_refused(".png or a .svg", "run", "--output", "figure.pdf")
        self.assert_refused("not written", "run", "--output", "absent/figure.png")
        self.assert_refused("absent: cannot be run", "run", "--predict", "absent")
        self.assert_refused("unrecognized", "run", "--colour")

    def test_refuses_a_folder_without_a_run(self):
        (self.run_folder / "metrics.csv").unlink()
        self.assert_refused("metrics.csv: not found", "run")
        (self.run_folder / "metrics.csv").write_text("hello\n", encoding="utf-8")
        self.assert_refused("first line must name the columns", "run")
        (self.run_folder / "metrics.csv").write_text("iteration,train_cost\n0,1\n1,x\n", encoding="utf-8")
        self.assert_refused("line 3, train_cost: 'x' is not a number", "run")
        (self.run_folder / "metrics.csv").write_text("iteration,train_cost\n", encoding="utf-8")
        self.assert_refused("no iteration is recorded yet", "run")

    def test_passes_on_what_annmpi_predict_refuses(self):
        with h5py.File(self.folder / "empty.h5", "w"):
            pass
        self.assert_refused("plot_run.py: empty.h5: has no dataset features; convert", "run", "--data", "empty.h5")
        self.predict.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        self.assert_refused("failed with status 1", "run")
        (self.folder / "test.h5").unlink()
        self.assert_refused("test.h5: not found (named in run/config.toml", "run")


if __name__ == "__main__":
    unittest.main(verbosity=1)
