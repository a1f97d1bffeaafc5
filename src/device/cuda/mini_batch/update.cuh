#pragma once

#include "device/cuda/gemm/bf16_split.cuh"
#include "device/cuda/gemm/epilogues.hpp"
#include "device/cuda/layers/activation_math.cuh"

namespace annmpi::device::cuda::mini_batch {

/// The gradient of a weight w, or of a bias, from the sum over the batch.
template <class Real>
__device__ Real gradient(const StepNumbers<Real>& step, Real sum, bool is_weight, Real w) {
  const Real mean = sum * step.share;
  return is_weight && step.penalty != Real{0} ? fused(step.penalty, w, mean) : mean;
}

/// The updated parameter, from its gradient g; updates the states `first` and `second`, null where
/// the method has none.
template <class Real>
__device__ Real moved(const StepNumbers<Real>& step, Real w, Real g, Real* first, Real* second) {
  if (step.adam) {
    const Real m = fused(step.beta1, *first, step.share1 * g);
    const Real v = fused(step.beta2, *second, step.share2 * (g * g));
    *first = m;
    *second = v;
    const Real size = fused(sqrt(v), step.widen, step.epsilon);
    return fused(step.back, m / size, step.decays ? step.keep * w : w);
  }
  const Real change = step.back * g;
  if (first == nullptr) return w + change;
  const Real kept = fused(step.momentum, *first, change);
  *first = kept;
  return w + (step.nesterov ? fused(step.momentum, kept, change) : kept);
}

template <class Traits>
__device__ void set(const Parameters<Traits>& parameters, long long index,
                    typename Traits::Real w) {
  parameters.values[index] = w;
  typename Traits::Stored term[Traits::planes];
  split(w, term);
  for (int p = 0; p < Traits::planes; ++p)
    parameters.operands[p * parameters.count + index] = term[p];
}

template <class Traits>
__device__ void move(const Parameters<Traits>& parameters,
                     const StepNumbers<typename Traits::Real>& step, long long index,
                     typename Traits::Real w, typename Traits::Real g) {
  set(parameters, index,
      moved(step, w, g, parameters.first == nullptr ? nullptr : parameters.first + index,
            parameters.second == nullptr ? nullptr : parameters.second + index));
}

}  // namespace annmpi::device::cuda::mini_batch
