#pragma once

#include "annmpi/rules/updates-inl.hpp"

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
/// the rule has none.
template <class Real>
__device__ Real moved(const StepNumbers<Real>& step, Real w, Real g, Real* first, Real* second) {
  return rules::scalar::with_update_rule(step.rule, [&](auto rule) {
    Real state[2] = {first == nullptr ? Real{0} : *first, second == nullptr ? Real{0} : *second};
    const Real result = rule.moved(step.scalars, w, g, state);
    if (first != nullptr) *first = state[0];
    if (second != nullptr) *second = state[1];
    return result;
  });
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
