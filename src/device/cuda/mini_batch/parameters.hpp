#pragma once

#include <cuda_runtime.h>

#include "device/cuda/gemm/epilogues.hpp"

namespace annmpi::device::cuda::mini_batch {

/// A layer's parameters from theta, and as products read them.
template <class Traits>
void take_layer(const double* theta, const LayerPlace& layer, const Parameters<Traits>& to,
                cudaStream_t stream);
/// And back.
template <class Traits>
void give_layer(const Parameters<Traits>& from, const LayerPlace& layer, double* theta,
                cudaStream_t stream);

/// All parameters move by a gradient that is cut to step->clip_norm; `squares` are sums that make
/// up the square of its norm.
template <class Traits>
void move_clipped(const StepNumbers<typename Traits::Real>* step, const double* squares, int sums,
                  const typename Traits::Real* gradients, const Parameters<Traits>& parameters,
                  cudaStream_t stream);

}  // namespace annmpi::device::cuda::mini_batch
