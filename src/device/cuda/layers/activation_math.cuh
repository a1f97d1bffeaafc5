#pragma once

#include <cuda_runtime.h>

#include "device/cuda/layers/activation_kinds.hpp"

/// Activations and losses of single units, in forms that neither overflow nor take log(0).
namespace annmpi::device::cuda {

/// x y + z, rounded once.
__device__ inline double fused(double x, double y, double z) {
  return __fma_rn(x, y, z);
}
__device__ inline float fused(float x, float y, float z) {
  return __fmaf_rn(x, y, z);
}

template <class Real>
__device__ Real activate(Activation unit, Real z) {
  switch (unit) {
    case Activation::sigmoid:
      return Real{1} / (Real{1} + exp(-z));
    case Activation::tanh:
      return tanh(z);
    case Activation::relu:
      break;
  }
  return z < Real{0} ? Real{0} : z;  // not a maximum: what is not a number must stay visible
}

/// factor * act'(z) from a = act(z).
template <class Real>
__device__ Real times_derivative(Activation unit, Real a, Real factor) {
  switch (unit) {
    case Activation::sigmoid:
      return a * (Real{1} - a) * factor;
    case Activation::tanh:
      return fused(-a, a, Real{1}) * factor;
    case Activation::relu:
      break;
  }
  return a > Real{0} ? factor : Real{0};
}

/// Whether the label's logit is the largest, the first one of equals; logits lie `pitch` apart.
__device__ inline bool is_hit(const double* z, int pitch, int classes, int label) {
  const double own = z[label * pitch];
  bool largest = true;
  for (int k = 0; k < classes; ++k)
    largest = largest && (k < label ? z[k * pitch] < own : z[k * pitch] <= own);
  return largest;
}

/// The loss of one row from its logits; delta = d loss / d z, perhaps in their place. Both lie
/// `pitch` apart. NaN where a logit is not finite.
__device__ inline double row_loss(Output output, const double* z, int pitch, int classes, int label,
                                  double* delta) {
  double loss = 0;
  if (output == Output::sigmoid) {
    for (int k = 0; k < classes; ++k) {
      // softplus(u) and +-sigmoid(u) with u = z, or -z where the target is 1: nothing cancels.
      const double logit = z[k * pitch];
      const double u = k == label ? -logit : logit;
      const double decay = exp(-fabs(logit));
      const double chance = (u < 0.0 ? decay : 1.0) / (1.0 + decay);
      delta[k * pitch] = k == label ? -chance : chance;
      loss += (u < 0.0 ? 0.0 : u) + log1p(decay) + (logit - logit);
    }
    return loss;
  }
  double largest = z[0];
  for (int k = 1; k < classes; ++k) largest = z[k * pitch] > largest ? z[k * pitch] : largest;
  const double own = z[label * pitch] - largest;
  double sum = 0;
  for (int k = 0; k < classes; ++k) sum += delta[k * pitch] = exp(z[k * pitch] - largest);
  for (int k = 0; k < classes; ++k)
    delta[k * pitch] = delta[k * pitch] / sum - (k == label ? 1.0 : 0.0);
  return log(sum) - own;
}

}  // namespace annmpi::device::cuda
