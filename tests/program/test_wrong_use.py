#!/usr/bin/env python3
"""Wrong use of a program gives one clear line and status 2, without a hang, and leaves no file.

tests/tree/test_plot_run.py checks the same for tools/plot_run.py.
"""
import gzip
import struct
import tempfile

import h5py
import numpy as np

from programs import NO_SLEEP, ProgramTest, annmpi_command, blobs, finish, listing, main, start, write_data

CLASSES = ["a", "b", "c"]
CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
[model]
hidden = [3]
[optimizer]
max_iterations = 2
[output]
directory = "run"
"""


class AnnmpiWrongUse(ProgramTest):
    def setUp(self):
        super().setUp()
        features, labels = blobs(30)
        write_data(self.folder / "train.h5", features, labels, CLASSES, 1 / 255)
        write_data(self.folder / "test.h5", features[:6], labels[:6], CLASSES, 1 / 255)
        self.write("run.toml", CONFIG)
        self.temporary = {}
        for ranks in (1, 3):
            folder = tempfile.TemporaryDirectory()
            self.addCleanup(folder.cleanup)
            self.temporary[ranks] = folder.name

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def refused(self, words, *arguments):
        before = listing(self.folder)
        # Both at once, because starting takes long. Each with its own TMPDIR: Open MPI's mpiexec removes its folder
        # there at its end, which makes another one that is just starting fail (5 % of such pairs).
        running = {ranks: start(annmpi_command(ranks, *arguments), self.folder, TMPDIR=self.temporary[ranks], **NO_SLEEP)
                   for ranks in (1, 3)}
        ended = {ranks: finish(process) for ranks, process in running.items()}
        for ranks, done in ended.items():
            with self.subTest(arguments=arguments, ranks=ranks):
                self.assert_refused(done, words, before)

    def refused_setting(self, words, *settings):
        self.refused(words, "--config", "run.toml", "--set", *settings)

    def refused_data(self, words, name):
        self.refused_setting(words, f"data.train={name}")

    def test_wrong_command_lines(self):
        self.refused("--config: is missing")
        self.refused("--confgi: is an unknown option (the nearest is --config)", "--confgi", "run.toml")
        self.refused("is not an option", "run.toml")
        self.refused("--output: needs a value", "--config", "run.toml", "--output")
        self.refused("optimizer.max_iterations", "--config", "run.toml", "--max-iterations", "-1")
        self.refused("model.seed", "--config", "run.toml", "--seed", "x")

    def test_wrong_shares(self):
        for shares in ("[-1]", "[inf]", "[nan]", "[0]", "[true]", "1", '"1"'):
            self.refused_setting("compute.shares", f"compute.shares={shares}")
        for shares in ("[1, 2]", "[1, 1, 1, 1]"):
            before = listing(self.folder)
            done = self.annmpi(3, "--config", "run.toml", "--set", f"compute.shares={shares}")
            self.assert_refused(done, "for 3 ranks (each rank needs one)", before)

    def test_wrong_files_of_configuration(self):
        self.refused("absent.toml", "--config", "absent.toml")
        self.refused(".", "--config", ".")
        self.write("syntax.toml", "[data\ntrain = 1")
        self.refused("syntax.toml", "--config", "syntax.toml")
        self.write("unknown.toml", CONFIG.replace("hidden", "hiden"))
        self.refused("hidden", "--config", "unknown.toml")
        self.write("section.toml", CONFIG.replace("[model]", "[modell]"))
        self.refused("model", "--config", "section.toml")
        self.write("empty.toml", "")
        self.refused("data.train", "--config", "empty.toml")
        (self.folder / "bytes.toml").write_bytes(b"\xff\xfe\x00")
        self.refused("bytes.toml", "--config", "bytes.toml")

    def test_wrong_values(self):
        self.refused_setting("model.hidden", "model.hidden=[0]")
        self.refused_setting("model.l2", "model.l2=much")
        self.refused_setting("model.l2", "model.l2=-1")
        self.refused_setting("model.output", "model.output=linear")
        self.refused_setting("optimizer.c1", "optimizer.c1=0.5", "optimizer.c2=0.1")
        self.refused_setting("compute.device", "compute.device=tpu")
        self.refused_setting("kind", "compute.device=gpu", "optimizer.kind=adam")
        self.refused_setting("compute.chunk_rows", "compute.chunk_rows=-7")
        self.refused_setting("model.hiden", "model.hiden=[3]")
        self.refused_setting("is not an assignment", "model.l2")

    def test_gpus_that_are_missing(self):
        for ranks in (1, 3):
            before = listing(self.folder)
            done = self.annmpi(ranks, "--config", "run.toml", "--set", "compute.device=gpu", CUDA_VISIBLE_DEVICES="")
            self.assert_refused(done, 'compute.device = "gpu": rank 0 on ', before)
            self.assertIn('; or set compute.device = "cpu"', done.complaints[0])
        done = self.annmpi(1, "--config", "run.toml", "--set", "compute.device=auto", CUDA_VISIBLE_DEVICES="")
        self.assert_done(done)
        self.assertRegex(done.out, r"(?m)^  device     CPU, ")

    def test_wrong_combinations(self):
        features, labels = blobs(30)
        write_data(self.folder / "alike.h5", features, labels * 0, ["all"], 1 / 255)
        one_class = ("data.train=alike.h5", "data.test=alike.h5")
        self.refused_setting("softmax", "model.output=softmax", *one_class)
        self.assert_done(self.annmpi(1, "--config", "run.toml", "--quiet", "--output", "run", "--set", *one_class))
        self.refused_setting("optimizer.patience", "optimizer.patience=3", 'data.test=""')
        self.refused_setting("optimizer.c1", "optimizer.kind=lbfgs", "optimizer.c1=0.95")
        self.refused_setting("optimizer.memory", "optimizer.kind=lbfgs", "optimizer.memory=0")

    def test_wrong_combinations_of_mini_batches(self):
        batches = ("optimizer.kind=adam", "optimizer.max_iterations=600")
        lines = ("optimizer.kind=cg",)
        self.refused_setting("larger than the training set", *batches, "optimizer.batch_size=1000000")
        self.refused_setting("optimizer.schedule", *batches, "optimizer.schedule=linear")
        self.refused_setting("optimizer.momentum = 0.9", *batches, "optimizer.momentum=0.9")
        self.refused_setting("optimizer.epochs = 3", *lines, "optimizer.epochs=3")
        self.refused_setting("optimizer.warmup_epochs", *batches, "optimizer.warmup_epochs=100")
        self.refused_setting("optimizer.learning_rate", *batches, "optimizer.learning_rate=0")
        self.refused_setting("optimizer.batch_size", *batches, "optimizer.batch_size=0")

    def test_no_room_for_the_rows(self):
        # The training and test rows are read after the memory limit has been checked.
        self.refused_setting("compute.cache_memory", "compute.cache_memory=0.0001")
        self.refused_setting("compute.cache_memory", "compute.cache_memory=-1")
        self.refused_setting("use more ranks or hosts", "compute.cache_memory=1e-6")
        # A sufficient limit changes nothing.
        self.assert_done(self.annmpi(2, "--config", "run.toml", "--quiet", "--set", "compute.cache_memory=1"))

    def test_wrong_data_files(self):
        features, labels = blobs(30)
        self.refused_data("absent.h5", "absent.h5")
        self.refused_data("data.train", '""')
        (self.folder / "folder.h5").mkdir()
        self.refused_data("folder.h5", "folder.h5")
        self.write("text.h5", "no HDF5\n")
        self.refused_data("text.h5", "text.h5")
        with h5py.File(self.folder / "other.h5", "w") as file:
            file["images"] = features
        self.refused_data("features", "other.h5")
        write_data(self.folder / "flat.h5", features[0], labels)
        self.refused_data("flat.h5", "flat.h5")
        write_data(self.folder / "short.h5", features, labels[:-1])
        self.refused_data("29 labels for 30 rows", "short.h5")
        write_data(self.folder / "empty.h5", features[:0], labels[:0])
        self.refused_data("empty.h5", "empty.h5")
        write_data(self.folder / "integers.h5", features.astype(np.int64), labels)
        self.refused_data("integers.h5", "integers.h5")
        write_data(self.folder / "new.h5", features, labels, annmpi_schema=2)
        self.refused_data("schema 2", "new.h5")
        write_data(self.folder / "scale.h5", features, labels, scale=float("nan"))
        self.refused_data("feature_scale", "scale.h5")
        write_data(self.folder / "shape.h5", features, labels, image_shape=[4, 4])
        self.refused_data("image_shape", "shape.h5")

    def test_wrong_labels(self):
        features, labels = blobs(300)
        wrong = labels.astype(np.int32)
        wrong[299] = 3
        write_data(self.folder / "high.h5", features, wrong, CLASSES, 1 / 255)
        self.refused_data("row 299 is 3", "high.h5")
        wrong[299] = -1
        write_data(self.folder / "low.h5", features, wrong, CLASSES, 1 / 255)
        self.refused_data("row 299 is -1", "low.h5")

    def test_sets_that_do_not_fit_each_other(self):
        features, labels = blobs(6)
        write_data(self.folder / "narrow.h5", features[:, :-1], labels, CLASSES, 1 / 255)
        self.refused_setting("19 features", "data.test=narrow.h5")
        write_data(self.folder / "names.h5", features, labels, ["b", "a", "c"], 1 / 255)
        self.refused_setting("has the classes b,a,c", "data.test=names.h5")
        write_data(self.folder / "scale.h5", features, labels, CLASSES, 1.0)
        self.refused_setting("feature_scale", "data.validation=scale.h5")
        self.refused_setting("absent.h5", "data.validation=absent.h5")

    def test_wrong_places_for_the_output(self):
        self.refused("train.h5", "--config", "run.toml", "--output", "train.h5")
        self.refused("train.h5", "--config", "run.toml", "--output", "train.h5/run")
        self.refused("/proc/annmpi", "--config", "run.toml", "--output", "/proc/annmpi")
        self.assert_done(self.annmpi(2, "--config", "run.toml", "--quiet"))
        self.refused("already holds a run", "--config", "run.toml")
        self.refused("already holds a run", "--config", "run.toml", "--check")

    def test_resume_leaves_a_finished_run_as_it_is(self):
        self.assert_done(self.annmpi(2, "--config", "run.toml", "--quiet"))
        files = {path: path.read_bytes() for path in (self.folder / "run").iterdir()}
        self.assertEqual(len(files), 4)
        for options in (["--resume"], ["--resume", "--overwrite"], ["--overwrite", "--resume"]):
            self.refused("--resume: this build writes no checkpoints (there is nothing to resume); to continue from a "
                         "model, give --set model.start_from=", "--config", "run.toml", *options)
        self.assertEqual({path: path.read_bytes() for path in (self.folder / "run").iterdir()}, files)

    def test_wrong_use_without_mpiexec(self):
        before = listing(self.folder)
        self.assert_refused(self.annmpi(0, "--config", "absent.toml"), "absent.toml", before)


class DataToolWrongUse(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("good.csv", "0,1,2,3,4\n1,5,6,7,8\n2,9,10,11,12\n")

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def refused(self, words, *arguments):
        before = listing(self.folder)
        with self.subTest(arguments=arguments):
            self.assert_refused(self.data_tool(*arguments), words, before)

    def refused_text(self, words, text, *options):
        self.write("wrong.csv", text)
        self.refused(words, "csv", "wrong.csv", "out.h5", *options)

    def test_wrong_command_lines(self):
        self.refused("no command is given")
        self.refused('"cvs" is not a command', "cvs", "good.csv", "out.h5")
        self.refused("needs 2 arguments, not 1", "csv", "good.csv")
        self.refused("needs 2 arguments, not 3", "csv", "good.csv", "out.h5", "more.h5")
        self.refused("--shape", "csv", "good.csv", "out.h5", "--shape", "2,2")
        self.refused("needs 1 arguments, not 0", "verify")

    def test_wrong_options(self):
        for words, *options in (("--type int7", "--type", "int7"), ("--image-shape 3,3", "--image-shape", "3,3"),
                                ("--image-shape 2", "--image-shape", "2"), ("--rows 2:9", "--rows", "2:9"),
                                ("--rows 2", "--rows", "2"), ("--rows 2:1", "--rows", "2:1"),
                                ("--feature-scale 0", "--feature-scale", "0"), ("--shuffle x", "--shuffle", "x"),
                                ("label", "--label-column", "9"), ("label", "--label-column", "kind"),
                                ("2", "--class-names", "a,b")):
            self.refused(words, "csv", "good.csv", "out.h5", *options)

    def test_wrong_text(self):
        self.refused_text("wrong.csv", "")
        self.refused_text("wrong.csv", "label,x,y\n")
        self.refused_text("line 2, column 3", "0,1,2\n1,3\n")
        self.refused_text("line 2, column 4", "0,1,2\n1,3,4,5\n")
        self.refused_text('line 2, column 3: "x" is not a number', "0,1,2\n1,3,x\n")
        self.refused_text("line 3, column 2", "0,1,2\n1,3,4\n2,nan,5\n")
        self.refused_text("line 1, column 3", "0,1,inf\n1,3,4\n", "--type", "float32")
        self.refused_text("line 2, column 2: is empty", "0,1,2\n1,,4\n")
        self.refused_text('line 2, column 1: the label "0.5"', "0,1,2\n0.5,3,4\n")
        self.refused_text("line 2, column 2: 300 does not fit uint8", "0,1,2\n1,300,4\n", "--type", "uint8")
        self.refused_text("line 2, column 1", "0,1,2\n7,3,4\n", "--class-names", "a,b,c")
        self.refused_text("wrong.csv: line 2", "0,1,2\n\n1,3,4\n")

    def test_wrong_files(self):
        self.refused("absent.csv", "csv", "absent.csv", "out.h5")
        self.refused(".", "csv", ".", "out.h5")
        self.refused("good.csv", "csv", "good.csv", "good.csv", "--force")
        self.refused("absent/out.h5", "csv", "good.csv", "absent/out.h5")
        self.write("out.h5", "mine")
        self.refused("out.h5", "csv", "good.csv", "out.h5")
        self.refused("out.h5", "info", "out.h5")
        self.refused("absent.h5", "verify", "absent.h5")

    def test_wrong_galaxies(self):
        self.refused("--rows is missing", "galaxies", "out.h5")
        self.refused("--rows 0", "galaxies", "out.h5", "--rows", "0")
        self.refused("--rows many", "galaxies", "out.h5", "--rows", "many")
        self.refused("--image-size 1", "galaxies", "out.h5", "--rows", "3", "--image-size", "1")
        self.refused("--seed -1", "galaxies", "out.h5", "--rows", "3", "--seed=-1")
        self.refused("out.png", "galaxies", "out.png", "--rows", "3")
        self.refused("absent/out.h5", "galaxies", "absent/out.h5", "--rows", "3")
        self.write("out.csv", "mine")
        self.refused("out.csv", "galaxies", "out.csv", "--rows", "3")

    def test_wrong_idx(self):
        images = struct.pack(">IIII", 0x803, 3, 2, 2) + bytes(range(12))
        labels = struct.pack(">II", 0x801, 3) + bytes([0, 1, 2])
        for name, data in (("images", images), ("labels", labels), ("short", images[:-1]), ("few", labels[:-1]),
                           ("two", struct.pack(">II", 0x801, 2) + bytes([0, 1])),
                           ("long", images + b"\0"), ("empty", b""),
                           ("cut.gz", gzip.compress(images)[:-4])):
            (self.folder / name).write_bytes(data)
        self.assert_done(self.data_tool("idx", "images", "labels", "good.h5"))
        self.refused("labels", "idx", "labels", "images", "out.h5")
        self.refused("good.csv", "idx", "good.csv", "labels", "out.h5")
        self.refused("short", "idx", "short", "labels", "out.h5")
        self.refused("few", "idx", "images", "few", "out.h5")
        self.refused("two", "idx", "images", "two", "out.h5")
        self.refused("long", "idx", "long", "labels", "out.h5")
        self.refused("empty", "idx", "empty", "labels", "out.h5")
        self.refused("cut.gz", "idx", "cut.gz", "labels", "out.h5")
        self.refused("absent", "idx", "images", "absent", "out.h5")
        self.refused("good.h5", "idx", "images", "labels", "good.h5")

    def test_verify_finds_damage(self):
        self.assert_done(self.data_tool("csv", "good.csv", "good.h5"))
        self.assert_done(self.data_tool("verify", "good.h5"))
        whole = (self.folder / "good.h5").read_bytes()
        (self.folder / "cut.h5").write_bytes(whole[:len(whole) // 2])
        self.refused("cut.h5", "verify", "cut.h5")
        (self.folder / "flipped.h5").write_bytes(whole)
        with h5py.File(self.folder / "flipped.h5", "a") as file:
            file["features"][1, 2] ^= 1
        self.refused("flipped.h5", "verify", "flipped.h5")


class PredictWrongUse(ProgramTest):
    def setUp(self):
        super().setUp()
        features, labels = blobs(30)
        write_data(self.folder / "train.h5", features, labels, CLASSES, 1 / 255)
        (self.folder / "run.toml").write_text(CONFIG.replace('test = "test.h5"', ""), encoding="utf-8")
        self.train(1, "run", "--quiet")
        (self.folder / "run" / "model.h5").rename(self.folder / "model.h5")

    def refused(self, words, *arguments):
        before = listing(self.folder)
        with self.subTest(arguments=arguments):
            self.assert_refused(self.predict(*arguments), words, before)

    def test_wrong_command_lines(self):
        self.refused("nothing is given")
        self.refused("one file is given", "model.h5")
        self.refused("3 files are given", "model.h5", "train.h5", "train.h5")
        self.refused("--parameters first", "model.h5", "train.h5", "--parameters", "first")
        self.refused("--jason", "model.h5", "train.h5", "--jason")
        self.refused("--output", "model.h5", "train.h5", "--output")

    def test_wrong_files(self):
        (self.folder / "text.h5").write_text("no HDF5", encoding="utf-8")
        self.refused("absent.h5", "absent.h5", "train.h5")
        self.refused("absent.h5", "model.h5", "absent.h5")
        self.refused("train.h5: is not a model", "train.h5", "train.h5")
        self.refused("features", "model.h5", "model.h5", "--output", "out.csv")
        self.refused("text.h5", "text.h5", "train.h5")
        self.refused("text.h5", "model.h5", "text.h5", "--output", "out.csv")
        self.refused("text.h5", "model.h5", "train.h5", "--output", "text.h5")
        self.refused("absent/out.csv", "model.h5", "train.h5", "--output", "absent/out.csv")

    def test_damaged_models(self):
        whole = (self.folder / "model.h5").read_bytes()
        (self.folder / "cut.h5").write_bytes(whole[:len(whole) // 2])
        self.refused("cut.h5", "cut.h5", "train.h5")

        def damaged(name, damage):
            (self.folder / name).write_bytes(whole)
            with h5py.File(self.folder / name, "a") as file:
                damage(file)
            self.refused(name, name, "train.h5")

        def delete_layer(file):
            del file["last/layer_2"]

        def change_weight(file):
            file["selected/layer_1/weights"][0, 0] += 1e-9

        damaged("layer.h5", delete_layer)
        damaged("weight.h5", change_weight)
        damaged("sizes.h5", lambda file: file.attrs.__setitem__("layer_sizes", [20, 4, 3]))
        damaged("names.h5", lambda file: file.attrs.__setitem__("class_names", ["a", "b"]))
        damaged("activation.h5", lambda file: file.attrs.__setitem__("hidden_activation", "cubic"))
        damaged("schema.h5", lambda file: file.attrs.__setitem__("annmpi_schema", 9))


if __name__ == "__main__":
    main()
