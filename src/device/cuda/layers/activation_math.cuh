#pragma once

#include <cuda_runtime.h>

#include "annmpi/rules/activations-inl.hpp"
#include "annmpi/rules/losses-inl.hpp"

/// Activations of single units and losses of rows.
namespace annmpi::device::cuda {

using rules::Activation;
using rules::OutputUnit;
namespace formulas = rules::scalar;
using formulas::fused;

template <class Real>
__device__ Real activate(Activation activation, Real z) {
  return formulas::with_activation(activation, [=](auto rule) { return rule.value(z); });
}

/// factor * act'(z), from a = act(z) and, where rules::needs_argument, from z; else any number will
/// do for z.
template <class Real>
__device__ Real times_derivative(Activation activation, Real z, Real a, Real factor) {
  return formulas::with_activation(activation,
                                   [=](auto rule) { return rule.times_derivative(z, a, factor); });
}

/// Whether logit z of class k does not beat the label's: of equal logits the first one wins.
template <class Real>
__device__ bool is_beaten(Real z, int k, Real labels_z, int label) {
  return k < label ? z < labels_z : z <= labels_z;
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
  return formulas::with_loss(output, [=](auto rule) {
    double sum = 0;
    if constexpr (rule.has_independent_classes) {
      for (int k = 0; k < classes; ++k)
        sum += rule.loss(z[k * pitch], k == label, delta[k * pitch]);
      return sum;
    } else {
      double largest = z[0];
      for (int k = 1; k < classes; ++k) largest = z[k * pitch] > largest ? z[k * pitch] : largest;
      const double own = z[label * pitch] - largest;
      for (int k = 0; k < classes; ++k)
        sum += delta[k * pitch] = formulas::exp(z[k * pitch] - largest);
      for (int k = 0; k < classes; ++k)
        delta[k * pitch] = rule.delta(delta[k * pitch], sum, k == label ? 1.0 : 0.0);
      return rule.loss(sum, own);
    }
  });
}

}  // namespace annmpi::device::cuda
