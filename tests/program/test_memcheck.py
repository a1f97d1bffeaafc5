#!/usr/bin/env python3
"""valgrind's memcheck finds nothing in a small training on two ranks, narrow and wide."""
import pathlib
import shutil
import sys

from programs import BIN, MPIEXEC, NO_SLEEP, SANITIZED, ProgramTest, blobs, main, run, write_data

CONFIG = """
[data]
train = "train.h5"
test = "test.h5"
[optimizer]
max_iterations = 6
refresh_interval = 4
"""
# Open MPI's suppressions, if its package has them, and ours for the libraries below it.
SUPPRESSIONS = [path for path in (pathlib.Path("/usr/share/openmpi/openmpi-valgrind.supp"),
                                  pathlib.Path(__file__).with_name("memcheck.supp")) if path.exists()]


class Memcheck(ProgramTest):
    def test_finds_nothing(self):
        for name, rows in (("train", 210), ("test", 60)):
            write_data(self.folder / f"{name}.h5", *blobs(rows), ["a", "b", "c"], 1 / 255)
        (self.folder / "run.toml").write_text(CONFIG, encoding="utf-8")
        for settings in (["model.hidden=[8]"], ["model.hidden=[200, 9]", "compute.precision=mixed"]):
            with self.subTest(settings=settings):
                command = [MPIEXEC, "-n", "2", "valgrind", "-q", "--error-exitcode=9",
                           *(f"--suppressions={path}" for path in SUPPRESSIONS), str(BIN / "annmpi"),
                           "--config", "run.toml", "--overwrite", "--output", "run", "--quiet", "--set", *settings]
                done = run(command, self.folder, parallel=True, **NO_SLEEP)
                self.assertEqual(done.status, 0, done)
                self.assertNotIn("==", done.err, done)


if __name__ == "__main__":
    if SANITIZED:
        print("SKIPPED: valgrind cannot run programs that were built with sanitizers")
        sys.exit(77)
    if shutil.which("valgrind") is None:
        print("SKIPPED: there is no valgrind (Debian's package valgrind): memory was not checked")
        sys.exit(77)
    main()
