#!/usr/bin/env python3
"""Writes what scipy.optimize.minimize(method="CG") does with a galaxy network, iteration by iteration.

usage: make_galaxy_trajectory.py TRAIN.csv TEST.csv OUT.json [--hidden H] [--l2 L] [--seed S]
                                 [--iterations N] [--rewritings R]          (needs NumPy and SciPy)

The network: d pixels / 255, H sigmoid units, K sigmoid outputs, and the cost with its penalty

    J = (1/m) sum_i sum_k [softplus(z_ik) - y_ik z_ik] + (L / 2m) (||W_1||^2 + ||W_2||^2)

theta holds layer after layer, row after row of [bias | weights]: the bias stands first in each row
and is not penalised. It starts uniform in [-0.2, 0.2), drawn in theta's order from NumPy's legacy
generator: RandomState(seed).rand().

How far a trajectory can be compared: equal programs in double precision part, because their sums
round differently and a line search amplifies the last bit. How fast is measured by R runs of the
same mathematics in another order: rows, pixels and hidden units shuffled. `spread[i]` is the largest
relative difference of any cost, of any of these runs from the plain run, up to iteration i: a right
program differs by about as much. `evaluations` counts as SciPy does (1 for the start, 1 per trial);
`evaluations_certain_until` is the last iteration up to which all runs evaluated equally often.

What lies beside this file (the names of the trajectories tell their options):

    galaxies16_train.csv    annmpi-data galaxies OUT --rows 240 --image-size 16 --seed 917
    galaxies16_test.csv     annmpi-data galaxies OUT --rows 80 --image-size 16 --seed 918
    galaxies16_*.json       from these files, 50 iterations, 8 rewritings
    galaxy_*.json           from the real galaxies, --iterations 40 --rewritings 4

The data are kept, for another version of annmpi-data may paint other galaxies.
"""
import argparse
import json
import pathlib
import platform

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.special import expit

HALF_WIDTH = 0.2


class Samples:
    """Pixels in [0, 1], a bias of 1 before them, and one-hot labels."""

    def __init__(self, path, classes=None):
        table = np.loadtxt(path, delimiter=",", ndmin=2)
        self.labels = table[:, 0].astype(int)
        self.rows = len(table)
        self.inputs = np.hstack([np.ones((self.rows, 1)), table[:, 1:] / 255.0])
        self.targets = np.eye(classes or self.labels.max() + 1)[self.labels]

    def rearranged(self, rows, pixels):
        other = object.__new__(Samples)
        other.rows, other.labels, other.targets = self.rows, self.labels[rows], self.targets[rows]
        other.inputs = self.inputs[rows][:, np.concatenate([[0], 1 + pixels])]
        return other


class Network:
    def __init__(self, pixels, hidden, classes, l2):
        self.shapes = [(hidden, pixels + 1), (classes, hidden + 1)]
        self.l2 = l2

    def initial(self, seed):
        count = sum(rows * columns for rows, columns in self.shapes)
        return np.random.RandomState(seed).rand(count) * (2 * HALF_WIDTH) - HALF_WIDTH

    def layers(self, theta):
        split = self.shapes[0][0] * self.shapes[0][1]
        return theta[:split].reshape(self.shapes[0]), theta[split:].reshape(self.shapes[1])

    def rearranged(self, theta, pixels, units):
        """theta for inputs whose pixels, and hidden units, come in another order."""
        first, second = self.layers(theta)
        first = first[units][:, np.concatenate([[0], 1 + pixels])]
        second = second[:, np.concatenate([[0], 1 + units])]
        return np.concatenate([first.ravel(), second.ravel()])

    def forward(self, theta, samples):
        first, second = self.layers(theta)
        hidden = np.hstack([np.ones((samples.rows, 1)), expit(samples.inputs @ first.T)])
        return hidden, hidden @ second.T

    def penalty(self, theta):
        return 0.5 * self.l2 * sum(float((layer[:, 1:] ** 2).sum()) for layer in self.layers(theta))

    def cost(self, theta, samples, logits=None):
        if logits is None:
            logits = self.forward(theta, samples)[1]
        loss = np.logaddexp(0.0, logits).sum() - (samples.targets * logits).sum()
        return (loss + self.penalty(theta)) / samples.rows

    def cost_and_gradient(self, theta, samples):
        hidden, logits = self.forward(theta, samples)
        second = self.layers(theta)[1]
        delta2 = expit(logits) - samples.targets
        active = hidden[:, 1:]
        delta1 = (delta2 @ second[:, 1:]) * active * (1.0 - active)
        parts = []
        for delta, below, layer in zip((delta1, delta2), (samples.inputs, hidden), self.layers(theta)):
            part = delta.T @ below
            part[:, 1:] += self.l2 * layer[:, 1:]
            parts.append(part.ravel() / samples.rows)
        return self.cost(theta, samples, logits), np.concatenate(parts)

    def accuracy(self, theta, samples):
        return float((self.forward(theta, samples)[1].argmax(axis=1) == samples.labels).mean())


def trajectory(network, theta, train, test, iterations):
    record = {name: [] for name in ("evaluations", "train_cost", "train_accuracy", "test_cost", "test_accuracy")}
    calls = 0

    def function(point):
        nonlocal calls
        calls += 1
        return network.cost_and_gradient(point, train)

    def note(point):
        record["evaluations"].append(max(calls, 1))
        for name, samples in (("train", train), ("test", test)):
            record[f"{name}_cost"].append(float(network.cost(point, samples)))
            record[f"{name}_accuracy"].append(network.accuracy(point, samples))

    note(theta)
    result = minimize(function, theta, jac=True, method="CG", callback=note, options={"maxiter": iterations})
    assert result.nfev == calls, (result.nfev, calls)
    return record


def spread_of(plain, others):
    """Per iteration, the largest relative difference so far; and the number of equal evaluations."""
    length = min(len(record["train_cost"]) for record in (plain, *others))
    spread, equal, largest = [], -1, 0.0
    for i in range(length):
        for name in ("train_cost", "test_cost"):
            largest = max([largest, *(abs(other[name][i] / plain[name][i] - 1.0) for other in others)])
        spread.append(largest)
        if equal == i - 1 and all(other["evaluations"][i] == plain["evaluations"][i] for other in others):
            equal = i
    return spread, equal


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("train"), parser.add_argument("test"), parser.add_argument("out")
    parser.add_argument("--hidden", type=int, default=8)
    parser.add_argument("--l2", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=917)
    parser.add_argument("--iterations", type=int, default=50)
    parser.add_argument("--rewritings", type=int, default=8)
    asked = parser.parse_args()

    train = Samples(asked.train)
    classes = train.targets.shape[1]
    test = Samples(asked.test, classes)
    pixels = train.inputs.shape[1] - 1
    network = Network(pixels, asked.hidden, classes, asked.l2)
    theta = network.initial(asked.seed)
    plain = trajectory(network, theta, train, test, asked.iterations)
    others = []
    for number in range(asked.rewritings):
        random = np.random.RandomState(number)
        rows, order, units = (random.permutation(n) for n in (train.rows, pixels, asked.hidden))
        others.append(trajectory(network, network.rearranged(theta, order, units), train.rearranged(rows, order),
                                 test.rearranged(np.arange(test.rows), order), asked.iterations))
    spread, evaluations_certain_until = spread_of(plain, others)

    result = {
        "made_by": f"make_galaxy_trajectory.py, SciPy {scipy.__version__}, NumPy {np.__version__}, "
                   f"{platform.machine()}",
        "train": pathlib.Path(asked.train).name, "test": pathlib.Path(asked.test).name,
        "hidden": asked.hidden, "l2": asked.l2, "seed": asked.seed, "iterations": asked.iterations,
        "first_five_parameters": theta[:5].tolist(),
        "evaluations_certain_until": evaluations_certain_until,
        "spread": [float(f"{value:.1e}") for value in spread], **plain}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in result.items())
    pathlib.Path(asked.out).write_text("{\n" + lines + "\n}\n", encoding="utf-8")
    print(f"{asked.out}: {result['evaluations'][-1]} evaluations, {evaluations_certain_until=}")
    print("spread " + ", ".join(f"{i}: {value:.1e}" for i, value in enumerate(spread) if i % 5 == 0))


if __name__ == "__main__":
    main()
