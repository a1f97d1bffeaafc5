"""The network in PyTorch, eagerly on the CPU, under SciPy's conjugate gradients.

Variant: float64 or float32, the type of features, parameters and gradient; SciPy's own vectors are float64 in both.
With the suffix "-autograd" the gradient comes from autograd instead of explicit formulas. The formulas are faster: 4.9 ms
compared with 5.7 ms per evaluation in float64, and 3.1 ms compared with 3.4 ms in float32, on one core.
"""

import time

started = time.perf_counter()
import torch  # noqa: E402
from scipy import optimize  # noqa: E402,F401 (imported here to be timed as an import)
from torch.nn.functional import binary_cross_entropy_with_logits  # noqa: E402

import peer  # noqa: E402
from problem import L2  # noqa: E402

imported = time.perf_counter()


class Network:
    def __init__(self, shape, samples, dtype):
        self.shape, self.rows, self.dtype = shape, len(samples.labels), dtype
        self.X = torch.from_numpy(samples.with_ones()).to(dtype)
        # The gradient's product over the features is faster so in float64, and from X itself in float32.
        self.X_transposed = self.X.T.contiguous() if dtype == torch.float64 else None
        self.Y = torch.from_numpy(samples.one_hot(shape.classes)).to(dtype)
        self.labels = torch.from_numpy(samples.labels)

    def layers(self, theta):
        return self.shape.layers(torch.from_numpy(theta).to(self.dtype))

    def forward(self, layer_1, layer_2):
        hidden = torch.sigmoid(self.X @ layer_1.T)
        return hidden, torch.addmm(layer_2[:, 0], hidden, layer_2[:, 1:].T)

    def cost(self, logits, layer_1, layer_2):
        penalty = layer_1[:, 1:].square().sum() + layer_2[:, 1:].square().sum()
        return (binary_cross_entropy_with_logits(logits, self.Y, reduction="sum") + L2 / 2 * penalty) / self.rows

    def by_autograd(self, theta):
        layer_1, layer_2 = (layer.requires_grad_() for layer in self.layers(theta.copy()))
        cost = self.cost(self.forward(layer_1, layer_2)[1], layer_1, layer_2)
        gradient = torch.cat([part.reshape(-1) for part in torch.autograd.grad(cost, (layer_1, layer_2))])
        return cost.item(), gradient.double().numpy()

    @torch.inference_mode()
    def by_formulas(self, theta):
        layer_1, layer_2 = self.layers(theta)
        hidden, logits = self.forward(layer_1, layer_2)
        delta_2 = (torch.sigmoid(logits) - self.Y) / self.rows
        delta_1 = (delta_2 @ layer_2[:, 1:]) * hidden * (1 - hidden)
        gradient = torch.empty(self.shape.size, dtype=self.dtype)
        gradient_1, gradient_2 = self.shape.layers(gradient)
        if self.X_transposed is not None:
            gradient_1[:] = (self.X_transposed @ delta_1).T
        else:
            torch.mm(delta_1.T, self.X, out=gradient_1)
        gradient_2[:, 0] = delta_2.sum(dim=0)
        gradient_2[:, 1:] = delta_2.T @ hidden
        gradient_1[:, 1:].add_(layer_1[:, 1:], alpha=L2 / self.rows)
        gradient_2[:, 1:].add_(layer_2[:, 1:], alpha=L2 / self.rows)
        return float(self.cost(logits, layer_1, layer_2)), gradient.double().numpy()

    @torch.inference_mode()
    def measure(self, theta):
        layer_1, layer_2 = self.layers(theta)
        logits = self.forward(layer_1, layer_2)[1]
        accuracy = (logits.argmax(dim=1) == self.labels).double().mean()
        return float(self.cost(logits, layer_1, layer_2)), float(accuracy)


def main():
    _, _, _, threads, variant = peer.arguments()
    torch.set_num_threads(threads)
    dtype = torch.float32 if variant.startswith("float32") else torch.float64
    peer.train(lambda shape, samples: Network(shape, samples, dtype), imported - started,
               "by_autograd" if variant.endswith("autograd") else "by_formulas")


if __name__ == "__main__":
    main()
