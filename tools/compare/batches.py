#!/usr/bin/env python3
"""Times an epoch of mini-batch training with annmpi and PyTorch alternately, and prints a table.

usage: tools/compare/batches.py --data TRAIN.h5 --test TEST.h5 [--program build/release/bin/annmpi] [--mpirun mpirun]
                                [--runs 3] [--epochs 5] [--cores 1 2] [--kinds adam sgd]

Networks 784-128-10 and 784-512-256-10 (784 and 10 follow from the data), relu and softmax, mini-batches of 128 and 1024
rows. PyTorch runs in the Python interpreter that runs this script, and is left out if it cannot be imported. It uses
float32, features and labels preloaded as tensors, the rows of a mini-batch by index, and optimizers with fused=True:
the fastest variant on the machine of docs/performance.md. The time of an epoch is that of its steps, without the
measurement of costs and accuracies afterwards. For PyTorch it is the best epoch of all runs, for annmpi the best run
(mean of its epochs).
"""

import argparse
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import launch

TREE = pathlib.Path(__file__).resolve().parents[2]
HIDDEN = ([128], [512, 256])
BATCHES = (128, 1024)
OURS = {"plain": ("mixed", False), "equal bits": ("mixed", True), "equal bits, float64": ("float64", True)}


def peer(job):
    """PyTorch in a separate process; prints the seconds of its best epoch."""
    import h5py
    import torch

    torch.set_num_threads(job["cores"])
    torch.manual_seed(1)
    with h5py.File(job["data"], "r") as file:
        X = torch.from_numpy(file["features"][...]).float() * float(file.attrs.get("feature_scale", 1))
        y = torch.from_numpy(file["labels"][...].astype("int64"))
    sizes = [X.shape[1], *job["hidden"], int(y.max()) + 1]
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    if job["kind"] == "adam":
        optimizer = torch.optim.Adam(network.parameters(), 0.001, fused=True)
    else:
        optimizer = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9, fused=True)
    seconds = []
    for _ in range(job["epochs"]):
        started = time.perf_counter()
        order = torch.randperm(len(y))
        for begin in range(0, len(y), job["batch"]):
            rows = order[begin:begin + job["batch"]]
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(network(X[rows]), y[rows]).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - started)
    print(json.dumps(min(seconds)))


def run(command, cores):
    environment = {**os.environ, "OMP_NUM_THREADS": str(cores), **launch.of_root()}
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(everywhere)[-cores:])  # the child inherits it
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    finally:
        os.sched_setaffinity(0, everywhere)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def pytorch(arguments, hidden, batch, kind, cores):
    job = {"data": str(arguments.data), "hidden": hidden, "batch": batch, "kind": kind, "cores": cores,
           "epochs": arguments.epochs}
    return float(run([sys.executable, __file__, "--peer", json.dumps(job)], cores))


def annmpi(arguments, hidden, batch, kind, way, ranks, threads):
    precision, deterministic = OURS[way]
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "run.toml"
        momentum = "momentum = 0.9\nlearning_rate = 0.1" if kind == "sgd" else ""
        config.write_text(
            f"[data]\ntrain = {json.dumps(str(arguments.data))}\ntest = {json.dumps(str(arguments.test))}\n"
            f"[model]\nhidden = {hidden}\nhidden_activation = 'relu'\noutput = 'softmax'\ninit = 'glorot'\n"
            f"[optimizer]\nkind = '{kind}'\nbatch_size = {batch}\nepochs = {arguments.epochs}\n{momentum}\n"
            f"[compute]\nprecision = '{precision}'\ndeterministic = {str(deterministic).lower()}\nthreads = {threads}\n",
            encoding="utf-8")
        run([arguments.mpirun, "-n", str(ranks), "--bind-to", "none", arguments.program, "--config", config, "--quiet",
             "--output", pathlib.Path(folder) / "run"], ranks * threads)
        result = json.loads((pathlib.Path(folder) / "run" / "summary.json").read_text(encoding="utf-8"))
    seconds = {phase["name"]: phase["seconds"]["maximum"] for phase in result["phases"]}
    # Waiting for other ranks is part of a step; the part of it in the measurement is negligible.
    return (seconds["steps"] + (seconds.get("wait", 0) if ranks > 1 else 0)) / arguments.epochs


def table(arguments, cores):
    ways = [(f"annmpi, {way}", lambda *what, way=way: annmpi(arguments, *what, way, 1, cores)) for way in OURS]
    if cores == 2:
        ways += [(f"annmpi, {way}, two ranks", lambda *what, way=way: annmpi(arguments, *what, way, 2, 1))
                 for way in ("plain", "equal bits")]
    if not arguments.missing:
        ways.insert(0, ("PyTorch", lambda *what: pytorch(arguments, *what, cores)))
    cases = [(hidden, batch, kind) for kind in arguments.kinds for hidden in HIDDEN for batch in BATCHES]
    print(f"\n| {cores} core{'s' if cores > 1 else ''}, ms an epoch | "
          + " | ".join(f"{kind} {'-'.join(map(str, hidden))}, {batch}" for hidden, batch, kind in cases) + " |")
    print("| --- " * (len(cases) + 1) + "|", flush=True)
    best = {name: [float("inf")] * len(cases) for name, _ in ways}
    for _ in range(arguments.runs):
        for index, case in enumerate(cases):
            for name, measure in ways:
                best[name][index] = min(best[name][index], measure(*case))
    for name, _ in ways:
        cells = [f"{1e3 * seconds:.1f}" for seconds in best[name]]
        if name != "PyTorch" and "PyTorch" in best:
            cells = [f"{cell} ({seconds / reference:.2f})"
                     for cell, seconds, reference in zip(cells, best[name], best["PyTorch"])]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=json.loads, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--test", type=pathlib.Path)
    parser.add_argument("--program", type=pathlib.Path, default=TREE / "build" / "release" / "bin" / "annmpi")
    parser.add_argument("--mpirun", default="mpirun")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2], choices=[1, 2])
    parser.add_argument("--kinds", nargs="+", default=["adam", "sgd"], choices=["adam", "sgd"])
    arguments = parser.parse_args()
    if arguments.peer:
        return peer(arguments.peer)
    if arguments.data is None or arguments.test is None:
        parser.error("give --data and --test")
    for path in (arguments.data, arguments.test, arguments.program):
        if not path.is_file():
            parser.error(f"{path}: no such file")
    arguments.data, arguments.test = arguments.data.resolve(), arguments.test.resolve()
    arguments.missing = [name for name in ("torch", "h5py") if not importlib.util.find_spec(name)]
    if arguments.missing:
        print(f"left out: PyTorch (this Python has no {', no '.join(arguments.missing)})", flush=True)
    for cores in arguments.cores:
        table(arguments, cores)


if __name__ == "__main__":
    main()
