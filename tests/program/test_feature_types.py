#!/usr/bin/env python3
"""Types of features that h5py and annmpi-data both write: the same numbers give the same bits as in a wider type."""
import h5py
import numpy as np

from programs import ProgramTest, blobs, listing, main, summary, write_data

CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
[model]
hidden = [5, 4]
[compute]
chunk_rows = 32
"""
CG = ("optimizer.max_iterations=5",)
WIDE = (*CG, "model.hidden=[70]", "optimizer.kind=lbfgs")
ADAM = ("optimizer.kind=adam", "optimizer.epochs=3", "optimizer.batch_size=66", "optimizer.learning_rate=0.01")

# A type, a wider one that holds the same numbers, and what the converter takes for the scale.
TYPES = {"uint16": ("float64", 1 / 65535), "float16": ("float32", 1.0)}


def numbers(kind, rows, features=37, seed=0):
    """Features of every magnitude that the type has, and labels."""
    bytes_of, labels = blobs(rows, features, seed=seed)
    random = np.random.RandomState(seed)
    values = bytes_of * 257.0 + random.randint(-128, 128, bytes_of.shape)
    values[random.uniform(size=values.shape) < 0.05] = 0
    limits = np.iinfo(kind) if np.dtype(kind).kind == "u" else np.finfo(kind)
    if np.dtype(kind).kind == "f":
        values = values / 2048 - 16
        tiny = random.uniform(size=values.shape) < 0.1
        values[tiny] *= 2.0**-20  # below the normal numbers
        values[1, :2] = -0.0, 2.0**-24
    values = np.clip(values, limits.min, limits.max)
    values[0, :2] = limits.min, limits.max
    return values.astype(kind), labels


class FeatureTypes(ProgramTest):
    def setUp(self):
        super().setUp()
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def write_sets(self, kind, stored_as, scale):
        for name, rows, seed in (("train", 230, 1), ("test", 61, 2)):
            values, labels = numbers(kind, rows, seed=seed)
            write_data(self.folder / f"{name}.h5", values.astype(stored_as), labels, ["a", "b", "c"], scale)

    def hashes(self, ranks, *settings):
        self.train(ranks, "run", "--quiet", "--overwrite", "--set", *settings)
        found = summary(self.folder / "run")
        return found["parameters_hash"], found["selected_hash"], found["final"]["monitor_cost"]

    def test_give_the_bits_of_a_wider_type(self):
        for kind, (wider, scale) in TYPES.items():
            for method in (CG, (*CG, "compute.precision=mixed"), WIDE, (*WIDE, "compute.precision=mixed"), ADAM,
                           (*ADAM, "compute.precision=mixed")):
                self.write_sets(kind, wider, scale)
                expected = self.hashes(1, *method)
                self.write_sets(kind, kind, scale)
                for ranks, streaming in ((1, "false"), (2, "true"), (3, "false")):
                    with self.subTest(kind=kind, method=method, ranks=ranks, streaming=streaming):
                        self.assertEqual(self.hashes(ranks, *method, f"data.streaming={streaming}"), expected)

    def test_give_the_same_bits_with_every_instruction_set(self):
        for kind, (_, scale) in TYPES.items():
            self.write_sets(kind, kind, scale)
            for precision in ("float64", "mixed"):
                found = set()
                for target in self.simd_targets():
                    self.train(1, "run", "--quiet", "--overwrite", "--set", *CG, f"compute.precision={precision}",
                               ANNMPI_SIMD_TARGET=target)
                    found.add(summary(self.folder / "run")["parameters_hash"])
                self.assertEqual(len(found), 1, (kind, precision))

    def test_may_differ_between_the_sets(self):
        for kind, (wider, scale) in TYPES.items():
            self.write_sets(kind, wider, scale)
            expected = self.hashes(2, *CG)
            values, labels = numbers(kind, 61, seed=2)
            write_data(self.folder / "test.h5", values, labels, ["a", "b", "c"], scale)
            self.assertEqual(self.hashes(2, *CG), expected)

    def test_are_predicted_alike(self):
        for kind, (wider, scale) in TYPES.items():
            self.write_sets(kind, wider, scale)
            self.train(1, "run", "--quiet", "--overwrite", "--set", *CG)
            outputs = []
            for stored_as in wider, kind:
                self.write_sets(kind, stored_as, scale)
                done = self.assert_done(self.predict("run/model.h5", "test.h5", "--output", f"{stored_as}.csv"))
                outputs.append((self.folder / f"{stored_as}.csv").read_text(encoding="utf-8"))
                self.assertEqual(done.complaints, [], done)
            self.assertEqual(outputs[0], outputs[1])

    def write_csv(self, values, labels):
        lines = [",".join([str(label), *(repr(float(value)) for value in row)]) for label, row in zip(labels, values)]
        (self.folder / "in.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def test_are_converted_to_what_h5py_reads(self):
        for kind, (_, scale) in TYPES.items():
            values, labels = numbers(kind, 100, features=64)
            self.write_csv(values, labels)
            done = self.assert_done(self.data_tool("csv", "in.csv", "out.h5", "--type", kind, "--force"))
            self.assertIn(f"({kind}, scale ", done.out)
            with h5py.File(self.folder / "out.h5") as file:
                self.assertEqual(file["features"].dtype, np.dtype(kind).newbyteorder("<"))
                np.testing.assert_array_equal(file["features"][:].view(np.uint16), values.view(np.uint16))
                self.assertEqual(file.attrs["feature_scale"], scale)
                self.assertEqual("image_shape" in file.attrs, np.dtype(kind).kind == "u")
            self.assertIn(kind, self.assert_done(self.data_tool("info", "out.h5")).out)
            self.assert_done(self.data_tool("verify", "out.h5"))
            self.assert_done(self.data_tool("csv", "in.csv", "mixed.h5", "--type", kind, "--shuffle", "3", "--force"))
            self.assert_done(self.data_tool("verify", "mixed.h5"))
            with h5py.File(self.folder / "mixed.h5") as file:
                self.assertEqual(sorted(map(tuple, file["features"][:].tolist())),
                                 sorted(map(tuple, values.tolist())))
            with h5py.File(self.folder / "mixed.h5", "r+") as file:
                file["features"][7, 7] += 1
            self.assertEqual(self.data_tool("verify", "mixed.h5").status, 2)

    def test_are_refused_where_values_do_not_fit(self):
        for kind, value, words in (
                ("uint16", "65536", "65536 does not fit uint16 (whole numbers from 0 to 65535); choose another --type"),
                ("uint16", "0.5", "0.5 does not fit uint16"), ("uint16", "-1", "-1 does not fit uint16"),
                ("float16", "65505", "65505 does not fit float16 (at most 65504); choose --type float32"),
                ("float16", "-1e300", "-1e300 does not fit float16")):
            (self.folder / "in.csv").write_text(f"0,1,2\n1,3,{value}\n", encoding="utf-8")
            before = listing(self.folder)
            done = self.data_tool("csv", "in.csv", "out.h5", "--type", kind)
            self.assert_refused(done, f"in.csv: line 2, column 3: {words}", before)

    def test_are_rounded_like_numpy(self):
        values = np.random.RandomState(5).normal(0, 1, (40, 30)) * 2.0 ** np.random.RandomState(6).randint(-27, 15, (40, 30))
        values[0, :4] = 2.0**-25, 1.5 * 2.0**-24, 1 + 2.0**-11, 1 + 3 * 2.0**-11  # halfway between two numbers
        self.write_csv(values, np.arange(40) % 2)
        self.assert_done(self.data_tool("csv", "in.csv", "out.h5", "--type", "float16"))
        with h5py.File(self.folder / "out.h5") as file:
            np.testing.assert_array_equal(file["features"][:], values.astype(np.float16))

    def test_are_read_in_either_byte_order(self):
        for kind, (_, scale) in TYPES.items():
            found = []
            for order in "<>":
                self.write_sets(kind, np.dtype(kind).newbyteorder(order), scale)
                found.append(self.hashes(1, *CG))
            self.assertEqual(found[0], found[1])

    def test_are_refused_where_numbers_are_not_finite(self):
        for value, word in ((np.nan, "nan"), (-np.inf, "-inf")):
            self.write_sets("float16", "float16", 1.0)
            with h5py.File(self.folder / "train.h5", "r+") as file:
                file["features"][17, 3] = value
            before = listing(self.folder)
            done = self.annmpi(2, "--config", "run.toml")
            self.assert_refused(done, f"train.h5: features: row 17, column 3 is {word} (not a finite number)", before)
            done = self.data_tool("verify", "train.h5")
            self.assertEqual(done.status, 2, done)
            self.assertIn(f"row 17, column 3: is {word}", done.err)

    def test_of_two_bytes_are_not_guessed(self):
        values, labels = numbers("uint16", 230, seed=1)
        self.write_sets("uint16", "uint16", 1.0)
        with h5py.File(self.folder / "train.h5", "r+") as file:
            del file["features"]
            bfloat16 = h5py.h5t.IEEE_F32LE.copy()
            bfloat16.set_fields(15, 7, 8, 0, 7)
            bfloat16.set_size(2)
            bfloat16.set_ebias(127)
            space = h5py.h5s.create_simple(values.shape)
            h5py.h5d.create(file.id, b"features", bfloat16, space).write(space, space, values.astype(np.float32))
        for kind in "an unsupported type", "int64":
            before = listing(self.folder)
            done = self.annmpi(1, "--config", "run.toml")
            self.assert_refused(done, f"train.h5: features: has type {kind} (uint8, uint16, float16, float32 or float64 "
                                "is expected)", before)
            write_data(self.folder / "train.h5", values.astype(np.int16), labels, ["a", "b", "c"], 1.0)


if __name__ == "__main__":
    main()
