#!/usr/bin/env python3
"""Writes what 50 steps of mini-batch methods do to small networks, computed by NumPy in float64 from the papers'
formulas, and by PyTorch's optimizers where it says so.

usage: make_batch_trajectories.py OUT.json          (needs NumPy and PyTorch; batch_trajectories.json lies beside this file)

Nothing here is taken from annmpi but its documented conventions: theta holds layer after layer, row after row of
[bias | weights]; the cost of a batch is the mean of its losses plus (l2 / 2m) ||W||^2 with m the rows of the whole set
and no penalty on biases; the rows of an epoch stand in the order of a Feistel network (include/annmpi/data/batch_order.hpp).

For every step: one projection of theta on fixed numbers, and theta itself after the steps in "kept".
"""
import json
import math
import sys

import numpy as np
import torch

ROWS, COLUMNS, CLASSES, BATCH, SEED, STEPS = 90, 7, 3, 32, 11, 50
KEPT = [1, 2, 3, 5, 10, 20, 50]
MASK = (1 << 64) - 1


def mixed(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def order(rows, seed, epoch):
    """The rows of an epoch, in the order in which batches take them."""
    half_bits = 1
    while half_bits < 32 and (1 << (2 * half_bits)) < rows:
        half_bits += 1
    half = (1 << half_bits) - 1
    key = mixed((mixed(seed) + epoch) & MASK)

    def once(position):
        left, right = position >> half_bits, position & half
        for turn in range(6):
            left, right = right, left ^ (mixed(key ^ ((turn << 60) | right)) & half)
        return (left << half_bits) | right

    found = []
    for position in range(rows):
        position = once(position)
        while position >= rows:
            position = once(position)
        found.append(position)
    return found


def layers(theta, sizes):
    begin = 0
    for inputs, outputs in zip(sizes, sizes[1:]):
        yield theta[begin:begin + outputs * (1 + inputs)].reshape(outputs, 1 + inputs)
        begin += outputs * (1 + inputs)


ACTIVATIONS = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda a: a * (1 - a)),
    "tanh": (np.tanh, lambda a: 1 - a * a),
    "relu": (lambda z: np.maximum(z, 0), lambda a: (a > 0).astype(float)),
}


def gradient(theta, sizes, X, labels, activation, output, penalty):
    act, slope = ACTIVATIONS[activation]
    parts = list(layers(theta, sizes))
    values = [X]
    for index, part in enumerate(parts):
        z = values[-1] @ part[:, 1:].T + part[:, 0]
        values.append(z if index == len(parts) - 1 else act(z))
    Y = np.eye(sizes[-1])[labels]
    if output == "softmax":
        e = np.exp(values[-1] - values[-1].max(axis=1, keepdims=True))
        delta = e / e.sum(axis=1, keepdims=True) - Y
    else:
        delta = 1 / (1 + np.exp(-values[-1])) - Y
    delta /= len(X)
    result = np.zeros_like(theta)
    out = list(layers(result, sizes))
    for index in reversed(range(len(parts))):
        out[index][:, 0] = delta.sum(axis=0)
        out[index][:, 1:] = delta.T @ values[index] + penalty * parts[index][:, 1:]
        if index > 0:
            delta = (delta @ parts[index][:, 1:]) * slope(values[index])
    return result


def rate_of(run, t, steps_per_epoch):
    """Linear warm-up, then constant, in drops, or along half a cosine; by the step t = 0, 1, ..."""
    base, warmup = run["learning_rate"], run.get("warmup_epochs", 0) * steps_per_epoch
    if t < warmup:
        return base * min(1, (t + 1) / warmup)
    if run.get("schedule") == "step":
        return base * run["step_factor"] ** math.floor(t / steps_per_epoch / run["step_epochs"])
    if run.get("schedule") == "cosine":
        final, everything = run["final_factor"], run["epochs"] * steps_per_epoch
        part = min(1, (t - warmup) / (everything - warmup))
        return base * (final + (1 - final) * 0.5 * (1 + math.cos(math.pi * part)))
    return base


def sgd(run):
    """Polyak 1964; Nesterov after Sutskever et al. 2013 and Bengio et al. 2013."""
    mu, velocity = run.get("momentum", 0), 0

    def moved(theta, g, rate):
        nonlocal velocity
        velocity = mu * velocity - rate * g
        return theta + (mu * velocity - rate * g if run.get("nesterov") else velocity)
    return moved


def adam(run):
    """Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2."""
    beta1, beta2, m, v, t = run["beta1"], run["beta2"], 0, 0, 0

    def moved(theta, g, rate):
        nonlocal m, v, t
        t += 1
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1 ** t), v / (1 - beta2 ** t)
        return theta - rate * run.get("weight_decay", 0) * theta - rate * m_hat / (np.sqrt(v_hat) + run["epsilon"])
    return moved


def of_pytorch(make):
    """A rule of torch.optim, in doubles on the gradients of this script."""
    def rule(run):
        parameters = torch.zeros(0, dtype=torch.float64, requires_grad=True)
        optimizer = make([parameters], run)

        def moved(theta, g, rate):
            if len(parameters) == 0:
                parameters.data = torch.tensor(theta)
                for state in optimizer.state.values():  # of Adagrad, made at the start
                    state["sum"] = torch.zeros_like(parameters)
            parameters.grad = torch.tensor(g)
            optimizer.param_groups[0]["lr"] = rate
            optimizer.step()
            return parameters.detach().numpy().copy()
        return moved
    return rule


def lion(run):
    """Chen et al. 2023, algorithm 2; not in PyTorch."""
    beta1, beta2, m = run["beta1"], run["beta2"], 0

    def moved(theta, g, rate):
        nonlocal m
        step = np.sign(beta1 * m + (1 - beta1) * g) + run.get("weight_decay", 0) * theta
        m = beta2 * m + (1 - beta2) * g
        return theta - rate * step
    return moved


UPDATES = {"sgd": sgd, "adam": adam, "adagrad": of_pytorch(
    lambda theta, run: torch.optim.Adagrad(theta, eps=run["epsilon"])), "rmsprop": of_pytorch(
    lambda theta, run: torch.optim.RMSprop(theta, alpha=run["beta2"], eps=run["epsilon"])), "lion": lion}


def train(run, X, labels):
    sizes = run["sizes"]
    theta = np.random.RandomState(5).rand(sum((1 + i) * o for i, o in zip(sizes, sizes[1:]))) * 1.2 - 0.6
    start = theta.copy()
    steps_per_epoch = -(-ROWS // BATCH)
    weights = np.random.RandomState(6).rand(len(theta)) - 0.5
    projections, kept = [], {}
    rule = UPDATES[run["kind"]](run)
    for t in range(STEPS):
        epoch, step = divmod(t, steps_per_epoch)
        rows = order(ROWS, SEED, epoch)[step * BATCH:(step + 1) * BATCH]
        g = gradient(theta, sizes, X[rows], labels[rows], run["activation"], run["output"], run["l2"] / ROWS)
        norm = np.sqrt((g * g).sum())
        if run.get("clip_norm", 0) and norm > run["clip_norm"]:
            g = g * (run["clip_norm"] / norm)
        theta = rule(theta, g, rate_of(run, t, steps_per_epoch))
        projections.append(float(theta @ weights))
        if t + 1 in KEPT:
            kept[str(t + 1)] = theta.tolist()
    return {**run, "start": start.tolist(), "projections": projections, "theta": kept}


def main():
    random = np.random.RandomState(4)
    pixels = random.randint(0, 256, size=(ROWS, COLUMNS))
    pixels[random.rand(ROWS, COLUMNS) < 0.3] = 0
    labels = np.sort(random.randint(0, CLASSES, size=ROWS))  # sorted by class: batches must not care
    deep, flat = [COLUMNS, 6, 5, CLASSES], [COLUMNS, 9, CLASSES]
    of_adam = {"kind": "adam", "learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
    runs = [
        {"name": "sgd", "kind": "sgd", "sizes": deep, "activation": "relu", "output": "softmax", "l2": 0.5,
         "learning_rate": 0.3},
        {"name": "momentum", "kind": "sgd", "sizes": flat, "activation": "tanh", "output": "sigmoid", "l2": 0,
         "learning_rate": 0.1, "momentum": 0.9},
        {"name": "nesterov", "kind": "sgd", "sizes": deep, "activation": "sigmoid", "output": "softmax", "l2": 1,
         "learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        {"name": "momentum, clipped, cosine after a warm-up", "kind": "sgd", "sizes": deep, "activation": "tanh",
         "output": "softmax", "l2": 0.5, "learning_rate": 0.4, "momentum": 0.8, "clip_norm": 0.2, "schedule": "cosine",
         "warmup_epochs": 2.5, "final_factor": 0.1, "epochs": 14},
        {**of_adam, "name": "adam", "sizes": deep, "activation": "relu", "output": "softmax", "l2": 0.5},
        {**of_adam, "name": "adam, in drops", "sizes": flat, "activation": "sigmoid", "output": "sigmoid", "l2": 0,
         "schedule": "step", "step_epochs": 4, "step_factor": 0.3, "epochs": 17},
        {**of_adam, "name": "adamw", "sizes": deep, "activation": "tanh", "output": "softmax", "l2": 0,
         "weight_decay": 0.1, "beta1": 0.8, "beta2": 0.99},
        {"name": "adagrad", "kind": "adagrad", "sizes": deep, "activation": "tanh", "output": "softmax", "l2": 0.5,
         "learning_rate": 0.05, "epsilon": 1e-10},
        {"name": "rmsprop", "kind": "rmsprop", "sizes": deep, "activation": "sigmoid", "output": "softmax", "l2": 0.5,
         "learning_rate": 0.01, "beta2": 0.99, "epsilon": 1e-8},
        {"name": "lion", "kind": "lion", "sizes": deep, "activation": "tanh", "output": "softmax", "l2": 0.5,
         "learning_rate": 0.003, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1},
    ]
    orders = [{"rows": rows, "seed": seed, "epoch": epoch, "order": order(rows, seed, epoch)}
              for rows, seed, epoch in [(1, 1, 0), (2, 1, 0), (5, 917, 3), (90, 11, 0), (90, 11, 1), (257, 2 ** 32 - 1, 2)]]
    data = {"rows": ROWS, "batch_rows": BATCH, "seed": SEED, "features": pixels.tolist(), "labels": labels.tolist(),
            "feature_scale": 1 / 255, "projection": (np.random.RandomState(6).rand(200) - 0.5).tolist(), "orders": orders,
            "numpy": np.__version__, "torch": torch.__version__, "runs": [train(run, pixels * (1 / 255), labels) for run in runs]}
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(data, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
