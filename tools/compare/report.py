"""Statistics of the runs, and comparison.md."""

import statistics

REFERENCE = "numpy"


class Row:
    """The runs of a contestant with one number of cores and of iterations."""

    def __init__(self, name, runs):
        self.name, self.runs = name, runs
        self.by_repetition = {run["repetition"]: run for run in runs}

    def values(self, key):
        return [run[key] for run in self.runs]

    def median(self, key):
        return statistics.median(self.values(key))

    def times_faster(self, reference):
        """Median over the repetitions of the ratio of the reference's time per iteration to this one's, or None."""
        pairs = [reference.by_repetition[repetition]["milliseconds_per_iteration"] / run["milliseconds_per_iteration"]
                 for repetition, run in self.by_repetition.items() if repetition in reference.by_repetition]
        return statistics.median(pairs) if pairs else None


def rows_of(comparison, cores, iterations):
    """The rows of one table, in the contestants' order."""
    found = []
    for one in comparison["contestants"]:
        runs = [run for run in comparison["runs"] if run["contestant"] == one["name"] and run["cores"] == cores
                and run["asked_iterations"] == iterations]
        if runs:
            found.append(Row(one["name"], runs))
    return found


def longest_rows(comparison, cores):
    """Each contestant's row with the most iterations on a number of cores."""
    rows = {}
    for iterations in comparison["iterations"]:
        rows |= {row.name: row for row in rows_of(comparison, cores, iterations)}
    return [rows[one["name"]] for one in comparison["contestants"] if one["name"] in rows]


def reference_for(row, comparison):
    """The reference's row for the "times faster" of a row: same number of cores and of iterations."""
    mates = rows_of(comparison, row.runs[0]["cores"], row.runs[0]["asked_iterations"])
    return next((mate for mate in mates if mate.name == REFERENCE), None)


def figure_of(value):
    """Three significant digits."""
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def spread(values):
    middle = figure_of(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({figure_of(min(values))} to {figure_of(max(values))})"


def mean_and_deviation(values):
    if len(values) == 1:
        return "one run"
    return f"{figure_of(statistics.mean(values))} ± {figure_of(statistics.stdev(values))}"


def factor(value):
    return "" if value is None else f"{figure_of(value)} ×"


def differing(comparison):
    """One sentence per contestant whose cost after a few iterations differs, so that it did different work."""
    tolerances = {one["name"]: one["tolerance"] for one in comparison["contestants"]
                  if one["tolerance"] is not None}
    checked = [run for run in comparison["runs"] if run["contestant"] in tolerances]
    checked.sort(key=lambda run: tolerances[run["contestant"]])  # stable: the most exact first
    sentences, expected = {}, {}
    for run in checked:
        mate = expected.setdefault(run["checked_iteration"], run)
        far = abs(run["checked_cost"] / mate["checked_cost"] - 1)
        if not far <= tolerances[run["contestant"]]:
            sentences[run["contestant"]] = (
                f"{run['contestant']}: cost {run['checked_cost']:.12g} after {run['checked_iteration']} iterations, "
                f"where {mate['contestant']} has {mate['checked_cost']:.12g}")
    return list(sentences.values())


def table(header, lines):
    return ["| " + " | ".join(line) + " |" for line in [header, ["---"] * len(header), *lines]]


def in_short(comparison):
    lines = []
    for cores in comparison["cores"]:
        for row in longest_rows(comparison, cores):
            reference = reference_for(row, comparison)
            lines.append([row.name, str(cores), str(row.runs[0]["iterations"]),
                          figure_of(row.median("milliseconds_per_iteration")),
                          factor(row.times_faster(reference) if reference else None),
                          figure_of(row.median("whole_seconds"))])
    return table(["contestant", "cores", "iterations", "ms per iteration", f"times faster than {REFERENCE}",
                  "whole program, s"], lines)


def detail(comparison, cores, iterations):
    lines = []
    for row in rows_of(comparison, cores, iterations):
        outside = [run["whole_seconds"] - run["training_seconds"] for run in row.runs]
        first, reference = row.runs[0], reference_for(row, comparison)
        evaluations = first["evaluations"]
        lines.append([
            row.name, str(len(row.runs)), str(first["iterations"]), "" if evaluations is None else str(evaluations),
            spread(row.values("whole_seconds")), mean_and_deviation(row.values("whole_seconds")),
            figure_of(statistics.median(outside)),
            figure_of(row.median("import_seconds")) if first.get("import_seconds") else "",
            spread(row.values("milliseconds_per_iteration")),
            mean_and_deviation(row.values("milliseconds_per_iteration")),
            factor(row.times_faster(reference) if reference else None), f"{first['train_cost']:.4f}"])
    return table(["contestant", "runs", "iterations", "evaluations", "whole program, s", "mean ± deviation",
                  "outside training, s", "of which imports", "ms per iteration", "mean ± deviation",
                  f"times faster than {REFERENCE}", "training cost"], lines)


def plural(count, word):
    return f"{count} {word}" + ("" if count == 1 else "s")


def markdown(comparison):
    machine = comparison["machine"]
    lines = ["# Training the galaxy network", "",
             f"The network 1024-8-3 of configs/galaxy.toml (sigmoid, l2 = 1, seed 917) on "
             f"{comparison['train']}, the test set {comparison['test']} measured after every iteration.", "",
             f"{machine['processor']}, {plural(machine['cpus'], 'CPU')}, used: "
             f"{', '.join(map(str, machine['cpus_used']))}; {machine['system']}; load average before the start {machine['load_average_before']:.2f}.", "",
             ", ".join(f"{name} {version}" for name, version in machine["versions"].items()) + ".", ""]
    if machine["not_handed_on"]:
        lines += ["Set in the shell and not passed on, so that each library chooses for itself: " +
                  ", ".join(f"{name}={value}" for name, value in machine["not_handed_on"].items()) + ".", ""]
    lines += ["## In short", "", "Medians over the runs with the most iterations of each contestant.", "",
              *in_short(comparison), "",
              "## Contestants", "",
              *table(["contestant", "what it is"],
                     [[one["name"], one["what"]] for one in comparison["contestants"]]), ""]
    lines += [f"- left out, {name}: {why}" for name, why in comparison["left_out"].items()]
    lines += ["", "Method: all contestants run within each repetition. The time of the whole program includes reading "
              "data, Python's imports and mpirun. Each program times its training itself, from the end of the evaluation "
              "at the start to the end of the last iteration; for scikit-learn it is the whole of fit(). Times are "
              "medians (minimum to maximum). Times faster is the median of the ratios within a repetition. After "
              "about forty iterations, amplified rounding makes the trajectories of the programs diverge. Numbers of "
              "evaluations and training costs then differ, and none of them is better or worse.", ""]
    trouble = differing(comparison)
    if trouble:
        lines += ["**DIFFERENT WORK:** " + "; ".join(trouble) + ".", ""]
    elif comparison["runs"]:
        lines += [f"Checked: after {comparison['runs'][0]['checked_iteration']} iterations all stand at the same "
                  "training cost, to 1e-9, or to 1e-3 in single precision (scikit-learn, which has another cost, apart).",
                  ""]
    for run in comparison["runs"]:
        if run["stopped_early"] and run["repetition"] == 0:
            lines += [f"- {run['contestant']} on {plural(run['cores'], 'core')} stopped after {run['iterations']} of "
                      f"{run['asked_iterations']} iterations: {run['stopped_early']}"]
    for cores in comparison["cores"]:
        for iterations in comparison["iterations"]:
            lines += ["", f"## {plural(cores, 'core')}, {plural(iterations, 'iteration')}", "",
                      *detail(comparison, cores, iterations)]
    return "\n".join(lines) + "\n"
