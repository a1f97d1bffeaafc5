#!/usr/bin/env python3
"""What the ranks agree on before training: if one rank fails, all exit with one message."""
import os
import platform
import unittest

from programs import BIN, MPIEXEC, NO_SLEEP, SANITIZED, ProgramTest, blobs, listing, main, run, summary, write_data

CONFIG = """
[data]
train = "train.h5"
[model]
hidden = [4]
[optimizer]
max_iterations = 10
[compute]
chunk_rows = 16
"""
# Built with the tests for processors with such a mode.
FAST_MATHEMATICS = os.environ.get("ANNMPI_TEST_FAST_MATHEMATICS", "")

CORE = {"OPENBLAS_CORETYPE": "Prescott"}


def unequal_ranks(variables, *arguments):
    """A command that starts one rank per dictionary of environment variables."""
    command = [MPIEXEC]
    for index, extra in enumerate(variables):
        command += [":"] if index else []
        command += ["-n", "1", "env", *[f"{name}={value}" for name, value in extra.items()], str(BIN / "annmpi"),
                    *map(str, arguments)]
    return command


class Agreement(ProgramTest):
    def setUp(self):
        super().setUp()
        features, labels = blobs(150)
        write_data(self.folder / "train.h5", features, labels, ["a", "b", "c"], 1 / 255)
        write_data(self.folder / "floats.h5", features.astype("float32"), labels, ["a", "b", "c"], 1 / 255)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")

    def run_unequal(self, *variables, settings=()):
        command = unequal_ranks(variables, "--config", "run.toml", "--output", "run", "--overwrite",
                                *(word for setting in settings for word in ("--set", setting)))
        return run(command, self.folder, parallel=True, **NO_SLEEP)

    @unittest.skipIf(SANITIZED, "a library cannot be loaded before the sanitizer's")
    @unittest.skipUnless(FAST_MATHEMATICS, "made for x86-64")
    def test_a_library_that_changes_the_arithmetic_is_found(self):
        before = listing(self.folder)
        preload = {"LD_PRELOAD": FAST_MATHEMATICS}
        done = self.run_unequal({}, preload, {})
        self.assert_refused(done, "subnormal results are flushed to zero, subnormal operands are read as zero "
                                  "(MXCSR is 0x", before)
        self.assertIn("(seen by rank 1 on ", done.complaints[0])
        self.assert_refused(self.run_unequal(preload), "at start", before)

    def test_ranks_take_an_instruction_set_that_all_have(self):
        plainest = self.simd_targets()[-1]
        restricted = {"ANNMPI_SIMD_TARGET": plainest}
        self.assert_done(self.run_unequal(restricted, restricted))
        expected = summary(self.folder / "run")
        for variables in ([{}, restricted], [restricted, {}]):
            self.assert_done(self.run_unequal(*variables))
            found = summary(self.folder / "run")
            self.assertEqual(found["launch"]["simd_target"], plainest)
            self.assertEqual(found["parameters_hash"], expected["parameters_hash"])
        before = listing(self.folder)
        done = self.run_unequal({}, {"ANNMPI_SIMD_TARGET": "AVX9"})
        self.assert_refused(done, "ANNMPI_SIMD_TARGET=AVX9: is unknown; write one of ", before)
        self.assertIn("(seen by rank 1 on ", done.complaints[0])

    def wide_run(self, *variables):
        """Runs one rank per dictionary, with a network that needs OpenBLAS on any processor."""
        return self.run_unequal(*variables, settings=("model.hidden=[100]", "data.train=floats.h5"))

    def test_narrow_networks_need_no_openblas(self):
        self.assert_done(self.run_unequal({}))
        self.assertIsNone(summary(self.folder / "run")["launch"]["blas_core"])
        self.assertIsNone(summary(self.folder / "run")["versions"]["openblas"])

    def test_ranks_take_the_same_kernels_of_openblas(self):
        done = self.assert_done(self.wide_run({}, {}))
        found = summary(self.folder / "run")
        self.assertIn("OpenBLAS", found["versions"]["openblas"])
        self.assertIn(f"OpenBLAS for {found['launch']['blas_core']}", done.out)
        before = listing(self.folder)
        for variables in ([{}, CORE], [CORE, {}], [CORE, {"OPENBLAS_CORETYPE": "Nehalem"}]):
            self.assert_refused(self.wide_run(*variables), "OPENBLAS_CORETYPE differs between the ranks", before)

    @unittest.skipUnless(platform.machine() == "x86_64", "core types of x86-64")
    def test_the_kernels_of_openblas_can_be_chosen(self):
        self.assert_done(self.wide_run({}))
        if "DYNAMIC_ARCH" not in summary(self.folder / "run")["versions"]["openblas"]:
            self.skipTest("this OpenBLAS is built for one processor")
        self.assert_done(self.wide_run(CORE, CORE))
        self.assertEqual(summary(self.folder / "run")["launch"]["blas_core"], "Prescott")
        before = listing(self.folder)
        self.assert_refused(self.wide_run({"OPENBLAS_CORETYPE": "nonsense"}),
                            "OPENBLAS_CORETYPE=nonsense: libopenblas.so.0 does not know this type", before)


if __name__ == "__main__":
    main()
