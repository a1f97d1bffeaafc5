#!/usr/bin/env python3
"""Starting without MPI or from the model of another run, and ending early by patience."""
import json

import h5py
import numpy as np

from programs import ProgramTest, blobs, listing, main, metrics, summary, write_data

CLASSES = ["a", "b", "c"]
CONFIG = """
[data]
train = "train.h5"
validation = "validation.h5"
[model]
hidden = [6, 5]
hidden_activation = "tanh"
output = "softmax"
init = "glorot"
selection = "last"
[optimizer]
kind = "lbfgs"
max_iterations = 6
[compute]
chunk_rows = 16
"""


class StartAndEnd(ProgramTest):
    def setUp(self):
        super().setUp()
        for name, rows, seed in (("train", 150, 1), ("validation", 60, 2)):
            write_data(self.folder / f"{name}.h5", *blobs(rows, seed=seed, noise=60), CLASSES, 1 / 255)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def test_questions_are_answered_where_mpi_cannot_start(self):
        # Open MPI does not find the components that it is told to use.
        broken = {"OMPI_MCA_pml": "nonsense"}
        training = self.annmpi(0, "--config", "run.toml", "--quiet", **broken)
        if training.status == 0:
            self.skipTest("OMPI_MCA_pml=nonsense does not keep this MPI from starting")
        for option in ("--help", "--version", "--print-config"):
            sound = self.annmpi(0, option)
            for ranks in (0, 3):
                with self.subTest(option=option, ranks=ranks):
                    done = self.assert_done(self.annmpi(ranks, option, **broken))
                    self.assertEqual((done.out, done.err), (sound.out, ""))

    def test_goes_on_from_a_model(self):
        self.train(1, "first", "--quiet")
        first = summary(self.folder / "first")
        hashes = set()
        for ranks in (1, 3):
            self.train(ranks, f"second {ranks}", "--quiet", "--set", "model.start_from=first/model.h5",
                       "optimizer.kind=cg")
            second = summary(self.folder / f"second {ranks}")
            hashes.add(second["parameters_hash"])
            # Costs of the same parameters; those at the end come from carried pre-activations after six steps.
            for name in ("train_cost", "monitor_cost"):
                self.assertAlmostEqual(second["initial"][name] / first["final"][name], 1, delta=1e-13)
            self.assertLess(second["final"]["train_cost"], first["final"]["train_cost"])
        self.assertEqual(len(hashes), 1)

    def test_goes_on_from_the_selected_parameters(self):
        self.train(1, "first", "--quiet", "--set", "model.selection=best", "optimizer.max_iterations=100")
        first = summary(self.folder / "first")
        self.assertLess(first["selected_iteration"], first["iterations"])  # or the test would prove nothing
        self.train(1, "second", "--quiet", "--set", "model.start_from=first/model.h5", "--max-iterations", 0)
        second = summary(self.folder / "second")
        self.assertEqual(second["parameters_hash"], first["selected_hash"])

    def test_refuses_models_that_do_not_fit(self):
        self.train(2, "first", "--quiet")
        features, labels = blobs(150, seed=1, noise=60)
        write_data(self.folder / "scaled.h5", features, labels, CLASSES, 1 / 128)
        write_data(self.folder / "permuted.h5", features, labels, ["b", "a", "c"], 1 / 255)
        before = listing(self.folder)
        for words, *settings in (
                ("20-6-5-3, tanh hidden units, softmax outputs, 179 parameters; the configuration and the data require "
                 "20-6-4-3", "model.hidden=[6, 4]"),
                ("has another network", "model.hidden_activation=relu"),
                ("has another network", "model.output=sigmoid"),
                ("another feature scale", "data.train=scaled.h5", "data.validation=scaled.h5"),
                ("classes", "data.train=permuted.h5", "data.validation=permuted.h5"),
                ("train.h5", "model.start_from=train.h5"),
                ("absent/model.h5", "model.start_from=absent/model.h5")):
            for ranks in (1, 3):
                start = [] if any("start_from" in one for one in settings) else ["model.start_from=first/model.h5"]
                with self.subTest(settings=settings, ranks=ranks):
                    done = self.annmpi(ranks, "--config", "run.toml", "--output", "second", "--set", *start, *settings)
                    self.assert_refused(done, words, before)

    def test_ends_where_the_monitored_cost_rises(self):
        for ranks, kind in ((1, "lbfgs"), (3, "cg")):
            output = f"patient {kind}"
            self.train(ranks, output, "--quiet", "--set", "optimizer.patience=4", f"optimizer.kind={kind}",
                       "optimizer.max_iterations=500", "model.selection=best")
            found, history = summary(self.folder / output), metrics(self.folder / output)
            self.assertEqual((found["status"], found["exit_status"]), ("patience", 0))
            costs = history["monitor_cost"]
            self.assertEqual(found["selected_iteration"], costs.index(min(costs)))
            self.assertEqual(found["iterations"], found["selected_iteration"] + 4)

    def test_weights_of_glorot_and_he_are_numpys(self):
        for init, bound in (("glorot", lambda rows, columns: np.sqrt(6 / (rows + columns))),
                            ("he", lambda rows, columns: np.sqrt(6 / columns))):
            self.train(1, init, "--quiet", "--seed", 5, "--max-iterations", 0, "--set", f"model.init={init}")
            random = np.random.RandomState(5)
            with h5py.File(self.folder / init / "model.h5") as file:
                for layer, shape in (("layer_1", (6, 20)), ("layer_2", (5, 6)), ("layer_3", (3, 5))):
                    half = bound(*shape)
                    expected = random.rand(*shape) * (2 * half) - half
                    np.testing.assert_array_equal(file[f"last/{layer}/weights"][...], expected)
                    np.testing.assert_array_equal(file[f"last/{layer}/bias"][...], 0)

    def test_the_resolved_configuration_tells(self):
        self.train(1, "run", "--quiet")
        text = (self.folder / "run" / "config.toml").read_text(encoding="utf-8")
        self.assertIn("\nc2 = 0.9\n", text)
        # Read back, it gives the same run.
        (self.folder / "again.toml").write_text(text, encoding="utf-8")
        self.train(1, "again", "--quiet", config="again.toml")
        hashes = [summary(self.folder / name)["parameters_hash"] for name in ("run", "again")]
        self.assertEqual(hashes[0], hashes[1], json.dumps(hashes))


if __name__ == "__main__":
    main()
