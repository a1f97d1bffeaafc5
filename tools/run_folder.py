"""Reads the files of a run's folder and a data set, for plot_run.py."""

import csv
import json
import math
import os

import h5py
import numpy as np

MOST_ROWS = 200_000  # classified for the figure; larger sets are sampled evenly
BLOCK_ROWS = 2_000

ACTIVATIONS = {
    "sigmoid": lambda z: 0.5 * (1 + np.tanh(0.5 * z)),  # without overflow
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
}


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


def text_list(value):
    return [item.decode() if isinstance(item, bytes) else str(item) for item in np.atleast_1d(value)]


def open_hdf5(path):
    if not os.path.exists(path):
        raise Trouble(f"{path}: not found")
    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise Trouble(f"{path}: not readable as HDF5 ({str(error).splitlines()[0]})") from None


class Model:
    """The selected parameters of model.h5."""

    def __init__(self, path):
        with open_hdf5(path) as file:
            try:
                count = len(file["selected"])
                groups = [file["selected"][f"layer_{layer}"] for layer in range(1, count + 1)]
                self.layers = [(group["weights"][()], group["bias"][()]) for group in groups]
            except (KeyError, TypeError, AttributeError):
                raise Trouble(f"{path}: holds no groups selected/layer_1 ... with weights and bias") from None
            outputs = [bias.shape for _, bias in self.layers]
            inputs = [weights.shape[1:] for weights, _ in self.layers]
            fits = all(weights.shape[:1] == bias.shape for weights, bias in self.layers)
            if not (self.layers and fits and inputs[1:] == outputs[:-1] and len(inputs[0]) == 1):
                raise Trouble(f"{path}: the sizes of its layers contradict each other")
            name = file.attrs.get("hidden_activation", "sigmoid")
            name = name.decode() if isinstance(name, bytes) else str(name)
            if name not in ACTIVATIONS:
                raise Trouble(f"{path}: hidden_activation '{name}' is not one of {', '.join(ACTIVATIONS)}")
            self.activation = ACTIVATIONS[name]
            self.scale = float(file.attrs.get("feature_scale", 1.0))
            self.class_names = text_list(file.attrs.get("class_names", []))
        self.features = self.layers[0][0].shape[1]
        self.classes = self.layers[-1][0].shape[0]

    def classify(self, rows):
        values = np.asarray(rows, dtype=float) * self.scale
        for weights, bias in self.layers[:-1]:
            values = self.activation(values @ weights.T + bias)
        weights, bias = self.layers[-1]
        return np.argmax(values @ weights.T + bias, axis=1)


class Data:
    """A data set: its labels in memory, its rows on request."""

    def __init__(self, path, model):
        self.file = open_hdf5(path)
        try:
            self.features, self.labels = self.file["features"], self.file["labels"][()].astype(int)
            rows, width = self.features.shape
        except (KeyError, ValueError, AttributeError, TypeError):
            raise Trouble(f"{path}: holds no datasets features [rows, columns] and labels [rows]") from None
        if rows == 0 or self.labels.shape != (rows,):
            raise Trouble(f"{path}: {rows} rows of features, but labels of shape {self.labels.shape}")
        if width != model.features:
            raise Trouble(f"{path}: {width} features in a row, but the model was trained on {model.features}")
        if self.labels.min() < 0 or self.labels.max() >= model.classes:
            raise Trouble(f"{path}: labels up to {self.labels.max()}, but the model has {model.classes} classes")
        scale = float(self.file.attrs.get("feature_scale", 1.0))
        if not math.isclose(scale, model.scale, rel_tol=1e-6):
            raise Trouble(f"{path}: feature_scale is {scale:g}, but the model was trained with {model.scale:g}")
        names = text_list(self.file.attrs.get("class_names", []))
        if names and model.class_names and names != model.class_names:
            raise Trouble(f"{path}: classes {','.join(names)}, but the model's are {','.join(model.class_names)}")
        self.class_names = names or model.class_names
        if len(self.class_names) != model.classes:
            self.class_names = [str(number) for number in range(model.classes)]
        shape = self.file.attrs.get("image_shape")
        self.image_shape = None if shape is None else tuple(int(size) for size in np.atleast_1d(shape))
        if self.image_shape and (len(self.image_shape) != 2 or math.prod(self.image_shape) != width):
            raise Trouble(f"{path}: image_shape {self.image_shape} does not fit {width} features")

    def confusion(self, model):
        """Counts [true, predicted] over all rows, or over an even sample of a large set."""
        counts = np.zeros((model.classes, model.classes), dtype=int)
        starts = range(0, len(self.labels), BLOCK_ROWS)
        for start in starts[::math.ceil(len(self.labels) / MOST_ROWS)]:
            block = slice(start, start + BLOCK_ROWS)
            np.add.at(counts, (self.labels[block], model.classify(self.features[block])), 1)
        return counts

    def sample(self, number):
        """A deterministic sample of rows, spread evenly over the classes and, within a class, over the file."""
        members = [np.flatnonzero(self.labels == label) for label in np.unique(self.labels)]
        shares = [number // len(members) + (i < number % len(members)) for i in range(len(members))]
        chosen = []
        for rows, share in zip(members, shares):
            share = min(share, len(rows))
            chosen.extend(rows[int((i + 0.5) * len(rows) / share)] for i in range(share))
        return chosen
