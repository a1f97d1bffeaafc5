#pragma once

#include <cuda_runtime.h>

#include "device/cuda/gemm/epilogues.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Reads a layer's parameters from theta, and splits them into operands.
template <class Traits>
void take_layer(const double* theta, const LayerPlace& layer, const Parameters<Traits>& to,
                cudaStream_t stream);
/// Writes them to theta.
template <class Traits>
void give_layer(const Parameters<Traits>& from, const LayerPlace& layer, double* theta,
                cudaStream_t stream);

/// Updates all parameters by a gradient clipped to step->clip_norm; `squares` add up to the square
/// of its norm.
template <class Traits>
void move_clipped(const StepNumbers<typename Traits::Real>* step, const double* squares, int sums,
                  const typename Traits::Real* gradients, const Parameters<Traits>& parameters,
                  cudaStream_t stream);

}  // namespace annmpi::device::cuda::mini_batch
