"""The network in NumPy, all rows at once, cost and gradient in one function, under SciPy's conjugate gradients.

Matrices are units x rows, and the features are stored in both layouts, because these forms of the two products over the
features are the fastest in OpenBLAS: W X^T with X^T stored, and delta X. 0.5 + 0.5 tanh(z / 2) takes half the time of
expit(z).
"""

import time

started = time.perf_counter()
import numpy as np  # noqa: E402
from scipy import optimize  # noqa: E402,F401 (imported here to be timed as an import)

import peer  # noqa: E402
from problem import L2  # noqa: E402

imported = time.perf_counter()


def sigmoid(z):
    return 0.5 + 0.5 * np.tanh(0.5 * z)


def softplus(z):
    return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))


class Network:
    def __init__(self, shape, samples):
        self.shape, self.labels, self.rows = shape, samples.labels, len(samples.labels)
        self.X = samples.with_ones()
        self.X_transposed = np.ascontiguousarray(self.X.T)
        self.Y = np.ascontiguousarray(samples.one_hot(shape.classes).T)

    def forward(self, layer_1, layer_2):
        """Hidden values [HIDDEN, rows] and logits [classes, rows]."""
        hidden = sigmoid(layer_1 @ self.X_transposed)
        return hidden, layer_2[:, 1:] @ hidden + layer_2[:, :1]

    def cost(self, logits, layer_1, layer_2):
        penalty = np.square(layer_1[:, 1:]).sum() + np.square(layer_2[:, 1:]).sum()
        return (softplus(logits).sum() - np.vdot(self.Y, logits) + L2 / 2 * penalty) / self.rows

    def cost_and_gradient(self, theta):
        layer_1, layer_2 = self.shape.layers(theta)
        hidden, logits = self.forward(layer_1, layer_2)
        delta_2 = (sigmoid(logits) - self.Y) / self.rows
        delta_1 = layer_2[:, 1:].T @ delta_2 * hidden * (1 - hidden)
        gradient = np.empty(self.shape.size)
        gradient_1, gradient_2 = self.shape.layers(gradient)
        np.matmul(delta_1, self.X, out=gradient_1)
        gradient_2[:, 0] = delta_2.sum(axis=1)
        gradient_2[:, 1:] = delta_2 @ hidden.T
        gradient_1[:, 1:] += L2 / self.rows * layer_1[:, 1:]
        gradient_2[:, 1:] += L2 / self.rows * layer_2[:, 1:]
        return self.cost(logits, layer_1, layer_2), gradient

    def measure(self, theta):
        layer_1, layer_2 = self.shape.layers(theta)
        logits = self.forward(layer_1, layer_2)[1]
        return (float(self.cost(logits, layer_1, layer_2)),
                float((logits.argmax(axis=0) == self.labels).mean()))


if __name__ == "__main__":
    peer.train(Network, imported - started)
