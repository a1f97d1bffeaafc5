#!/usr/bin/env python3
"""Writes scipy_cg_reference.json: what SciPy's conjugate gradients do on the test functions.

usage: make_scipy_cg_reference.py OUTPUT.json          (needs NumPy and SciPy 1.12 or later)

Per iteration: cost, evaluations so far, step, candidates refused so far for lack of descent. Equal
algorithms part because their sums round differently; how fast is measured by ten runs in which the
last bit of every element of every gradient is drawn: `cost_spread` and `step_spread` are the largest
differences from the plain run, and until iteration `certain_until` all ten evaluate as often as it.
`more_thuente` and `bracket_and_zoom` hold runs of SciPy's two line searches on the functions of
More and Thuente (1994), section 5.
"""
import inspect
import json
import math
import sys
import warnings

import numpy as np
import scipy
from scipy.optimize import _dcsrch, _linesearch, _optimize, minimize

# Plain loops, so that a C++ loop in the same order rounds in the same way.


def rosenbrock(x):
    cost, gradient = 0.0, [0.0] * len(x)
    for i in range(len(x) - 1):
        valley, distance = x[i + 1] - x[i] * x[i], 1.0 - x[i]
        cost += 100.0 * valley * valley + distance * distance
        gradient[i] += -400.0 * x[i] * valley - 2.0 * distance
        gradient[i + 1] += 200.0 * valley
    return cost, gradient


def quadratic(x):
    """x.Ax / 2 - sum(x) with A = tridiagonal(-1, 2, -1)."""
    n = len(x)
    cost, gradient = 0.0, [0.0] * n
    for i in range(n):
        left = x[i - 1] if i > 0 else 0.0
        right = x[i + 1] if i + 1 < n else 0.0
        product = 2.0 * x[i] - left - right
        cost += 0.5 * x[i] * product - x[i]
        gradient[i] = product - 1.0
    return cost, gradient


def rounded_otherwise(function, seed):
    """The same function, with the last bit of every element of the gradient up to chance."""
    random = np.random.RandomState(seed)

    def other(x):
        cost, gradient = function(x)
        bits = random.randint(-1, 2, len(gradient)) * np.finfo(float).eps
        return cost, (np.array(gradient) * (1.0 + bits)).tolist()

    return other


def run(function, start, options):
    """One row [cost, evaluations, step, rejections] per iteration, row 0 the start; the status."""
    evaluations, rejections, step, rows = 0, 0, 0.0, []
    search = _optimize._line_search_wolfe12

    def counted(x):
        nonlocal evaluations
        evaluations += 1
        cost, gradient = function(x.tolist())
        return cost, np.array(gradient)

    def watched_search(*arguments, extra_condition, **keywords):
        def watched_condition(*values):
            nonlocal rejections
            accepted = extra_condition(*values)
            rejections += not accepted
            return accepted

        nonlocal step
        result = search(*arguments, extra_condition=watched_condition, **keywords)
        step = float(result[0])
        return result

    def record(intermediate_result):
        rows.append([float(intermediate_result.fun), evaluations, step, rejections])

    _optimize._line_search_wolfe12 = watched_search
    try:
        rows.append([function(list(start))[0], 1, 0.0, 0])
        result = minimize(counted, np.array(start), jac=True, method="CG", options=options,
                          callback=record)
    finally:
        _optimize._line_search_wolfe12 = search
    return rows, int(result.status)


def trajectory(name, function, start, **options):
    rows, status = run(function, start, options)
    others = [run(rounded_otherwise(function, seed), start, options)[0] for seed in range(10)]
    length = min(len(r) for r in [rows] + others)

    def spread(column):
        return [float(f"{max(abs(o[i][column] - rows[i][column]) for o in others):.1e}")
                for i in range(length)]

    certain = 0
    while certain + 1 < length and all(o[certain + 1][1] == rows[certain + 1][1] for o in others):
        certain += 1
    return dict(name=name, dimension=len(start), c2=options.get("c2", 0.4), status=status,
                certain_until=certain,
                cost=[r[0] for r in rows], evaluations=[r[1] for r in rows],
                step=[r[2] for r in rows], rejections=[r[3] for r in rows],
                cost_spread=spread(0), step_spread=spread(2))


# The functions of J. J. More and D. J. Thuente, ACM TOMS 20 (1994), section 5, and their slopes.


def function_1(s):
    return -s / (s * s + 2.0), (s * s - 2.0) / (s * s + 2.0) ** 2


def function_2(s):
    t = s + 0.004
    return t**5 - 2.0 * t**4, 5.0 * t**4 - 8.0 * t**3


def function_3(s):
    beta, l = 0.01, 39.0
    if s <= 1.0 - beta:
        base, slope = 1.0 - s, -1.0
    elif s >= 1.0 + beta:
        base, slope = s - 1.0, 1.0
    else:
        base, slope = (s - 1.0) ** 2 / (2.0 * beta) + beta / 2.0, (s - 1.0) / beta
    angle = l * math.pi / 2.0 * s
    return (base + 2.0 * (1.0 - beta) / (l * math.pi) * math.sin(angle),
            slope + (1.0 - beta) * math.cos(angle))


def yanai(beta_1, beta_2):
    def gamma(beta):
        return math.sqrt(1.0 + beta * beta) - beta

    def function(s):
        left, right = math.sqrt((1.0 - s) ** 2 + beta_2**2), math.sqrt(s * s + beta_1**2)
        return (gamma(beta_1) * left + gamma(beta_2) * right,
                -gamma(beta_1) * (1.0 - s) / left + gamma(beta_2) * s / right)

    return function


LINES = [function_1, function_2, function_3,
         yanai(0.001, 0.001), yanai(0.01, 0.001), yanai(0.001, 0.01)]


def more_thuente():
    """Rows [function, c1, c2, first step, trials, step found]."""
    rows = []
    paper = [(0.001, 0.1), (0.1, 0.1), (0.1, 0.1), (0.001, 0.001), (0.001, 0.001), (0.001, 0.001)]
    for number, function in enumerate(LINES, 1):
        for c1, c2 in (paper[number - 1], (1e-4, 0.4), (0.3, 0.35)):
            for exponent in range(-6, 7):
                trials = [0]

                def cost(s):
                    trials[0] += 1
                    return function(s)[0]

                first_step = 10.0 ** (exponent / 2)
                search = _dcsrch.DCSRCH(cost, lambda s: function(s)[1], c1, c2, 1e-14, 1e-100, 1e100)
                start = function(0.0)
                step = search(first_step, phi0=start[0], derphi0=start[1], maxiter=100)[0]
                if step is not None:
                    rows.append([number, c1, c2, first_step, trials[0], float(step)])
    return rows


def bracket_and_zoom():
    """Rows [function, first step, candidates refused, found?, steps tried].

    Steps are in units of the first one. SciPy's zoom runs with its margins unsigned: as it stands,
    interpolated steps may leave an interval whose lower cost is at its right end.
    """
    source = inspect.getsource(_linesearch._zoom)
    for margin in ("delta1 * dalpha", "delta2 * dalpha"):
        assert source.count(margin) == 1
        source = source.replace(margin, margin.replace("dalpha", "abs(dalpha)"))
    exec(source, _linesearch.__dict__)
    warnings.simplefilter("ignore")
    rows = []
    for number, function in enumerate(LINES, 1):
        for first_step in (1e-3, 1e-2, 0.1, 0.5, 1.0, 2.0, 10.0, 1e3):
            for refused in range(4):
                steps, candidates = [], [0]

                def cost(s):
                    steps.append(float(s))
                    return function(first_step * s)[0]

                def accepted(step, cost):
                    candidates[0] += 1
                    return candidates[0] > refused

                start = function(0.0)
                found = _linesearch.scalar_search_wolfe2(
                    cost, lambda s: first_step * function(first_step * s)[1], start[0], None,
                    first_step * start[1], 1e-4, 0.1, extra_condition=accepted)[3] is not None
                # SciPy ends with the point after the last doubling untested.
                if steps[-1] < 1024.0:
                    rows.append([number, first_step, refused, found, steps])
    return rows


def main():
    valley = [-1.2, 1.0]
    runs = [
        trajectory("rosenbrock", rosenbrock, valley, maxiter=60),
        trajectory("rosenbrock", rosenbrock, valley * 5, maxiter=60),
        trajectory("rosenbrock", rosenbrock, valley * 50, maxiter=60),
        trajectory("quadratic", quadratic, [0.0] * 40, maxiter=60),
        # Loose searches, so that candidates are refused and the second search has its turn.
        trajectory("rosenbrock", rosenbrock, valley, maxiter=60, c2=0.9),
        trajectory("rosenbrock", rosenbrock, valley * 5, maxiter=60, c2=0.9),
    ]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(dict(scipy=scipy.__version__, runs=runs, more_thuente=more_thuente(),
                       bracket_and_zoom=bracket_and_zoom()), file)
        file.write("\n")


if __name__ == "__main__":
    main()
