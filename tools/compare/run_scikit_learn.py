"""The closest equivalent in scikit-learn: a softmax over as many hidden units, with L-BFGS, from its own start.

The cost and the method differ, so only the time per iteration is comparable; no test set is measured during training.
Variant "digits": the network of configs/mnist_lbfgs.toml, with the same cost.
"""

import time
import warnings

started = time.perf_counter()
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402

import peer  # noqa: E402
from problem import HIDDEN, L2, SEED, Samples  # noqa: E402

imported = time.perf_counter()


def main():
    train, test, iterations, _, variant = peer.arguments()
    units, activation, seed = (128, "relu", 1) if variant == "digits" else (HIDDEN, "logistic", SEED)
    training, tested = Samples(train), Samples(test)
    loaded = time.perf_counter()
    # scikit-learn divides alpha by the number of rows, as annmpi does with l2.
    network = MLPClassifier(hidden_layer_sizes=(units,), activation=activation, solver="lbfgs", alpha=L2,
                            max_iter=iterations, max_fun=100 * iterations, tol=1e-5, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the limit of iterations is meant
        network.fit(training.features, training.labels)
    trained = time.perf_counter()
    done = int(network.n_iter_)
    peer.answer(imported - started, loaded - imported, {
        "iterations": done, "evaluations": None, "training_seconds": trained - loaded,
        "train_costs": [float(network.loss_)], "test_cost": None,
        "test_accuracy": float(network.score(tested.features, tested.labels)),
        "stopped_early": "" if done >= iterations else "it found the change of its cost small enough"})


if __name__ == "__main__":
    main()
