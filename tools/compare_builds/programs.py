"""Runs the programs of a build, and prints how to run them again."""
import os
import shlex
import subprocess
import tempfile

import launch
import measure

LONGEST_RUN = 900  # seconds

# Settings of the user's shell would affect some of the runs; those that matter are factors of the grid.
NOT_HANDED_ON = tuple(dict.fromkeys((
    "ANNMPI_SIMD_TARGET", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "OMP_DYNAMIC", "OPENBLAS_NUM_THREADS",
    *measure.NOT_HANDED_ON)))


class Failure(Exception):
    """A program failed."""


def of_ranks():
    """Lets mpirun start more ranks than cores, whose waiting ranks then yield instead of spinning."""
    return {**launch.of_root(), "OMPI_MCA_rmaps_base_oversubscribe": "1",
            "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe", "OMPI_MCA_hwloc_base_binding_policy": "none",
            "PRTE_MCA_hwloc_default_binding_policy": "none", "OMPI_MCA_mpi_yield_when_idle": "1",
            "OMPI_MCA_pml": "ob1", "OMPI_MCA_odls_base_sigkill_timeout": "0", "OMP_WAIT_POLICY": "passive"}


class Done:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def last_words(self):
        # mpirun frames its messages about a status with lines of hyphens.
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip(" -")]
        errors = [line for line in lines if "error: " in line]
        return (errors or lines or ["no message"])[0]


class Call:
    """A command and its environment, for either build: "$build" stands for the folder of the build."""

    def __init__(self, words, **variables):
        self.words, self.variables = [str(word) for word in words], variables

    def run(self, build, folder):
        def placed(text):
            return text.replace("$build", str(build.folder))

        environment = {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON}
        environment |= {name: placed(value) for name, value in self.variables.items()}
        try:
            # Open MPI 4 sometimes fails if a job ends that shares its folder of temporary files.
            with tempfile.TemporaryDirectory(prefix="annmpi-", ignore_cleanup_errors=True) as own:
                done = subprocess.run([placed(word) for word in self.words], cwd=folder, text=True, errors="replace",
                                      env={**environment, "TMPDIR": own}, stdin=subprocess.DEVNULL,
                                      capture_output=True, check=False, timeout=LONGEST_RUN)
        except subprocess.TimeoutExpired:
            return Done("none", "", f"no end after {LONGEST_RUN} s")
        except OSError as error:
            return Done("none", "", f"{placed(self.words[0])}: {error.strerror.lower()}")
        return Done(done.returncode, done.stdout, done.stderr)

    def shell(self, folder, *builds):
        """A shell command that runs it with each of the builds."""
        def quoted(text):
            return f'"{text}"' if "$build" in text else shlex.quote(text)

        unset = " ".join(f"-u {name}" for name in NOT_HANDED_ON if name in os.environ and name not in self.variables)
        words = [*(f"{name}={quoted(value)}" for name, value in self.variables.items()), *map(quoted, self.words)]
        folders = " ".join(shlex.quote(str(build.folder)) for build in builds)
        return (f"for build in {folders}; do (cd {shlex.quote(str(folder))} && env {unset}{' ' if unset else ''}"
                f"{' '.join(words)}); done")
