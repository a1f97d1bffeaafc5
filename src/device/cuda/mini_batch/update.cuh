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

/// A parameter after it moved by its gradient g; states lie at `first` and `second`, null where the
/// method has none.
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

template <class Numbers>
__device__ void set(const Parameters<Numbers>& parameters, long long index,
                    typename Numbers::Real w) {
  parameters.values[index] = w;
  typename Numbers::Stored part[Numbers::parts];
  split(w, part);
  for (int p = 0; p < Numbers::parts; ++p) parameters.parts[p * parameters.count + index] = part[p];
}

template <class Numbers>
__device__ void move(const Parameters<Numbers>& parameters,
                     const StepNumbers<typename Numbers::Real>& step, long long index,
                     typename Numbers::Real w, typename Numbers::Real g) {
  set(parameters, index,
      moved(step, w, g, parameters.first == nullptr ? nullptr : parameters.first + index,
            parameters.second == nullptr ? nullptr : parameters.second + index));
}

}  // namespace annmpi::device::cuda::mini_batch
