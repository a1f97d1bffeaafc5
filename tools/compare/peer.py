"""Shared by the peers: their command line, timed conjugate gradients of SciPy, and the format of their answer.

A peer is a program:  run_NAME.py TRAIN.h5 TEST.h5 ITERATIONS THREADS [VARIANT]
It prints one line of JSON: the keys of answer() below.
"""

import json
import sys
import time

from problem import Samples, Shape


def arguments():
    """(training file, test file, iterations, threads, variant or "")"""
    train, test, iterations, threads, *variant = sys.argv[1:]
    return train, test, int(iterations), int(threads), variant[0] if variant else ""


class Clocked:
    """A cost for scipy.optimize with the timing of annmpi: from the end of the evaluation at the start to the
    end of the last iteration, with the test set measured after each iteration.

    cost_and_gradient(theta) -> (float, array);   measure(theta) -> (test cost, test accuracy)
    """

    def __init__(self, cost_and_gradient, measure):
        self.cost_and_gradient, self.measure = cost_and_gradient, measure
        self.begun = self.ended = None
        self.evaluations, self.train_costs, self.tested = 0, [], (None, None)
        self.newest = None, None

    def evaluate(self, theta):
        cost, gradient = self.cost_and_gradient(theta)
        self.evaluations += 1
        self.newest = theta.copy(), float(cost)
        if self.begun is None:
            self.train_costs.append(float(cost))
            self.begun = self.ended = time.perf_counter()
        return cost, gradient

    def iterated(self, theta):
        """SciPy's callback. The accepted point is nearly always the one evaluated last."""
        at, cost = self.newest
        self.train_costs.append(cost if (at == theta).all() else float(self.cost_and_gradient(theta)[0]))
        self.tested = self.measure(theta)
        self.ended = time.perf_counter()

    def minimize(self, theta, iterations):
        """Runs conjugate gradients with SciPy's defaults; returns the result for answer()."""
        from scipy import optimize
        found = optimize.minimize(self.evaluate, theta, jac=True, method="CG", callback=self.iterated,
                                  options={"maxiter": iterations})
        return {"iterations": int(found.nit), "evaluations": self.evaluations,
                "training_seconds": self.ended - self.begun, "train_costs": self.train_costs,
                "test_cost": self.tested[0], "test_accuracy": self.tested[1],
                "stopped_early": "" if found.nit >= iterations else str(found.message)}


def answer(import_seconds, load_seconds, result):
    print(json.dumps({"import_seconds": import_seconds, "load_seconds": load_seconds, **result}))


def train(network_of, import_seconds, gradient="cost_and_gradient"):
    """Reads the data, trains by conjugate gradients and answers.

    network_of(shape, samples) has measure(theta), and cost and gradient by the method of that name.
    """
    begun = time.perf_counter()
    train_path, test_path, iterations, _, _ = arguments()
    training = Samples(train_path)
    shape = Shape(training)
    network, tested = network_of(shape, training), network_of(shape, Samples(test_path))
    load_seconds = time.perf_counter() - begun
    clocked = Clocked(getattr(network, gradient), tested.measure)
    answer(import_seconds, load_seconds, clocked.minimize(shape.start(), iterations))
