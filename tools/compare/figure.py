"""comparison.png and comparison.svg: milliseconds per iteration as bars."""

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

import report

# From the colour-blind-safe palette of Okabe and Ito.
OURS, PEERS = "#0072B2", "#999999"


def draw_panel(axes, comparison, cores, rows):
    for position, row in enumerate(rows):
        values = row.values("milliseconds_per_iteration")
        middle = row.median("milliseconds_per_iteration")
        reference = report.reference_for(row, comparison)
        axes.barh(position, middle, height=0.72, color=OURS if row.name.startswith("annmpi") else PEERS)
        axes.plot([min(values), max(values)], [position] * 2, color="black", linewidth=1.2)
        text = f" {report.figure_of(middle)} ms"
        if reference is not None:
            text += f"   {report.factor(row.times_faster(reference))}"
        axes.annotate(text, (max(values), position), va="center", xytext=(2, 0), textcoords="offset points")
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_title(report.plural(cores, "core"), loc="left", fontweight="bold")
    axes.spines[["top", "right"]].set_visible(False)


def draw(comparison, paths):
    panels = [(cores, report.longest_rows(comparison, cores)) for cores in comparison["cores"]]
    panels = [(cores, rows) for cores, rows in panels if rows]
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "annmpi", "font.size": 10})
    heights = [len(rows) + 1.5 for _, rows in panels]
    figure = Figure(figsize=(9, 0.34 * sum(heights) + 1.0), layout="constrained")
    FigureCanvasAgg(figure)
    all_axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (cores, rows) in zip(all_axes, panels):
        draw_panel(axes, comparison, cores, rows)
    # One logarithmic axis for all panels, with room for the text after the longest bar.
    times = [value for _, rows in panels for row in rows for value in row.values("milliseconds_per_iteration")]
    last = all_axes[-1]
    last.set_xscale("log")
    last.set_xlim(min(times) / 2, max(times) * (max(times) / min(times)) ** 0.35 * 1.5)
    last.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    last.xaxis.set_minor_formatter(NullFormatter())
    last.set_xlabel(f"milliseconds per iteration of training (×: times faster than {report.REFERENCE}; "
                    "lines: slowest and fastest run)")
    figure.suptitle("Training the galaxy network 1024-8-3", fontweight="bold")
    for path in paths:
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix == ".svg" else {})
