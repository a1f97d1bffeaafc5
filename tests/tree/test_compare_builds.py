#!/usr/bin/env python3
"""tools/compare_builds.py with programs that simulate training: it reports all differences, and no others.

usage: test_compare_builds.py ROOT-OF-THE-TREE
"""

import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import types
import unittest

TREE = pathlib.Path(sys.argv.pop(1)).resolve()
sys.dont_write_bytecode = True
sys.path[:0] = [str(TREE / "tools" / "compare_builds"), str(TREE / "tools" / "compare")]
import files  # noqa: E402
import grid  # noqa: E402
import speed  # noqa: E402
from covering import covering_array  # noqa: E402

# In sh, which starts faster than Python. The hash depends on the arguments except the run folder, and on
# the file `seed` of a test.
ANNMPI = """#!/bin/sh
here=$(dirname "$0")
if [ "$ANNMPI_SIMD_TARGET" = unknown ]; then
  echo "annmpi: error: ANNMPI_SIMD_TARGET=unknown: is unknown; write one of AVX3, AVX2, SCALAR" >&2
  exit 2
fi
seed=
case "$*" in *optimizer.kind=adam*) seed=$(cat "$here/seed" 2>/dev/null) ;; esac
words=
while [ $# -gt 0 ]; do
  case $1 in
    --output) output=$2; shift ;;
    --overwrite) ;;
    *) words="$words $1" ;;
  esac
  shift
done
case $ranks$words in
  several*deterministic=false*) [ -e "$here/restless" ] && seed=$output ;;
esac
hash=$(echo "$seed $ANNMPI_SIMD_TARGET $words" | cksum | tr -d ' ')
mkdir -p "$output"
echo "{\\"parameters_hash\\": \\"$hash\\", \\"selected_hash\\": \\"$hash\\", \\"seconds\\": {\\"training\\": 0.5}}" \
  >"$output/summary.json"
printf 'iteration,seconds,train_cost\\n0,%s,1.5\\n' $$ >"$output/metrics.csv"
echo model >"$output/model.h5"
"""
# Writes the other arguments and a planted word to the last argument with the suffix of an output file.
DATA = """#!/bin/sh
case $1 in idx) output=$4 ;; galaxies) output=$2 ;; *) output=$3 ;; esac
planted=
case "$*" in *--shuffle*) planted=$(cat "$(dirname "$0")/shuffled" 2>/dev/null) ;; esac
case $output in
  *.csv) echo "1,2,3" >"$output" ;;
  *) echo "$*$planted" | sed "s/$output//" >"$output" ;;
esac
"""
PREDICT = """#!/bin/sh
while [ "$1" != --output ]; do shift; done
echo "row,label$(cat "$(dirname "$0")/predicted" 2>/dev/null)" >"$2"
"""
MPIRUN = """#!/bin/sh
export ranks=several
while [ "${1#*/}" = "$1" ]; do shift; done
exec "$@"
"""
BENCH = """#!/bin/sh
for word; do case $word in --benchmark_out=*) output=${word#*=} ;; esac; done
echo "{\\"benchmarks\\": [{\\"name\\": \\"a\\", \\"best_ms\\": $(cat "$(dirname "$0")/milliseconds")}]}" >"$output"
"""
CMAKE = """#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
  *--preset*) mkdir -p build/release && touch build/release/CMakeCache.txt ;;
  *help*) echo "annmpi: phony" ;;
  *) mkdir -p build/release/bin && cp -R "$PROGRAMS/." build/release/bin && cat planted >build/release/bin/seed ;;
esac
"""


def write_program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="ascii")
    path.chmod(0o755)


def write_build(folder, **planted):
    for name, text in (("annmpi", ANNMPI), ("annmpi-data", DATA), ("annmpi-predict", PREDICT)):
        write_program(folder / "bin" / name, text)
    write_program(folder / "tests" / "bench_kernels", BENCH)
    (folder / "tests" / "milliseconds").write_text("2.0", encoding="ascii")
    for name, text in planted.items():
        (folder / "bin" / name).write_text(text, encoding="ascii")
    return folder


class CoveringArray(unittest.TestCase):
    def assert_covers(self, factors, allowed, most_rows):
        rows = covering_array(factors, allowed)
        self.assertTrue(all(map(allowed, rows)))
        self.assertEqual(rows, covering_array(factors, allowed))
        whole = [dict(zip(factors, values)) for values in itertools.product(*factors.values())] \
            if len(factors) < 7 else rows
        for a, b in itertools.combinations(factors, 2):
            # A pair that no valid row contains is not required.
            possible = {(row[a], row[b]) for row in whole if allowed(row)}
            self.assertEqual({(row[a], row[b]) for row in rows}, possible, (a, b))
        self.assertLessEqual(len(rows), most_rows)

    def test_covers_all_pairs(self):
        factors = {name: [f"{name}{i}" for i in range(count)] for name, count in zip("abcdef", (4, 3, 3, 2, 2, 2))}
        self.assert_covers(factors, lambda row: True, 15)
        self.assert_covers(factors, lambda row: not (row.get("a") == "a1" and row.get("b") != "b0" and "b" in row), 15)
        # a2 occurs in no row: only b2 is valid with c1, which d0 forbids.
        self.assert_covers(factors, lambda row: row.get("a") != "a2" and not (
            row.get("c") == "c1" and (row.get("b", "b2") != "b2" or row.get("d") == "d0")), 20)

    def test_covers_the_settings_that_are_compared(self):
        for factors, allowed in ((grid.cpu_factors(["AMX", "AVX3", "AVX2"]), grid.allowed_on_cpus),
                                 (grid.cpu_factors(["AVX2"]), grid.allowed_on_cpus),
                                 (grid.GPU_FACTORS, grid.allowed_on_gpus)):
            rows = covering_array(factors, allowed, grid.SEED)
            self.assertTrue(all(map(allowed, rows)))
            for a, b in itertools.combinations(factors, 2):
                expected = {pair for pair in itertools.product(factors[a], factors[b])
                            if allowed(dict(zip((a, b), pair)))}
                self.assertEqual({(row[a], row[b]) for row in rows}, expected, (a, b))
            self.assertLessEqual(len(rows), 70)

    def test_gives_each_key_once(self):
        for row in covering_array(grid.GPU_FACTORS, grid.allowed_on_gpus, grid.SEED):
            keys = [setting.split("=")[0] for setting in grid.Run(1, row, "drivers").settings()]
            self.assertEqual(len(keys), len(set(keys)))


class Files(unittest.TestCase):
    def test_are_equal_except_for_their_creation_time(self):
        now = int(time.time())

        def content(seconds, value=b"x"):
            return (b"\x89HDF" + b"\x12\0\x08\0\0\0\0\0\x01\0\0\0" + seconds.to_bytes(4, "little") + value)

        with tempfile.TemporaryDirectory() as folder:
            before, after = (pathlib.Path(folder) / name for name in ("before.h5", "after.h5"))
            before.write_bytes(content(now))
            for other, same in ((content(now + 1), True), (content(now - 1000), False), (content(now, b"y"), False)):
                after.write_bytes(other)
                self.assertEqual(files.difference(before, after, now - 1, now + 2) == "", same)


class Statistics(unittest.TestCase):
    def test_interval_contains_the_median(self):
        ratios = [1 + 0.001 * (i % 11 - 5) for i in range(33)]
        median, low, high = speed.interval(ratios)
        self.assertEqual(median, 1)
        self.assertTrue(0.995 <= low <= median <= high <= 1.005, (low, high))
        self.assertLess(high - low, 0.006)
        self.assertEqual(speed.interval(ratios), (median, low, high))
        self.assertEqual(speed.interval([1.0, 2.0, 3.0]), (2.0, None, None))

    def test_interleaves_builds(self):
        turns = []

        def measure(build, *_):
            turns.append(build.side)
            return {"a": 1}, ""

        contest = types.SimpleNamespace(name="a", measure=measure)
        builds = [types.SimpleNamespace(side=side) for side in ("before", "after")]
        options = types.SimpleNamespace(runs=3, cores=1)
        speed.take_turns(contest, builds, options, None)
        self.assertEqual(turns, ["before", "after"] + ["before", "after", "after", "before", "before", "after"])


class CompareBuilds(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="annmpi compare builds ")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        write_program(self.folder / "path" / "mpirun", MPIRUN)
        self.before = write_build(self.folder / "before build")

    def compare(self, *arguments, tree=TREE, **variables):
        environment = {**os.environ, "PATH": f"{self.folder / 'path'}:{os.environ['PATH']}",
                       "TMPDIR": str(self.folder), **variables}
        return subprocess.run([sys.executable, str(tree / "tools" / "compare_builds.py"), *map(str, arguments)],
                              cwd=self.folder, capture_output=True, text=True, timeout=300, check=False,
                              env=environment)

    def bits(self, after, *options):
        return self.compare("bits", "--before", self.before, "--after", after, "--quick", *options)

    def left(self):
        return list(self.folder.glob("annmpi-*"))

    def test_finds_equal_builds_equal(self):
        done = self.bits(write_build(self.folder / "after"))
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertRegex(done.stdout, r"\nverdict: equal \(40 results\)\n$")
        self.assertIn("left out: kernels for AMX", done.stdout)
        self.assertIn("left out: the emulated GPU", done.stdout)
        self.assertEqual(self.left(), [])

    def test_finds_different_hashes(self):
        done = self.bits(write_build(self.folder / "after", seed="5"))
        self.assertEqual(done.returncode, 1, done)
        complaints = [line for line in done.stdout.splitlines() if line.startswith("different: ")]
        self.assertTrue(complaints and all("optimizer.kind=adam" in line for line in complaints), done.stdout)
        table = [line for line in done.stdout.splitlines() if re.match(r" +\d+  (adam|cg|lbfgs|sgd)", line)]
        self.assertEqual([" adam" in line for line in table], [line.endswith("DIFFERENT") for line in table])
        self.assertIn(f"verdict: different ({len(complaints)} of ", done.stdout)
        # The printed command reproduces the difference in the folder that was kept.
        before, after = re.search(r"parameters_hash (\S+) and (\S+)\)", complaints[0]).groups()
        command = complaints[0][complaints[0].index("for build in "):]
        command = command.replace("); done", "; cat again/summary.json); done")
        said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True,
                              env={**os.environ, "PATH": f"{self.folder / 'path'}:{os.environ['PATH']}"}).stdout
        self.assertEqual(re.findall(r'parameters_hash": "(\d+)"', said), [before, after])

    def test_finds_different_conversions_and_predictions(self):
        done = self.bits(write_build(self.folder / "after", shuffled="x", predicted="y"), "--work", "kept")
        self.assertEqual(done.returncode, 1, done)
        kinds = [line.split(" (")[0] for line in done.stdout.splitlines() if line.startswith("different: ")]
        self.assertEqual(["--shuffle" in kind for kind in kinds], [True] * 3 + [False] * 12)
        predictions = [kind.startswith("different: prediction of run ") for kind in kinds]
        self.assertEqual(predictions, [False] * 3 + [True] * 12)
        self.assertTrue((self.folder / "kept" / "runs").is_dir())
        self.assertEqual(self.left(), [])

    def test_finds_failures(self):
        after = write_build(self.folder / "after")
        text = ANNMPI.replace("seed=\n", 'case "$*" in *softmax*) echo "annmpi: error: none" >&2; exit 2 ;; esac\n', 1)
        write_program(after / "bin" / "annmpi", text)
        done = self.bits(after, "--work", "kept")
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stdout, r"different: run \d+ \(after: status 2, annmpi: error: none\): for build in ")
        write_program(self.before / "bin" / "annmpi", text)
        done = self.bits(after, "--work", "kept")
        self.assertEqual(done.returncode, 1, done)
        self.assertRegex(done.stdout, r"\nverdict: not compared \(\d+ of \d+ results failed in both builds")

    def test_ignores_bits_that_may_vary(self):
        (self.before / "bin" / "restless").touch()
        done = self.bits(write_build(self.folder / "after", restless=""))
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"\n +\d+ .* plain +\S+ +3 .* varies\n")
        self.assertRegex(done.stdout, r"\nverdict: equal ")

    @unittest.skipUnless(shutil.which("git"), "there is no git: no commit was compared")
    def test_builds_a_commit_and_the_working_tree(self):
        tree = self.folder / "tree"
        (tree / "tools").mkdir(parents=True)
        shutil.copy(TREE / "tools" / "compare_builds.py", tree / "tools")
        for name in ("compare_builds", "compare"):
            shutil.copytree(TREE / "tools" / name, tree / "tools" / name)
        (tree / "planted").write_text("", encoding="ascii")
        git = ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@example.org"]
        for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "All"]):
            subprocess.run([*git, *words], check=True, capture_output=True)
        write_program(self.folder / "path" / "cmake", CMAKE)
        variables = {"PROGRAMS": str(self.before / "bin"), "CALLS": str(self.folder / "calls"),
                     "PYTHONDONTWRITEBYTECODE": "1"}
        words = ("bits", "--before", "HEAD", "--quick", "--jobs", "1")
        for options in (), ("--keep", "kept"), ("--keep", "kept"):
            (self.folder / "calls").unlink(missing_ok=True)
            done = self.compare(*words, *options, tree=tree, **variables)
            self.assertEqual(done.returncode, 0, done)
        calls = (self.folder / "calls").read_text(encoding="ascii")
        self.assertEqual(calls.count("--preset"), 0)  # already configured by the previous call
        self.assertEqual(calls.count("annmpi annmpi_data_program annmpi_predict_program\n"), 2)
        worktrees = subprocess.run([*git, "worktree", "list"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(worktrees.count("\n"), 2, worktrees)
        self.assertEqual(self.left(), [])
        (tree / "planted").write_text("7", encoding="ascii")
        done = self.compare(*words, "--keep", "kept", tree=tree, **variables)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn("verdict: different", done.stdout)
        # A failed build is reported with the end of the compiler's output.
        write_program(self.folder / "path" / "cmake", "#!/bin/sh\necho broken source\nexit 1\n")
        done = self.compare(*words, "--keep", "kept", tree=tree, **variables)
        self.assertEqual(done.returncode, 2, done)
        self.assertIn("broken source", done.stderr)

    def test_times_two_builds(self):
        after = write_build(self.folder / "after")
        (after / "tests" / "milliseconds").write_text("3.0", encoding="ascii")
        words = ("speed", "--before", self.before, "--after", after, "--quick")
        done = self.compare(*words, "--runs", "6")
        self.assertEqual(done.returncode, 0, done)
        self.assertRegex(done.stdout, r"\ngalaxies, cg +0\.500000 +0\.500000 +1\.000 +1\.000 to 1\.000 +yes\n")
        self.assertRegex(done.stdout, r"\nkernel a +0\.002000 +0\.003000 +1\.500 +1\.500 to 1\.500 +no\n")
        self.assertIn("verdict: not below 1.03: 1 of 3 (kernel a)", done.stdout)
        self.assertEqual(self.compare(*words, "--runs", "6", "--require", "1.03").returncode, 1)
        self.assertEqual(self.compare(*words, "--runs", "6", "--require", "1.6").returncode, 0)
        done = self.compare(*words, "--runs", "2", "--only", "galaxies")
        self.assertEqual(done.returncode, 0, done)
        self.assertIn("verdict: unknown", done.stdout)
        self.assertEqual(self.left(), [])

    def test_prints_its_help(self):
        for words in ("--help",), ("bits", "--help"), ("speed", "--help"):
            done = self.compare(*words)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            self.assertIn("exit status", done.stdout)

    def test_refuses_wrong_use(self):
        empty = self.folder / "empty"
        empty.mkdir()
        both = ("--before", self.before, "--after", self.before)
        for words, *arguments in (
                ("required",), ("invalid choice", "bytes"), ("--before", "bits"),
                ("unrecognized", "bits", *both, "--colour"),
                ("there is no bin/annmpi in this folder", "bits", "--before", empty),
                ("neither a folder in which annmpi was built nor a commit", "bits", "--before", "no-such-thing"),
                ("neither a folder", "speed", *both[:2], "--after", "--quick"[2:]),
                ("'0' is not a whole number", "speed", *both, "--runs", "0"),
                ("'x' is not a ratio", "speed", *both, "--require", "x"),
                ("--require needs --runs 6", "speed", *both, "--runs", "5", "--require", "1.03"),
                ("not a regular expression", "speed", *both, "--kernels", "("),
                ("cannot be written to", "bits", *both, "--work", self.before / "bin" / "annmpi")):
            with self.subTest(arguments=arguments):
                done = self.compare(*arguments)
                self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done)
                self.assertIn(words, done.stderr)
                self.assertEqual(self.left(), [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
