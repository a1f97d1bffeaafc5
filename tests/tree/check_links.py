#!/usr/bin/env python3
"""Checks that what documents and comments refer to is in the tree.

In Markdown: links to files and headings, pictures, paths (src/main.cpp, tests/tree), names of sources in
code marks (`device.hpp`, `io/row_file`), "decision 9", and the rows of tables, which need as many cells as
their head. In other files: decisions and docs/NAME.md; in their comments also all paths and names of sources and
documents. A word in capitals stands for any name (src/device/NAME.cpp), {a,b} for each of several.

usage: check_links.py ROOT     check the tree at ROOT; status 1 if something is missing
       check_links.py --self-test
"""

import fnmatch
import itertools
import pathlib
import re
import sys
import tempfile

# Build folders, data and runs are not searched, and paths into them are not checked.
FOLDERS = ["src", "include", "tests", "tools", "docs", "configs", "jobs", ".ci"]
CODE = {".hpp", ".h", ".cpp", ".cu", ".cuh"}
TEXT = CODE | {".md", ".py", ".sh", ".txt", ".cmake", ".toml", ".slurm", ".awk", ".in", ".supp"}

SOURCE_NAME = r"(?:[\w.{},*-]+/)*[\w{},*-]+\.(?:hpp|cpp|cuh|cu|py|md|sh|cmake)\b"
PATH = re.compile(r"(?<![\w./$}-])(?:%s)/[\w./{},*-]*[\w}*]" % "|".join(map(re.escape, FOLDERS)))
NAME = re.compile(r"(?<![\w./$<>{}-])" + SOURCE_NAME)
DOCUMENT = re.compile(r"(?<![\w./$-])docs/(?:\w[\w-]*/)*\w[\w-]*\.md\b")
DECISION = re.compile(r"\b[Dd]ecisions?[ /](\d+)\b")
STAGE_FILE = re.compile(
    r"(?<![\w./-])(?:rules|base|comm|io|config|data|network|device|objective|optimizer|trainer|output)/[a-z]\w+(?![\w./-])")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
PICTURE = re.compile(r"<(?:img|a|source)\b[^>]*?\b(?:src|href)=\"([^\"]+)\"")
PLACEHOLDER = re.compile(r"(?<![A-Za-z])[A-Z][A-Z_]+(?![a-z])")


class Tree:
    """The names of all files and folders under ROOT that are checked."""

    def __init__(self, root):
        self.root = root
        inside = [path for folder in FOLDERS for path in (root / folder).rglob("*")]
        top = [path for path in root.iterdir() if path.is_file() or path.name in FOLDERS]
        self.paths = {path.relative_to(root).as_posix() for path in inside + top if "__pycache__" not in path.parts}
        self.files = sorted(path for path in inside + top if path.is_file() and path.suffix in TEXT | {""})
        self.decisions = {int(path.name[:4]) for path in (root / "docs" / "decisions").glob("[0-9]*.md")}

    def has(self, name):
        """Whether a path of this name exists, or of this name without its suffix or the end of its file name."""
        pattern = PLACEHOLDER.sub("*", name)
        if pattern == name:
            return name in self.paths or any(path.startswith((name + ".", name + "-")) for path in self.paths)
        return any(fnmatch.fnmatch(path, pattern) for path in self.paths)

    def has_named(self, name):
        """Whether a path ends in this name."""
        pattern = PLACEHOLDER.sub("*", name)
        return any(fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch(path, "*/" + pattern) for path in self.paths)


def alternatives(name):
    """a/{b,c} -> a/b, a/c"""
    parts = [part[1:-1].split(",") if part.startswith("{") else [part] for part in re.split(r"(\{[^{}]*\})", name)]
    return ["".join(choice) for choice in itertools.product(*parts)]


def headings(text):
    """The anchors that GitHub makes of the headings."""
    titles = re.findall(r"^#+ +(.+?) *$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def cells(line):
    """The number of cells of a table's row."""
    return len(re.split(r"(?<!\\)\|", line.strip().strip("|")))


def check_tables(lines):
    """(line number, complaint) for each row whose cells are not as many as its table's head has."""
    head = 0
    fenced = False
    for number, line in enumerate(lines, 1):
        fenced ^= line.lstrip().startswith("```")
        if fenced or not line.lstrip().startswith("|"):
            head = 0
        elif head == 0:
            head = cells(line)
            following = lines[number] if number < len(lines) else ""
            if not re.fullmatch(r"\s*\|(?:\s*:?-+:?\s*\|)+\s*", following):
                yield number, "a table without a line | --- | below its head"
        elif cells(line) != head:
            yield number, f"a row of {cells(line)} cells in a table of {head}"


def check_links(tree, path, number, line):
    """Yields what is wrong with the links of a line of a Markdown file."""
    for text, link in LINK.findall(line) + [("", link) for link in PICTURE.findall(line)]:
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        found = (path.parent / name).resolve() if name else path
        if not found.exists() or tree.root not in (found, *found.parents):
            yield f"the link {link} leads to nothing"
        elif anchor and anchor not in headings(found.read_text(encoding="utf-8")):
            yield f"the link {link} leads to no heading of {found.name}"
        told, linked = re.fullmatch(r"decision (\d+)", text), re.match(r"(\d{4})-", found.name)
        if told and not (linked and int(linked.group(1)) == int(told.group(1))):
            yield f"the link of {text} leads to {found.name}"


def comment(path, line):
    """The comment of a line, roughly: what follows the first mark of one."""
    found = re.search(r"(?<!:)//(.*)" if path.suffix in CODE else r"(?:^|\s)#+\s(.*)", line)
    return found.group(1) if found else ""


def check_names(tree, path, line):
    """Yields the names on a line that are not in the tree."""
    if path.suffix == ".md":
        with_paths = LINK.sub(r"\1", line)
        with_names = " ".join(re.findall(r"`([^`]+)`", with_paths))
    else:
        with_paths = with_names = comment(path, line)
    for name in PATH.findall(with_paths):
        for one in alternatives(name):
            if not tree.has(one):
                yield f"{one} is not in the tree"
    if path.suffix != ".md":
        for name in DOCUMENT.findall(line):
            if not tree.has(name):
                yield f"{name} is not in the tree"
    for name in NAME.findall(with_names):
        if name.split("/")[0] not in FOLDERS:
            for one in alternatives(name):
                if not tree.has_named(one):
                    yield f"no file of the tree is named {one}"
    for name in STAGE_FILE.findall(with_names):
        if not tree.has_named(name + "*"):
            yield f"no file of the tree is named {name}"
    for number in map(int, DECISION.findall(line)):
        if number not in tree.decisions:
            yield f"there is no decision {number} in docs/decisions"


def check(root):
    """One line per complaint, and the number of files read."""
    tree = Tree(root.resolve())
    complaints = []
    for path in tree.files:
        if path.name in ("check_links.py", "LICENSE"):
            continue
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        found = list(check_tables(lines)) if path.suffix == ".md" else []
        for number, line in enumerate(lines, 1):
            if path.suffix == ".md":
                found += [(number, what) for what in check_links(tree, path, number, line)]
            found += [(number, what) for what in dict.fromkeys(check_names(tree, path, line))]
        complaints += [f"{path.relative_to(tree.root).as_posix()}:{number}: {what}" for number, what in sorted(found)]
    return complaints, len(tree.files)


def self_test():
    """Checks that exactly the planted faults of a small tree are reported."""
    sound = {
        "docs/decisions/0003-sums.md": "# 3. Sums\n\n## What & why\n",
        "docs/plot.svg": "<svg/>\n",
        "src/main.cpp": "int main() {}\n",
        "src/device/cpu/rows/rows.hpp": "#pragma once\n",
        "src/device/cuda/rows/rows.hpp": "#pragma once\n",
    }
    cases = [  # (file, its text, the only complaint's words, or None where all is right)
        ("docs/a.md", "[3](decisions/0003-sums.md#what--why), [up](../src/main.cpp), [x](https://a.b/c.md)", None),
        ("docs/b.md", "[here](gone.md)", "b.md:1: the link gone.md leads to nothing"),
        ("docs/c.md", "\n[here](decisions/0003-sums.md#how)", "c.md:2: the link decisions/0003-sums.md#how leads to no"),
        ("docs/d.md", "[decision 4](decisions/0003-sums.md)", ["no decision 4", "the link of decision 4 leads to 0003"]),
        ("docs/e.md", '<img src="plot.svg"> <img src="gone.png">', "link gone.png"),
        ("docs/f.md", "See src/device/{cpu,cuda}/rows, `src/device/cpu/NAME/rows.hpp`, `cpu/rows/rows.hpp`.", None),
        ("docs/g.md", "`src/device/{cpu,tpu}/rows`", "src/device/tpu/rows is not"),
        ("docs/h.md", "`src/NAME/rows.cpp`", "is not in the tree"),
        ("docs/i.md", "`rows.hpp` and `gone.hpp`, but not code: gone2.hpp", "no file of the tree is named gone.hpp"),
        ("docs/h2.md", "`device/cpu`, `data/galaxies.h5` and `io/gone`, not io/gone2", "no file of the tree is named io/gone"),
        ("docs/j.md", "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 1 |\n", "j.md:4: a row of 1 cells in a table of 2"),
        ("docs/k.md", "| a | b |\n| 1 | 2 |\n", "without a line"),
        ("docs/l.md", "```text\n| drawn |\n```\n\n`build/x.log`, `data/x.h5`, `runs/NAME/model.h5`", None),
        ("src/a.hpp", "// docs/decisions/0003 has the formulas; see rows.hpp.", None),
        ("src/b.hpp", "// See layout.md.", "no file of the tree is named layout.md"),
        ("src/c.hpp", "// Decision 9 says why.", "there is no decision 9"),
        ("src/d.hpp", "// docs/decisions/0004 says why.", ["no decision 4", "docs/decisions/0004 is not"]),
        ("src/e.hpp", 'const char* text = "src/gone.cpp";  // in tests/gone/', "tests/gone is not in the tree"),
        ("tools/f.py", '"""See docs/gone.md."""', "docs/gone.md is not in the tree"),
        ("tools/g.sh", "# as tools/gone.sh does", "tools/gone.sh is not in the tree"),
    ]
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in [*sound.items(), *((name, text) for name, text, _ in cases)]:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        complaints, _ = check(root)
    planted = 0
    for name, _, words in cases:
        words = [] if words is None else [words] if isinstance(words, str) else words
        planted += len(words)
        about = [complaint for complaint in complaints if complaint.startswith(name + ":")]
        if len(about) != len(words) or not all(any(word in line for line in about) for word in words):
            print(f"self-test: {name}: expected {words}, but found {about}")
            wrong += 1
    if len(complaints) != planted:
        print(f"self-test: {len(complaints)} complaints instead of {planted}")
        wrong += 1
    print("self-test:", "failed" if wrong else f"all {planted} planted faults were found")
    return 1 if wrong else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) != 1 or not pathlib.Path(arguments[0], "docs").is_dir():
        print("usage: check_links.py ROOT | --self-test (ROOT: the folder that holds docs)", file=sys.stderr)
        return 2
    complaints, number = check(pathlib.Path(arguments[0]))
    for complaint in complaints:
        print(complaint)
    print(f"{number} files, {len(complaints)} faults")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
