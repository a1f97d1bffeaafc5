#!/usr/bin/env python3
"""Times annmpi's workloads in PyTorch on this GPU and prints a table.

Cost and gradient of the galaxy network (2700 rows, 1024-8-3, sigmoids, float64, rows on the GPU),
eagerly and as a CUDA graph; an epoch of Adam on digits (60000 rows, 784-512-256-10, relu, softmax,
float32, mini-batches of 1024), eagerly and as a graph; large matrix products. pytorch_peer.py cpu runs
it on a CPU.
"""
import statistics
import sys
import time

import torch

DEVICE = torch.device(sys.argv[1] if len(sys.argv) > 1 else "cuda")
ON_GPU = DEVICE.type == "cuda"


def wait():
    if ON_GPU:
        torch.cuda.synchronize()


def seconds(function, repetitions, rounds=5):
    """Seconds per call, the best of several rounds."""
    function()
    wait()
    best = []
    for _ in range(rounds):
        begin = time.perf_counter()
        for _ in range(repetitions):
            function()
        wait()
        best.append((time.perf_counter() - begin) / repetitions)
    return statistics.median(best)


def graph_of(function):
    """Captures the function as a CUDA graph; None without a GPU."""
    if not ON_GPU:
        return None
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            function()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        function()
    return graph.replay


def galaxy_network():
    torch.manual_seed(917)
    rows = 2700
    pixels = torch.rand(rows, 1024, dtype=torch.float64, device=DEVICE)
    wanted = torch.nn.functional.one_hot(torch.arange(rows) % 3, 3).to(DEVICE, torch.float64)
    layers = [torch.nn.Linear(1024, 8), torch.nn.Linear(8, 3)]
    network = torch.nn.Sequential(layers[0], torch.nn.Sigmoid(), layers[1]).to(DEVICE, torch.float64)

    def cost_and_gradient():
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(pixels), wanted, reduction="sum") / rows
        cost = loss + 0.5 / rows * sum((layer.weight**2).sum() for layer in layers)
        return cost, torch.autograd.grad(cost, list(network.parameters()))

    eager = seconds(cost_and_gradient, 50)
    # An optimizer on the host reads the cost back.
    answered = seconds(lambda: cost_and_gradient()[0].item(), 50)
    replay = graph_of(cost_and_gradient)
    graph = f", as a graph {1e6 * seconds(replay, 50):.0f} us" if replay else ""
    return f"galaxy cost and gradient: eager {1e6 * eager:.0f} us, with the cost read back {1e6 * answered:.0f} us{graph}"


def digits_epoch():
    torch.manual_seed(1)
    rows, batch = 60000, 1024
    pixels = torch.rand(rows, 784, device=DEVICE)
    labels = torch.randint(0, 10, (rows,), device=DEVICE)
    network = torch.nn.Sequential(torch.nn.Linear(784, 512), torch.nn.ReLU(), torch.nn.Linear(512, 256),
                                  torch.nn.ReLU(), torch.nn.Linear(256, 10)).to(DEVICE)
    adam = torch.optim.Adam(network.parameters(), lr=1e-3, **({"fused": True, "capturable": True} if ON_GPU else {}))
    batch_pixels = torch.empty(batch, 784, device=DEVICE)
    batch_labels = torch.empty(batch, dtype=torch.int64, device=DEVICE)

    def step():
        adam.zero_grad(set_to_none=False)
        torch.nn.functional.cross_entropy(network(batch_pixels), batch_labels).backward()
        adam.step()

    def epoch(take_step):
        order = torch.randperm(rows, device=DEVICE)
        for first in range(0, rows - batch + 1, batch):
            chosen = order[first:first + batch]
            torch.index_select(pixels, 0, chosen, out=batch_pixels)
            torch.index_select(labels, 0, chosen, out=batch_labels)
            take_step()

    repetitions = 3 if ON_GPU else 1
    eager = seconds(lambda: epoch(step), repetitions, 3 if ON_GPU else 1)
    replay = graph_of(step)
    graph = f", steps as a graph {1e3 * seconds(lambda: epoch(replay), repetitions, 3):.1f} ms" if replay else ""
    return f"digits epoch of Adam: eager {1e3 * eager:.1f} ms{graph}"


def products():
    torch.backends.cuda.matmul.allow_tf32 = False
    rows = 262144 if ON_GPU else 4096
    texts = []
    for name, kind in (("float64", torch.float64), ("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        left = torch.rand(rows, 1024, device=DEVICE).to(kind)
        right = torch.rand(512, 1024, device=DEVICE).to(kind)
        rate = 2e-12 * rows * 1024 * 512 / seconds(lambda a=left, b=right: a @ b.T, 5, 3)
        texts.append(f"{name} {rate:.2f}")
    return f"products [{rows}, 1024] x [1024, 512], TFLOP/s: " + ", ".join(texts)


def main():
    print(torch.__version__, torch.cuda.get_device_name() if ON_GPU else "on the CPU")
    texts = []
    for measure in (galaxy_network, digits_epoch, products):
        texts.append(measure())
        print(texts[-1], flush=True)
    print("RESULT:", "; ".join(texts))


if __name__ == "__main__":
    main()
