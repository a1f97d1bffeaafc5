"""The problem that every peer solves: configs/galaxy.toml on the data files of annmpi.

    J(theta) = (1/m) sum_i sum_k softplus(z_ik) - y_ik z_ik  +  (l2 / 2m) (||W_1||^2 + ||W_2||^2)
    z = sigmoid(X W_1^T + b_1) W_2^T + b_2

theta is flat: layer after layer, and in a layer row after row of [b | W].
"""

import h5py
import numpy as np

# The values of configs/galaxy.toml; tools/compare.py passes them to annmpi as well.
HIDDEN, L2, SEED, HALF_WIDTH = 8, 1.0, 917, 0.2


class Samples:
    """A data file: features [rows, d] as float64, scaled, and labels [rows]."""

    def __init__(self, path):
        with h5py.File(path, "r") as file:
            self.features = file["features"][...] * float(file.attrs.get("feature_scale", 1))
            self.labels = file["labels"][...].astype(np.int64)
            self.classes = max(len(file.attrs.get("class_names", ())), int(self.labels.max()) + 1)

    def with_ones(self):
        """[1 | X]: the bias of a unit is the weight of a feature that is always 1."""
        return np.hstack([np.ones((len(self.features), 1)), self.features])

    def one_hot(self, classes):
        return (self.labels[:, None] == np.arange(classes)).astype(float)


class Shape:
    """The offsets of the two layers in theta."""

    def __init__(self, training):
        self.features, self.classes = training.features.shape[1], training.classes
        self.size_1 = HIDDEN * (1 + self.features)
        self.size = self.size_1 + self.classes * (1 + HIDDEN)

    def layers(self, theta):
        """[b_1 | W_1] [HIDDEN, 1 + d] and [b_2 | W_2] [classes, 1 + HIDDEN], as views."""
        return theta[:self.size_1].reshape(HIDDEN, -1), theta[self.size_1:].reshape(self.classes, -1)

    def start(self):
        """The start of annmpi: uniform in [-HALF_WIDTH, HALF_WIDTH), from NumPy's legacy generator."""
        return np.random.RandomState(SEED).rand(self.size) * (2 * HALF_WIDTH) - HALF_WIDTH
