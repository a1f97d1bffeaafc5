#!/usr/bin/env python3
"""Checks the direction of includes between stages.

    rules  base  comm  io  |  config -> data -> network -> device -> objective -> optimizer -> trainer -> output

A file of a stage (include/annmpi/STAGE, src/STAGE) includes only its own stage and those that SEES
names; another stage only through its public headers in include/annmpi. src/main.cpp, tools/ and
tests/ may include everything and are not checked. The back ends of the device stage, src/device/cpu and
src/device/cuda, do not include each other and have the same folders. Folders of tests mirror those of the
sources: tests/STAGE/... is src/STAGE/..., tests/tools/... is tools/...

usage: check_includes.py ROOT     check the tree at ROOT; status 1 if an include points the wrong way
       check_includes.py --self-test
"""

import pathlib
import re
import sys
import tempfile

FOUNDATION = ["rules", "base", "comm", "io"]
PIPELINE = ["config", "data", "network", "device", "objective", "optimizer", "trainer", "output"]

# What each stage may include besides itself.
SEES = {"rules": [], "base": ["rules"], "comm": ["base"], "io": ["base"]}
for position, name in enumerate(PIPELINE):
    SEES[name] = FOUNDATION + PIPELINE[:position]
# Optimizers see only the objective's interface and the update rules.
SEES["optimizer"] = ["rules", "base"]

# The back ends of the device stage, which must not include each other, and the folders that only one
# of them has; all others must exist in both.
BACK_ENDS = {"cpu": {"simd"}, "cuda": {"runtime", "collectives"}}

# Folders of tests that mirror no sources.
OTHER_TESTS = {"golden", "program", "support", "tree", "benchmarks", "device/cuda/emulation", "device/cuda/fakes"}

SUFFIXES = {".hpp", ".h", ".cpp", ".cu", ".cuh", ".inl"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')


def stage_files(root):
    """Yields (file, its stage) for every file that belongs to a stage."""
    for base in (root / "include" / "annmpi", root / "src"):
        if not base.is_dir():
            continue
        for path in sorted(base.rglob("*")):
            parts = path.relative_to(base).parts
            if path.suffix in SUFFIXES and len(parts) > 1:
                yield path, parts[0]


def target(root, path, included):
    """The (stage, is public) of an included file; (None, True) for files outside the project."""
    for base in (path.parent, root / "include", root / "src"):
        found = (base / included).resolve()
        for folder, public in ((root / "include" / "annmpi", True), (root / "src", False)):
            if found.is_file() and folder in found.parents:
                return found.relative_to(folder).parts[0], public
    parts = pathlib.PurePosixPath(included).parts
    if parts[0] == "annmpi" and len(parts) > 2:  # a header of ours that does not exist
        return parts[1], True
    return None, True


def back_end_of(root, path):
    """"cpu" or "cuda" for a file in the folder of a back end, else None."""
    parts = path.relative_to(root).parts
    return parts[2] if parts[:2] == ("src", "device") and len(parts) > 3 and parts[2] in BACK_ENDS else None


def other_back_end(root, path, included):
    """The other back end if the file includes a header of it, else None."""
    own = back_end_of(root, path)
    for base in (path.parent, root / "src"):
        found = (base / included).resolve()
        if own and found.is_file() and root in found.parents:
            other = back_end_of(root, found)
            if other and other != own:
                return other
    return None


def compare_back_ends(root):
    """One line per folder that exists in one back end only."""
    folders = {}
    for name in BACK_ENDS:
        top = root / "src" / "device" / name
        folders[name] = {path.name for path in top.iterdir() if path.is_dir()} if top.is_dir() else set()
    shared = {name: folders[name] - BACK_ENDS[name] for name in BACK_ENDS}
    complaints = [
        f"src/device/{name}/{folder}: only {name} is listed with a folder of this name"
        for name, others in (("cpu", "cuda"), ("cuda", "cpu"))
        for folder in sorted(shared[name] - shared[others])
    ]
    complaints += [
        f"src/device/{name}/{folder}: is listed as a folder of {name} alone, but is not there"
        for name in BACK_ENDS
        for folder in sorted(BACK_ENDS[name] - folders[name])
        if folders[name]
    ]
    return complaints


def misplaced_tests(root):
    """One line per folder of tests whose sources do not exist."""
    top = root / "tests"
    complaints = []
    folders = {path.parent for path in top.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    for name in sorted(folder.relative_to(top) for folder in folders - {top}):
        if any(str(folder) in OTHER_TESTS for folder in (name, *name.parents)):
            continue
        mirrored = [root / name] if name.parts[0] == "tools" else [root / "src" / name, root / "include/annmpi" / name]
        if not any(folder.is_dir() for folder in mirrored):
            complaints.append(f"tests/{name}: mirrors no folder of the sources ({mirrored[0].relative_to(root)})")
    return complaints


def unused_public_headers(root):
    """Lists the headers of include/annmpi that no other stage, program or tool includes, itself or through a
    public header: they belong in src."""
    includes = {}
    for base in ("include", "src", "tools"):
        for path in sorted((root / base).rglob("*")):
            if path.suffix in SUFFIXES:
                lines = path.read_text(encoding="utf-8").splitlines()
                names = [match.group(1) for match in map(INCLUDE.match, lines) if match]
                includes[path] = [root / "include" / name for name in names if name.startswith("annmpi/")]
    stage_of = dict(stage_files(root))
    reached = {
        header for path, found in includes.items() for header in found if stage_of.get(path) != stage_of.get(header)
    }
    pending = list(reached)
    while pending:
        for header in includes.get(pending.pop(), []):
            if header not in reached:
                reached.add(header)
                pending.append(header)
    headers = sorted(path for path in stage_of if root / "include" in path.parents)
    return [
        f"{path.relative_to(root)}: no other stage needs this public header; move it to src"
        for path in headers
        if path not in reached
    ]


def check(root):
    """One line per include in the wrong direction, and the number of files checked."""
    root = root.resolve()
    complaints = []
    number = 0
    for path, stage in stage_files(root):
        number += 1
        name = path.relative_to(root)
        if stage not in SEES:
            complaints.append(f"{name}: '{stage}' is no stage (stages: {', '.join(SEES)})")
            continue
        for line_number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            seen, public = target(root, path, match.group(1))
            where = f"{name}:{line_number}: {stage} includes {match.group(1)}"
            other = other_back_end(root, path, match.group(1))
            if other:
                complaints.append(f"{where}, a file of the other back end, {other}")
            if seen is None or seen == stage:
                continue
            if seen not in SEES[stage]:
                allowed = ", ".join(SEES[stage]) or "nothing"
                complaints.append(f"{where}, but of other stages it may see only: {allowed}")
            elif not public:
                complaints.append(f"{where}, a private header of {seen}: only include/annmpi/{seen} is for others")
    return complaints + compare_back_ends(root), number


def self_test():
    """Checks that exactly the planted includes of a small tree are reported."""
    headers = ["rules/update", "base/error", "comm/communicator", "io/file", "data/shard", "network/network", "output/metrics"]
    cases = [  # (file, include line, a word of the complaint, or None if it is allowed)
        ("include/annmpi/rules/a.hpp", '#include "annmpi/base/error.hpp"', "nothing"),
        ("include/annmpi/base/a.hpp", '#include "annmpi/io/file.hpp"', "only: rules"),
        ("include/annmpi/comm/a.hpp", "#include <annmpi/io/file.hpp>", "only: base"),
        ("include/annmpi/io/a.hpp", '#include "annmpi/comm/communicator.hpp"', "only: base"),
        ("include/annmpi/data/a.hpp", '#include "annmpi/network/network.hpp"', "data includes"),
        ("src/data/b.cpp", '#  include "../../include/annmpi/network/network.hpp"', "data includes"),
        ("src/device/cpu/c.cpp", '#include "annmpi/output/metrics.hpp"', "device includes"),
        ("src/device/d.cpp", '#include "data/private.hpp"', "private header of data"),
        ("include/annmpi/optimizer/a.hpp", '#include "annmpi/data/shard.hpp"', "only: rules, base"),
        ("include/annmpi/data/e.hpp", '#include "annmpi/output/missing.hpp"', "data includes"),
        ("src/device/cpu/rows/j.cpp", '#include "device/cuda/rows/gpu.hpp"', "the other back end, cuda"),
        ("src/device/cuda/rows/k.cu", '#include "../../cpu/simd/lanes.hpp"', "the other back end, cpu"),
        ("src/device/cuda/gemm/l.cu", "#include <vector>", "only cuda is listed"),
        ("src/misc/f.cpp", "#include <vector>", "no stage"),
        ("include/annmpi/output/a.hpp", '#include "annmpi/network/network.hpp"', None),
        ("include/annmpi/optimizer/b.hpp", '#include "annmpi/base/error.hpp"', None),
        ("include/annmpi/optimizer/c.hpp", '#include "annmpi/rules/update.hpp"', None),
        ("include/annmpi/config/a.hpp", '#include "annmpi/rules/update.hpp"', None),
        ("src/device/cpu/g.cpp", '#include "../pack.hpp"', None),
        ("src/device/h.cpp", '#include "device/pack.hpp"', None),
        ("src/device/i.cpp", '// #include "annmpi/output/metrics.hpp"', None),
        ("src/main.cpp", '#include "annmpi/output/metrics.hpp"', None),
    ]
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)

        def write(name, text):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")

        for header in headers:
            write(f"include/annmpi/{header}.hpp", "#pragma once")
        write("src/data/private.hpp", "#pragma once")
        write("src/device/pack.hpp", "#pragma once")
        for header in ("cuda/rows/gpu", "cuda/runtime/stream", "cuda/collectives/sums", "cpu/simd/lanes"):
            write(f"src/device/{header}.hpp", "#pragma once")
        for name, text, _ in cases:
            write(name, text)
        complaints, _ = check(root)
        for folder in ("data", "device/cpu/simd", "tools/plots", "golden/runs", "device/cuda/fakes", "device/cpu/model"):
            write(f"tests/{folder}/test.cpp", "")
        (root / "tools" / "plots").mkdir(parents=True)
        misplaced = misplaced_tests(root)
        unused = unused_public_headers(root.resolve())

    wrong = 0
    if [complaint.partition(":")[0] for complaint in misplaced] != ["tests/device/cpu/model"]:
        print(f"self-test: tests/device/cpu/model alone mirrors nothing, but: {misplaced}")
        wrong += 1
    for header, is_used in [(header, True) for header in headers] + [("io/a", False), ("output/a", False)]:
        if is_used == any(f"annmpi/{header}.hpp" in complaint for complaint in unused):
            print(f"self-test: whether other stages use {header}.hpp was to be {is_used}, but: {unused}")
            wrong += 1
    for name, _, word in cases:
        folder = name.rpartition("/")[0]
        about = [complaint for complaint in complaints if complaint.startswith((name + ":", folder + ":"))]
        if word is None and about:
            print(f"self-test: {name} is allowed, but: {about[0]}")
            wrong += 1
        if word is not None and (len(about) != 1 or word not in about[0]):
            print(f"self-test: {name} was to be found ('{word}'), but: {about or 'it was not'}")
            wrong += 1
    expected = sum(word is not None for _, _, word in cases)
    if len(complaints) != expected:
        print(f"self-test: {len(complaints)} complaints instead of {expected}")
        wrong += 1
    print("self-test:", "failed" if wrong else f"all {expected} planted includes were found")
    return 1 if wrong else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 1 or not pathlib.Path(arguments[0], "src").is_dir():
        print("usage: check_includes.py ROOT | --self-test (ROOT: the folder that holds src)", file=sys.stderr)
        return 2
    root = pathlib.Path(arguments[0]).resolve()
    complaints, number = check(root)
    complaints += misplaced_tests(root) + unused_public_headers(root)
    for complaint in complaints:
        print(complaint)
    if number == 0:
        print("no file of any stage was found")
        return 1
    print(f"{number} files, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
