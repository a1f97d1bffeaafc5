"""Reads the files of a run's folder and a data set, for plot_run.py; annmpi-predict applies the model."""

import csv
import json
import math
import os
import pathlib
import shutil
import subprocess
import tempfile

import h5py
import numpy as np


class Trouble(Exception):
    """An error that the user can correct, as one sentence."""


def read_metrics(path):
    """The columns of metrics.csv as arrays, without an incomplete last line."""
    try:
        with open(path, encoding="utf-8", errors="replace", newline="") as file:
            text = file.read()
        rows = list(csv.reader(text.splitlines()))
    except FileNotFoundError:
        raise Trouble(f"{path}: not found, so this is not the folder of a run") from None
    except csv.Error as error:
        raise Trouble(f"{path}: not a CSV file ({error})") from None
    if not rows or not {"iteration", "train_cost"} <= set(rows[0]):
        raise Trouble(f"{path}: the first line must name the columns, iteration and train_cost among them")
    header, rows = rows[0], rows[1:]
    if rows and not text.endswith("\n"):
        rows.pop()
    if not rows:
        raise Trouble(f"{path}: no iteration is recorded yet")
    columns = {name: np.full(len(rows), math.nan) for name in header}
    for number, row in enumerate(rows):
        if len(row) != len(header):
            raise Trouble(f"{path}: line {number + 2} has {len(row)} columns instead of {len(header)}")
        for name, text in zip(header, row):
            try:
                columns[name][number] = float(text) if text else math.nan
            except ValueError:
                raise Trouble(f"{path}: line {number + 2}, {name}: '{text}' is not a number") from None
    return columns


def read_json(path):
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
    except FileNotFoundError:
        return {}
    except ValueError as error:  # UnicodeDecodeError is one
        raise Trouble(f"{path}: not a JSON file ({error})") from None
    return content if isinstance(content, dict) else {}


def read_data_section(path):
    """The keys of [data] in a run's config.toml; empty if there is no such file."""
    try:
        with open(path, "rb") as file:
            content = file.read().decode("utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise Trouble(f"{path}: not a text file in UTF-8") from None
    try:
        import tomllib
    except ImportError:  # before Python 3.11: parse only what is needed
        section, data = "", {}
        for line in (line.strip() for line in content.splitlines()):
            if line.startswith("["):
                section = line.split("]")[0].strip("[ ")
            elif section == "data" and "=" in line and not line.startswith("#"):
                key, value = (part.strip() for part in line.split("=", 1))
                data[key] = value[1:].split(value[0])[0] if value[:1] in ('"', "'") else value
        return data
    try:
        data = tomllib.loads(content).get("data", {})
    except tomllib.TOMLDecodeError as error:
        raise Trouble(f"{path}: {error}") from None
    return data if isinstance(data, dict) else {}


def set_to_classify(data):
    """The path and the title of the data set to show, from the keys of [data]."""
    for key, name in (("validation", "validation set"), ("test", "test set"), ("train", "training set")):
        if data.get(key):
            return str(data[key]), name
    raise Trouble("the run's config.toml names no data set; name one with --data")


def monitored_name(data):
    """The title of the data set of the monitor_ columns of metrics.csv, from the keys of [data]."""
    if data.get("validation"):
        return "validation set"
    return "held-out part" if float(data.get("validation_fraction", 0) or 0) > 0 else "test set"


def open_hdf5(path):
    if not os.path.exists(path):
        raise Trouble(f"{path}: not found")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise Trouble(f"{path}: not readable as HDF5 ({str(error).splitlines()[0]})") from None


def find_predict():
    """The path of annmpi-predict: installed with this file, else built in its checkout (the newest), else in
    PATH; None if there is none."""
    tools = pathlib.Path(__file__).resolve().parent
    root = tools.parent
    built = [*root.glob("build/bin/annmpi-predict"), *root.glob("build/*/bin/annmpi-predict")]
    built.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    # Installed, this file is in PREFIX/share/annmpi/tools.
    for path in (tools.parents[2] / "bin" / "annmpi-predict", *built):
        if os.access(path, os.X_OK):
            return str(path)
    return shutil.which("annmpi-predict")


class Predictor:
    """The selected parameters of model.h5, applied by annmpi-predict."""

    def __init__(self, program, model_path):
        self.program, self.model_path = program, model_path

    def run(self, data_path, *options):
        """What annmpi-predict prints."""
        try:
            done = subprocess.run([self.program, self.model_path, data_path, *options], capture_output=True,
                                  encoding="utf-8", errors="replace", check=False)
        except OSError as error:
            raise Trouble(f"{self.program}: cannot be run ({error.strerror or error})") from None
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or [f"{self.program}: failed with status {done.returncode}"]
            raise Trouble(lines[-1].removeprefix("annmpi-predict: error: "))
        return done.stdout

    def evaluate(self, data_path):
        """The names of the classes, and the confusion matrix: counts [true, predicted] over all rows."""
        report = json.loads(self.run(data_path, "--json"))
        return [entry["name"] for entry in report["classes"]], np.array(report["confusion"])

    def classify(self, data, rows):
        """The predicted classes of some rows, given in increasing order, by their numbers."""
        with tempfile.TemporaryDirectory(prefix="annmpi-plot-") as folder:
            sample, predictions = os.path.join(folder, "sample.h5"), os.path.join(folder, "predictions.csv")
            with h5py.File(sample, "w") as file:
                file["features"], file["labels"] = data.features[rows], data.file["labels"][rows]
                for name in ("annmpi_schema", "feature_scale", "class_names"):
                    if name in data.file.attrs:
                        file.attrs[name] = data.file.attrs[name]
            self.run(sample, "--output", predictions)
            with open(predictions, encoding="utf-8", errors="replace", newline="") as file:
                header, *lines = csv.reader(file)
        names = [name.removeprefix("probability_") for name in header[3:]]
        return [names.index(line[2]) for line in lines]


class Data:
    """A data set that annmpi-predict accepts: its labels in memory, its rows on request."""

    def __init__(self, path, class_names):
        self.file = open_hdf5(path)
        self.features, self.labels = self.file["features"], self.file["labels"][()].astype(int)
        self.class_names = class_names
        shape = self.file.attrs.get("image_shape")
        self.image_shape = None if shape is None else tuple(int(size) for size in np.atleast_1d(shape))

    def sample(self, number):
        """A deterministic sample of rows, spread evenly over the classes and, within a class, over the file."""
        members = [np.flatnonzero(self.labels == label) for label in np.unique(self.labels)]
        shares = [number // len(members) + (i < number % len(members)) for i in range(len(members))]
        chosen = []
        for rows, share in zip(members, shares):
            share = min(share, len(rows))
            chosen.extend(rows[int((i + 0.5) * len(rows) / share)] for i in range(share))
        return chosen
