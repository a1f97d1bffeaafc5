#!/usr/bin/env python3
"""Draws a run: a sample of classified images, or the confusion matrix, above the curves of cost and accuracy.

usage: tools/plot_run.py RUN [--data DATA.h5] [--curves] [--predict PROGRAM] [--output FILE.png|.svg]

annmpi-predict classifies the rows. Without it, only the curves are drawn.
"""

import argparse
import math
import os
import sys

SYSTEM_PYTHON = "/usr/bin/python3"
try:
    import h5py  # noqa: F401 (needed by run_folder)
    import matplotlib
    import numpy as np
except ImportError as missing:
    # Debian's packages belong to the system's Python; another Python may come first in PATH.
    if os.path.exists(SYSTEM_PYTHON) and not os.environ.get("ANNMPI_PLOT_AGAIN"):
        os.environ["ANNMPI_PLOT_AGAIN"] = "1"
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, os.path.abspath(__file__), *sys.argv[1:]])
    print(f"plot_run.py: {missing}; install it with:"
          " sudo apt-get install python3-h5py python3-matplotlib", file=sys.stderr)
    sys.exit(2)

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

import run_folder
from run_folder import Trouble

# The colour-blind-safe palette of Okabe and Ito; colour is never the only mark.
BLUE, VERMILLION, GREY = "#0072B2", "#D55E00", "#555555"
TILE_ROWS, TILE_COLUMNS = 3, 6
MOST_CLASSES_AS_TILES = TILE_ROWS * TILE_COLUMNS
MOST_CLASSES_AS_MATRIX = 200


def short_names(names):
    """The first letter of each class name, or up to three letters if that makes it unique, else its number."""
    def alone(prefix):
        return sum(name.lower().startswith(prefix.lower()) for name in names) == 1

    lengths = [next((n for n in (1, 2, 3) if alone(name[:n])), 0) for name in names]
    return [name[:n].capitalize() if n else str(i) for i, (name, n) in enumerate(zip(names, lengths))]


def draw_tiles(figure, area, data, predictor):
    """Draws images with the predicted letter; a wrong prediction has a dashed frame and the label S≠E."""
    letters = short_names(data.class_names)
    chosen = data.sample(MOST_CLASSES_AS_TILES)
    in_order = sorted(chosen)
    classified = dict(zip(in_order, predictor.classify(data, in_order)))
    tiles = area.subgridspec(TILE_ROWS, TILE_COLUMNS, hspace=0.10, wspace=0.10)
    # Column by column, so that images of a class are adjacent.
    for position, row in enumerate(chosen):
        axes = figure.add_subplot(tiles[position % TILE_ROWS, position // TILE_ROWS])
        pixels = self_scaled(data.features[row].reshape(data.image_shape))
        predicted, true = classified[row], int(data.labels[row])
        right = predicted == true
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes.set_xticks([]), axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.add_patch(Rectangle((0, 0), 1, 1, transform=axes.transAxes, fill=False, clip_on=False,
                                 edgecolor=BLUE if right else VERMILLION, linewidth=2.0 if right else 3.0,
                                 linestyle="solid" if right else (0, (3, 1.5))))
        axes.text(0.05, 0.94, letters[predicted] if right else f"{letters[predicted]}≠{letters[true]}",
                  transform=axes.transAxes, ha="left", va="top", fontsize=11, fontweight="bold",
                  color=BLUE if right else VERMILLION,
                  bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.88, "pad": 1.6})
    named = [f"{letter} {name}" for letter, name in zip(letters, data.class_names) if letter != name]
    key = "solid frame: right     dashed frame, S≠E: taken for S, is E"
    if "S" not in letters or "E" not in letters:
        key = key.replace("S≠E", f"{letters[0]}≠{letters[-1]}").replace(
            "taken for S, is E", f"taken for {letters[0]}, is {letters[-1]}")
    return ("     ".join([",  ".join(named), key]) if named else key)


def self_scaled(pixels):
    low, high = float(pixels.min()), float(pixels.max())
    return (pixels.astype(float) - low) / (high - low) if high > low else np.full(pixels.shape, 0.5)


def draw_matrix(figure, area, data, counts):
    """Draws the confusion matrix, normalised per true class, with counts if they are legible."""
    axes = figure.add_subplot(area)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
    axes.set_xlabel("predicted class"), axes.set_ylabel("true class")
    classes = len(counts)
    if classes <= 25:
        longest = max(len(name) for name in data.class_names)
        axes.set_xticks(range(classes), data.class_names, rotation=90 if longest * classes > 60 else 0)
        axes.set_yticks(range(classes), data.class_names)
        for (true, predicted), count in np.ndenumerate(counts):
            axes.text(predicted, true, str(count), ha="center", va="center",
                      fontsize=10 if classes <= 5 else 8 if classes <= 12 else 5,
                      color="white" if shares[true, predicted] > 0.5 else "black")
    return "rows: true classes; shade: share of the class; numbers: counts" if classes <= 25 else \
        "rows: true classes; shade: share of the class"


def selected_iteration(summary):
    value = summary.get("selected_iteration")
    return value if isinstance(value, (int, float)) else math.nan


def best_row(metrics, summary, name):
    """The row of the selected iteration if known, else of the lowest monitored (or training) cost."""
    selected = np.flatnonzero(metrics["iteration"] == selected_iteration(summary))
    if len(selected):
        return int(selected[-1])
    costs = metrics[f"{name}_cost"]
    return int(np.nanargmin(costs)) if np.isfinite(costs).any() else len(costs) - 1


def draw_curves(figure, area, metrics, summary, monitored_name):
    """Draws cost above accuracy over the iteration (or epoch) and marks the best one."""
    by_epoch = np.isfinite(metrics.get("epoch", np.array([math.nan]))).any()
    at = metrics["epoch" if by_epoch else "iteration"]
    unit = "epoch" if by_epoch else "iteration"
    monitored = np.isfinite(metrics.get("monitor_cost", np.array([math.nan]))).any()
    sets = [("train", "training set", BLUE, "solid", "o")]
    if monitored:
        sets.append(("monitor", monitored_name, VERMILLION, "dashed", "s"))
    with_accuracy = np.isfinite(metrics.get("train_accuracy", np.array([math.nan]))).any()

    panels = area.subgridspec(2 if with_accuracy else 1, 1, hspace=0.12,
                              height_ratios=[2, 1] if with_accuracy else [1])
    cost = figure.add_subplot(panels[0])
    best = best_row(metrics, summary, sets[-1][0])
    plots = [(cost, "cost", 1)]
    if with_accuracy:
        cost.tick_params(labelbottom=False)
        plots.append((figure.add_subplot(panels[1], sharex=cost), "accuracy", 100))
    for axes, quantity, factor in plots:
        for key, label, colour, line, marker in sets:
            values = metrics.get(f"{key}_{quantity}")
            if values is None:
                continue
            values = np.where(np.isfinite(values), values * factor, math.nan)
            axes.plot(at, values, color=colour, linestyle=line, linewidth=1.8, label=label,
                      marker=marker if len(at) < 3 else None, markersize=4)
            axes.plot(at[best], values[best], color=colour, marker=marker, markersize=7,
                      markeredgecolor="white", linestyle="none", zorder=5)
        axes.axvline(at[best], color=GREY, linewidth=1, linestyle=(0, (1, 2)), zorder=0)
        axes.set_ylabel("cost" if quantity == "cost" else "accuracy, %")
        axes.grid(alpha=0.25)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    plots[-1][0].set_xlabel(unit)
    plots[-1][0].xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))

    drawn = np.concatenate([metrics[f"{key}_cost"] for key, *_ in sets])
    drawn = drawn[np.isfinite(drawn)]
    if len(drawn) and drawn.min() > 0 and drawn.max() > 10 * drawn.min():
        cost.set_yscale("log")
        cost.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        cost.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        cost.yaxis.set_minor_formatter(NullFormatter())
    if len(at) > 1 and np.isfinite(at).all() and at[-1] > at[0]:
        cost.set_xlim(at[0] - 0.01 * (at[-1] - at[0]), at[-1] + 0.01 * (at[-1] - at[0]))
    cost.legend(frameon=False, loc="upper right")

    said = []
    for key, label, *_ in sets:
        accuracy = metrics.get(f"{key}_accuracy", np.full(len(at), math.nan))[best]
        said.append(f"{label}: cost {metrics[f'{key}_cost'][best]:.4g}"
                    + (f", accuracy {100 * accuracy:.1f} %" if math.isfinite(accuracy) else ""))
    picked = "selected" if metrics["iteration"][best] == selected_iteration(summary) else "best"
    return f"{picked} {unit} {at[best]:g} (dotted line)     " + "     ".join(said)


def predict_program(run, given):
    """The annmpi-predict to use; None, with a message, if only the curves can be drawn."""
    if not os.path.exists(os.path.join(run, "model.h5")):
        print(f"plot_run.py: there is no model.h5 yet in {run}; drawing only the curves", file=sys.stderr)
        return None
    program = given or run_folder.find_predict()
    if program is None:
        print("plot_run.py: annmpi-predict was not found (installed with this script, in build/*/bin or in PATH),"
              " so no rows can be classified; drawing only the curves; build it, or name it with --predict",
              file=sys.stderr)
    return program


def draw(run, data_path, program, output):
    """Draws the curves, and above them what `program`, an annmpi-predict, makes of the data, if it is given."""
    metrics = run_folder.read_metrics(os.path.join(run, "metrics.csv"))
    summary = run_folder.read_json(os.path.join(run, "summary.json"))
    section = run_folder.read_data_section(os.path.join(run, "config.toml"))
    upper = None
    if program is not None:
        set_name = os.path.basename(data_path or "")
        if data_path is None:
            data_path, set_name = run_folder.set_to_classify(section)
            if not os.path.exists(data_path):
                raise Trouble(f"{data_path}: not found (named in {run}/config.toml, relative to the"
                              " current folder); name the data set with --data, or give --curves")
        predictor = run_folder.Predictor(program, os.path.join(run, "model.h5"))
        class_names, counts = predictor.evaluate(data_path)
        data = run_folder.Data(data_path, class_names)
        if data.image_shape and len(class_names) <= MOST_CLASSES_AS_TILES:
            upper = draw_tiles
        elif len(class_names) <= MOST_CLASSES_AS_MATRIX:
            upper = draw_matrix

    plain = {"font.family": "DejaVu Sans", "font.size": 10, "text.parse_math": False,
             "svg.fonttype": "none", "svg.hashsalt": "annmpi"}
    with matplotlib.rc_context(plain):
        figure = Figure(figsize=(9, 10.5 if upper else 6))
        FigureCanvasAgg(figure)
        bands = figure.add_gridspec(2 if upper else 1, 1, height_ratios=[1, 1] if upper else [1], hspace={draw_tiles: 0.17, draw_matrix: 0.27}.get(upper),
                                    left=0.09, right=0.97, top=0.925 if upper else 0.86,
                                    bottom=0.055 if upper else 0.10)
        title = os.path.basename(os.path.abspath(run))
        if upper:
            accuracy = np.trace(counts) / counts.sum()
            title += f": {100 * accuracy:.1f} % of {counts.sum():,} right ({set_name})"
            key = draw_tiles(figure, bands[0], data, predictor) if upper is draw_tiles else \
                draw_matrix(figure, bands[0], data, counts)
            figure.text(0.09, 0.945, key, fontsize=9, color=GREY)
        figure.text(0.09, 0.968 if upper else 0.94, title, fontsize=13, fontweight="bold")
        said = draw_curves(figure, bands[-1], metrics, summary, run_folder.monitored_name(section))
        top = bands[-1].get_position(figure).y1
        figure.text(0.09, top + 0.012, said, fontsize=9, color=GREY)
        save(figure, output)
    print(output)


def save(figure, output):
    """Under a temporary name first: no half figure appears."""
    kind = os.path.splitext(output)[1][1:].lower()
    temporary = f"{output}.{os.getpid()}.tmp"
    try:
        figure.savefig(temporary, format=kind, dpi=160, metadata={"Date": None} if kind == "svg" else None)
        os.replace(temporary, output)
    except OSError as error:
        raise Trouble(f"{output}: not written ({error.strerror or error})") from None
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(2, f"plot_run.py: {message} (see --help)\n")


def main():
    parser = Parser(prog="plot_run.py", description="Draws a run: a sample of classified images with their"
                    " predicted letters (or the confusion matrix) above the curves of cost and accuracy.")
    parser.add_argument("run", metavar="RUN", help="the run's folder")
    parser.add_argument("--data", metavar="DATA.h5", help="the data set to classify (default: the monitored"
                        " set named in RUN/config.toml; relative paths are relative to the current folder)")
    parser.add_argument("--curves", action="store_true", help="draw only the curves")
    parser.add_argument("--predict", metavar="PROGRAM", help="the annmpi-predict that classifies (default: the one"
                        " installed with this script, else in build/*/bin, else in PATH)")
    parser.add_argument("--output", metavar="FILE", help="a .png or .svg file (default: RUN/figure.png)")
    arguments = parser.parse_args()
    try:
        if not os.path.isdir(arguments.run):
            raise Trouble(f"{arguments.run}: no such folder")
        output = arguments.output or os.path.join(arguments.run, "figure.png")
        if os.path.splitext(output)[1].lower() not in (".png", ".svg"):
            raise Trouble(f"{output}: the figure must be a .png or a .svg file")
        program = None if arguments.curves else predict_program(arguments.run, arguments.predict)
        draw(arguments.run, arguments.data, program, output)
    except Trouble as trouble:
        print(f"plot_run.py: {trouble}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"plot_run.py: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
