#pragma once

#include <cuda_runtime.h>

#include "annmpi/rules/activation.hpp"
#include "annmpi/rules/loss.hpp"

/// Activations and losses of single units, in forms that neither overflow nor take log(0).
namespace annmpi::device::cuda {

using rules::Activation;
using rules::OutputUnit;

/// x y + z, rounded once.
__device__ inline double fused(double x, double y, double z) {
  return __fma_rn(x, y, z);
}
__device__ inline float fused(float x, float y, float z) {
  return __fmaf_rn(x, y, z);
}

template <class Real>
__device__ Real activate(Activation activation, Real z) {
  switch (activation) {
    case Activation::sigmoid:
      return Real{1} / (Real{1} + exp(-z));
    case Activation::tanh:
      return tanh(z);
    case Activation::relu:
      break;
  }
  return z < Real{0} ? Real{0} : z;  // not a maximum, which would drop NaN
}

/// factor * act'(z) from a = act(z).
template <class Real>
__device__ Real times_derivative(Activation activation, Real a, Real factor) {
  switch (activation) {
    case Activation::sigmoid:
      return a * (Real{1} - a) * factor;
    case Activation::tanh:
      return fused(-a, a, Real{1}) * factor;
    case Activation::relu:
      break;
  }
  return a > Real{0} ? factor : Real{0};
}

/// Whether logit z of class k does not beat the label's: of equal logits the first one wins.
template <class Real>
__device__ bool is_beaten(Real z, int k, Real labels_z, int label) {
  return k < label ? z < labels_z : z <= labels_z;
}

/// The loss of a sigmoid unit, and d loss / d z. NaN where the logit is not finite.
struct UnitLoss {
  double loss;
  double delta;
};
__device__ inline UnitLoss sigmoid_loss(double z, bool is_label) {
  // softplus(u) and +-sigmoid(u) with u = z, or -z where the target is 1, to avoid cancellation.
  const double u = is_label ? -z : z;
  const double decay = exp(-fabs(z));
  const double chance = (u < 0.0 ? decay : 1.0) / (1.0 + decay);
  return {(u < 0.0 ? 0.0 : u) + log1p(decay) + (z - z), is_label ? -chance : chance};
}

/// d loss / d z of a softmax unit, from exp(z - max) and its sum over the classes.
__device__ inline double softmax_delta(double exponential, double sum, bool is_label) {
  return exponential / sum - (is_label ? 1.0 : 0.0);
}

/// Whether the label's logit is the largest; logits are `pitch` apart.
__device__ inline bool is_hit(const double* z, int pitch, int classes, int label) {
  const double own = z[label * pitch];
  bool largest = true;
  for (int k = 0; k < classes; ++k) largest = largest && is_beaten(z[k * pitch], k, own, label);
  return largest;
}

/// The loss of one row from its logits; delta = d loss / d z, possibly in place. Both are `pitch`
/// apart. NaN where a logit is not finite.
__device__ inline double row_loss(OutputUnit output, const double* z, int pitch, int classes,
                                  int label, double* delta) {
  double loss = 0;
  if (output == OutputUnit::sigmoid) {
    for (int k = 0; k < classes; ++k) {
      const UnitLoss unit = sigmoid_loss(z[k * pitch], k == label);
      delta[k * pitch] = unit.delta;
      loss += unit.loss;
    }
    return loss;
  }
  double largest = z[0];
  for (int k = 1; k < classes; ++k) largest = z[k * pitch] > largest ? z[k * pitch] : largest;
  const double own = z[label * pitch] - largest;
  double sum = 0;
  for (int k = 0; k < classes; ++k) sum += delta[k * pitch] = exp(z[k * pitch] - largest);
  for (int k = 0; k < classes; ++k)
    delta[k * pitch] = softmax_delta(delta[k * pitch], sum, k == label);
  return log(sum) - own;
}

}  // namespace annmpi::device::cuda
