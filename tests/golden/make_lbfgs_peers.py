#!/usr/bin/env python3
"""Writes how far L-BFGS by others has come after so many iterations: SciPy's and scikit-learn's.

usage: make_lbfgs_peers.py NAME TRAIN.h5 OUT.json      (needs NumPy, SciPy, scikit-learn, h5py)

NAME is one of the problems below: a network, its start, seeds, and the iterations that are looked at.
SciPy's L-BFGS-B minimises the cost in plain NumPy, without bounds, from the parameters that annmpi
starts from: RandomState(seed).rand() in theta's order, row after row of [bias | weights], layer after
layer; without biases for "glorot". scikit-learn's MLPClassifier starts from weights of its own; it knows
the softmax alone. Both have no tolerance, so that they go on, and 10 pairs. What lies beside this file:

    lbfgs_galaxies16.json   galaxies16_train.csv as HDF5 (make_galaxy_trajectory.py)
    lbfgs_galaxy*.json      the real galaxies' training set
    lbfgs_digits.json       rows 0:8000 of MNIST's t10k files
"""
import json
import sys
import warnings

import h5py
import numpy as np
import scipy
import sklearn
from scipy.optimize import minimize
from scipy.special import expit, logsumexp
from sklearn.neural_network import MLPClassifier, _multilayer_perceptron

PROBLEMS = {
    "lbfgs_galaxies16": dict(hidden=[8], activation="tanh", output="softmax", init="glorot", l2=0.1,
                             seeds=list(range(1, 21)), marks=[25, 50, 100]),
    "lbfgs_galaxy": dict(hidden=[8], activation="sigmoid", output="sigmoid", init="uniform", l2=1.0,
                         seeds=list(range(1, 21)), marks=[25, 50, 100, 200]),
    "lbfgs_galaxy_deep": dict(hidden=[32, 16], activation="tanh", output="softmax", init="glorot", l2=3.0,
                              seeds=list(range(1, 21)), marks=[25, 50, 100]),
    "lbfgs_digits": dict(hidden=[128], activation="relu", output="softmax", init="glorot", l2=1.0,
                         seeds=[1, 2, 3, 4, 5], marks=[25, 50, 100]),
}


class Network:
    def __init__(self, problem, features, labels):
        self.problem, self.labels = problem, labels
        self.inputs = np.hstack([np.ones((len(features), 1)), features])
        self.targets = np.eye(labels.max() + 1)[labels]
        sizes = [features.shape[1], *problem["hidden"], self.targets.shape[1]]
        self.shapes = [(outputs, inputs + 1) for inputs, outputs in zip(sizes, sizes[1:])]

    def start(self, seed):
        random = np.random.RandomState(seed)
        layers = []
        for outputs, inputs in self.shapes:
            if self.problem["init"] == "uniform":
                layers.append(random.rand(outputs, inputs) * (2 * 0.2) - 0.2)
            else:
                half = np.sqrt(6 / (outputs + inputs - 1))
                layers.append(np.hstack([np.zeros((outputs, 1)),
                                         random.rand(outputs, inputs - 1) * (2 * half) - half]))
        return np.concatenate([layer.ravel() for layer in layers])

    def layers(self, theta):
        ends = np.cumsum([rows * columns for rows, columns in self.shapes])
        return [part.reshape(shape) for part, shape in zip(np.split(theta, ends[:-1]), self.shapes)]

    def cost_and_gradient(self, theta):
        act, slope = {"sigmoid": (expit, lambda a: a * (1 - a)), "tanh": (np.tanh, lambda a: 1 - a * a),
                      "relu": (lambda z: np.maximum(z, 0), lambda a: a > 0)}[self.problem["activation"]]
        layers, rows = self.layers(theta), len(self.inputs)
        values = [self.inputs]
        for layer in layers[:-1]:
            values.append(np.hstack([np.ones((rows, 1)), act(values[-1] @ layer.T)]))
        logits = values[-1] @ layers[-1].T
        if self.problem["output"] == "softmax":
            total = logsumexp(logits, axis=1, keepdims=True)
            cost = (total.ravel() - logits[np.arange(rows), self.labels]).sum()
            delta = np.exp(logits - total) - self.targets
        else:
            cost = np.logaddexp(0, logits).sum() - (self.targets * logits).sum()
            delta = expit(logits) - self.targets
        l2, parts = self.problem["l2"], []
        for layer, below in zip(layers[::-1], values[::-1]):
            part = delta.T @ below
            part[:, 1:] += l2 * layer[:, 1:]
            parts.insert(0, part.ravel() / rows)
            delta = (delta @ layer[:, 1:]) * slope(below[:, 1:])
        return (cost + 0.5 * l2 * sum((layer[:, 1:] ** 2).sum() for layer in layers)) / rows, np.concatenate(parts)


def scipy_costs(network, seed, iterations):
    costs = []
    minimize(network.cost_and_gradient, network.start(seed), jac=True, method="L-BFGS-B",
             options=dict(maxiter=iterations, maxfun=10**6, gtol=0, ftol=0, maxcor=10),
             callback=lambda intermediate_result: costs.append(float(intermediate_result.fun)))
    return costs


def scikit_learn_costs(network, seed, iterations):
    problem, costs = network.problem, []
    plain = _multilayer_perceptron.scipy.optimize.minimize

    def watched(*arguments, options, **keywords):
        return plain(*arguments, options={**options, "ftol": 0, "gtol": 0}, **keywords,
                     callback=lambda intermediate_result: costs.append(float(intermediate_result.fun)))

    _multilayer_perceptron.scipy.optimize.minimize = watched
    try:
        MLPClassifier(hidden_layer_sizes=problem["hidden"], solver="lbfgs", alpha=problem["l2"],
                      activation={"sigmoid": "logistic"}.get(problem["activation"], problem["activation"]),
                      max_iter=iterations, max_fun=10**6, random_state=seed).fit(network.inputs[:, 1:], network.labels)
    finally:
        _multilayer_perceptron.scipy.optimize.minimize = plain
    return costs


def main():
    warnings.simplefilter("ignore")
    name, train, out = sys.argv[1:]
    problem = PROBLEMS[name]
    with h5py.File(train) as file:
        network = Network(problem, file["features"][...] * float(file.attrs.get("feature_scale", 1)),
                          file["labels"][...].astype(int))
    peers = {"scipy": scipy_costs}
    if problem["output"] == "softmax":
        peers["scikit-learn"] = scikit_learn_costs
    costs = {}
    for peer, run in peers.items():
        costs[peer] = {mark: [] for mark in problem["marks"]}
        for seed in problem["seeds"]:
            found = run(network, seed, max(problem["marks"]))
            for mark in problem["marks"]:
                costs[peer][mark].append(found[min(mark, len(found)) - 1])
        print(peer, {mark: float(np.median(values)) for mark, values in costs[peer].items()}, flush=True)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(dict(name=name, **problem, versions=dict(numpy=np.__version__, scipy=scipy.__version__,
                                                           scikit_learn=sklearn.__version__), costs=costs),
                  file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
