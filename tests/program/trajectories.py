"""Compares a run's metrics with a trajectory of SciPy's. For test_golden.py and test_real_galaxies.py."""
import json

# A correct program may diverge from SciPy somewhat faster than SciPy's own runs with other orders of summation
# (the trajectory's `spread`): its sums are divided differently, and the runs were few.
MARGIN = 20.0
# Before rounding has been amplified: sums of some thousand terms of either sign.
FLOOR = 1e-12
# Runs that differ by more than this compute different things.
LARGEST_TOLERANCE = 1e-3


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def tolerance_by_spread(trajectory):
    """The relative tolerance of each comparable iteration."""
    tolerances = [max(FLOOR, MARGIN * value) for value in trajectory["spread"]]
    return [value for value in tolerances if value <= LARGEST_TOLERANCE]


def deviations(trajectory, metrics):
    """Per iteration, the larger relative difference of the two costs."""
    pairs = (("train_cost", "train_cost"), ("test_cost", "monitor_cost"))
    return [max(abs(mine / theirs - 1.0) for mine, theirs in values)
            for values in zip(*(zip(metrics[ours], trajectory[theirs]) for theirs, ours in pairs))]


def assert_follows(test, trajectory, metrics, tolerances, what):
    """Costs within tolerances; evaluations and accuracies equal while they can be."""
    test.assertGreaterEqual(len(metrics["iteration"]), len(tolerances), what)
    test.assertEqual(metrics["iteration"], list(range(len(metrics["iteration"]))), what)
    found = deviations(trajectory, metrics)
    for i, tolerance in enumerate(tolerances):
        test.assertLessEqual(found[i], tolerance, f"{what}: costs of iteration {i}")
    until = min(len(tolerances), trajectory["evaluations_certain_until"] + 1)
    test.assertEqual(metrics["evaluations"][:until], trajectory["evaluations"][:until], what)
    for i, tolerance in enumerate(tolerances[:until]):
        if tolerance <= 1e-8:  # no row is this close to the border between two classes
            test.assertEqual((metrics["train_accuracy"][i], metrics["monitor_accuracy"][i]),
                             (trajectory["train_accuracy"][i], trajectory["test_accuracy"][i]),
                             f"{what}: accuracies of iteration {i}")
    return found


def tell(what, found, tolerances):
    """One line of figures for the log."""
    marks = sorted({min(i, len(tolerances) - 1) for i in (0, 10, 25, 35)})
    figures = ", ".join(f"{max(found[:i + 1]):.1e} to {i} (allowed {tolerances[i]:.0e})" for i in marks)
    print(f"  {what}: largest relative difference {figures}", flush=True)
