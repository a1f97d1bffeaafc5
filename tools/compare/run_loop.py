"""The network as a direct transcription of the formulas: a Python loop over the rows, vectors within a row."""

import time

started = time.perf_counter()
import numpy as np  # noqa: E402
from scipy import optimize  # noqa: E402,F401 (imported here to be timed as an import)
from scipy.special import expit  # noqa: E402

import peer  # noqa: E402
from problem import L2  # noqa: E402

imported = time.perf_counter()


class Network:
    def __init__(self, shape, samples):
        self.shape, self.samples, self.rows = shape, samples, len(samples.labels)
        self.Y = samples.one_hot(shape.classes)

    def penalty(self, layer_1, layer_2):
        return L2 / (2 * self.rows) * ((layer_1[:, 1:] ** 2).sum() + (layer_2[:, 1:] ** 2).sum())

    @staticmethod
    def loss(z, y):
        return (np.logaddexp(0, z) - y * z).sum()

    def cost_and_gradient(self, theta):
        layer_1, layer_2 = self.shape.layers(theta)
        bias_1, weights_1, bias_2, weights_2 = layer_1[:, 0], layer_1[:, 1:], layer_2[:, 0], layer_2[:, 1:]
        gradient = np.zeros(self.shape.size)
        gradient_1, gradient_2 = self.shape.layers(gradient)
        loss = 0.0
        for x, y in zip(self.samples.features, self.Y):
            hidden = expit(weights_1 @ x + bias_1)
            z = weights_2 @ hidden + bias_2
            loss += self.loss(z, y)
            delta_2 = expit(z) - y
            delta_1 = (delta_2 @ weights_2) * hidden * (1 - hidden)
            gradient_1[:, 0] += delta_1
            gradient_1[:, 1:] += np.outer(delta_1, x)
            gradient_2[:, 0] += delta_2
            gradient_2[:, 1:] += np.outer(delta_2, hidden)
        gradient /= self.rows
        gradient_1[:, 1:] += L2 / self.rows * weights_1
        gradient_2[:, 1:] += L2 / self.rows * weights_2
        return loss / self.rows + self.penalty(layer_1, layer_2), gradient

    def measure(self, theta):
        layer_1, layer_2 = self.shape.layers(theta)
        bias_1, weights_1, bias_2, weights_2 = layer_1[:, 0], layer_1[:, 1:], layer_2[:, 0], layer_2[:, 1:]
        loss, hits = 0.0, 0
        for x, y, label in zip(self.samples.features, self.Y, self.samples.labels):
            z = weights_2 @ expit(weights_1 @ x + bias_1) + bias_2
            loss += self.loss(z, y)
            hits += int(z.argmax() == label)
        return float(loss / self.rows + self.penalty(layer_1, layer_2)), hits / self.rows


if __name__ == "__main__":
    peer.train(Network, imported - started)
