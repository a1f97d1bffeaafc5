"""The two builds: an existing folder, or a commit or the working tree, which are built first."""
import os
import pathlib
import subprocess
import tempfile

TREE = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ["annmpi", "annmpi_data_program", "annmpi_predict_program"]  # targets of every build
EMULATED = ["test_emulated_module", "test_emulated_program", "test_fake_driver"]  # only with CUDA's headers
BENCHMARKS = ["bench_kernels"]  # only with Google Benchmark


class Trouble(Exception):
    """An error that the user can correct, as one sentence."""


class Build:
    def __init__(self, side, folder):
        self.side, self.folder = side, folder


def git(*words, tree=TREE):
    """(output of git, ""), or (None, reason) if it fails."""
    try:
        done = subprocess.run(["git", "-C", str(tree), *words], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)
    except OSError as error:
        return None, f"git: {error.strerror.lower()}"
    said = done.stderr.strip().splitlines()
    return (done.stdout.strip(), "") if done.returncode == 0 else (None, said[-1] if said else "git failed")


def checked_out(side, commit, keep, stack):
    """A work tree of the commit: `keep`/side, which is kept, or a temporary one, which is removed with `stack`."""
    if keep:
        folder = keep.absolute() / side
        if folder.exists():
            top, _ = git("rev-parse", "--show-toplevel", tree=folder)
            if top is None or pathlib.Path(top).resolve() != folder.resolve():
                raise Trouble(f"{folder}: not a work tree of git; name another folder with --keep")
            done, why = git("checkout", "--quiet", "--detach", commit, tree=folder)
            if done is None:
                raise Trouble(f"{folder}: {commit} cannot be checked out ({why})")
            return folder
        folder.parent.mkdir(parents=True, exist_ok=True)
    else:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="annmpi-build-"))) / side
        stack.callback(git, "worktree", "remove", "--force", str(folder))
    # --force: git may still have a record of an earlier work tree whose folder was deleted.
    done, why = git("worktree", "add", "--quiet", "--force", "--detach", str(folder), commit)
    if done is None:
        raise Trouble(f"{folder}: {commit} cannot be checked out ({why})")
    return folder


def logged(command, tree, log):
    with open(log, "a", encoding="utf-8") as file:
        try:
            status = subprocess.run(command, cwd=tree, stdout=file, stderr=subprocess.STDOUT, check=False,
                                    stdin=subprocess.DEVNULL).returncode
        except OSError as error:
            raise Trouble(f"{command[0]}: {error.strerror.lower()}") from None
    if status:
        last = log.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]
        raise Trouble(f"{' '.join(command)} failed in {tree}; the end of its output:\n  " + "\n  ".join(last))


def targets_of(folder):
    done = subprocess.run(["cmake", "--build", str(folder), "--target", "help"], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    # "annmpi: phony" from Ninja, "... annmpi" from Make.
    return {line.removeprefix("... ").split(":")[0].strip() for line in done.stdout.splitlines()}


def built(side, tree, wanted, jobs):
    """Updates build/release of a work tree, for the wanted targets that exist."""
    print(f"building {side}: {tree}", flush=True)
    folder = tree / "build" / "release"
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "compare_builds.log"
    log.unlink(missing_ok=True)
    if not (folder / "CMakeCache.txt").exists():
        logged(["cmake", "--preset", "release", "-DBUILD_TESTING=ON"], tree, log)
    known = targets_of(folder)
    targets = [target for target in wanted if target in PROGRAMS or target in known]
    logged(["cmake", "--build", str(folder), "--parallel", str(jobs), "--target", *targets], tree, log)
    return Build(side, folder)


def find(side, asked, wanted, options, stack):
    """The build that --before or --after names; that of the working tree if `asked` is None."""
    if asked is None:
        return built(side, TREE, wanted, options.jobs)
    folder = pathlib.Path(asked).absolute()
    if os.access(folder / "bin" / "annmpi", os.X_OK):
        return Build(side, folder)
    if folder.is_dir():
        raise Trouble(f"--{side} {asked}: there is no bin/annmpi in this folder; name a folder in which annmpi was "
                      "built, or a commit")
    commit, _ = git("rev-parse", "--verify", "--quiet", "--end-of-options", asked + "^{commit}")
    if not commit:
        raise Trouble(f"--{side} {asked}: neither a folder in which annmpi was built nor a commit of {TREE}")
    return built(side, checked_out(side, commit, options.keep, stack), wanted, options.jobs)
