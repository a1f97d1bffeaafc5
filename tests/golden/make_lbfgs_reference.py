#!/usr/bin/env python3
"""Writes lbfgs_functions.json: what SciPy's L-BFGS-B does on the test functions, without bounds.

usage: make_lbfgs_reference.py OUTPUT.json          (needs NumPy and SciPy)

Per iteration the cost and the evaluations so far, row 0 the start; at the end the message. `certain_until`
and `cost_spread` as in tests/optimizer/make_scipy_cg_reference.py, of forty runs with the last bit of every
element of every gradient drawn.
"""
import json
import pathlib
import sys

import numpy as np
import scipy
from scipy.optimize import minimize

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "optimizer"))
from make_scipy_cg_reference import quadratic, rosenbrock, rounded_otherwise  # noqa: E402

TOLERANCE = 1e-5


def run(function, start, memory):
    evaluations, rows = 0, []

    def counted(x):
        nonlocal evaluations
        evaluations += 1
        cost, gradient = function(x.tolist())
        if not rows:
            rows.append([cost, 1])
        return cost, np.array(gradient)

    result = minimize(counted, np.array(start), jac=True, method="L-BFGS-B",
                      options={"maxcor": memory, "gtol": TOLERANCE, "ftol": 0.0, "maxiter": 2000,
                               "maxfun": 10000},
                      callback=lambda intermediate_result: rows.append(
                          [float(intermediate_result.fun), evaluations]))
    assert "PROJECTED GRADIENT" in result.message.upper(), result.message
    return rows


def trajectory(name, function, start, memory):
    rows = run(function, start, memory)
    others = [run(rounded_otherwise(function, seed), start, memory) for seed in range(40)]
    length = min(len(r) for r in [rows] + others)
    certain = 0
    while certain + 1 < length and all(o[certain + 1][1] == rows[certain + 1][1] for o in others):
        certain += 1
    spread = [float(f"{max(abs(o[i][0] - rows[i][0]) for o in others):.1e}") for i in range(length)]
    return dict(name=name, dimension=len(start), memory=memory, tolerance=TOLERANCE,
                iterations=len(rows) - 1, certain_until=certain,
                iterations_least=min(len(o) for o in others) - 1,
                iterations_most=max(len(o) for o in others) - 1,
                cost=[r[0] for r in rows], evaluations=[r[1] for r in rows], cost_spread=spread)


def main():
    valley = [-1.2, 1.0]
    runs = [trajectory("rosenbrock", rosenbrock, valley * pairs, memory)
            for pairs in (1, 5, 50) for memory in (1, 3, 10)]
    runs += [trajectory("quadratic", quadratic, [0.0] * n, memory) for n, memory in
             ((10, 10), (10, 20), (40, 1), (40, 10), (40, 40))]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(dict(scipy=scipy.__version__, runs=runs), file)
        file.write("\n")
    for r in runs:
        print(r["name"], r["dimension"], r["memory"], r["iterations"],
              (r["iterations_least"], r["iterations_most"]), r["evaluations"][-1], r["certain_until"])


if __name__ == "__main__":
    main()
