#pragma once

#include <cuda_runtime.h>

#include "device/cuda/gemm/epilogues.hpp"

namespace annmpi::device::cuda::mini_batch {

/// A layer's parameters from theta, and as products read them.
template <class Numbers>
void take_layer(const double* theta, const LayerPlace& layer, const Parameters<Numbers>& to,
                cudaStream_t stream);
/// And back.
template <class Numbers>
void give_layer(const Parameters<Numbers>& from, const LayerPlace& layer, double* theta,
                cudaStream_t stream);

/// All parameters move by a gradient that is cut to step->clip_norm; `squares` are sums that make
/// up the square of its norm.
template <class Numbers>
void move_clipped(const StepNumbers<typename Numbers::Real>* step, const double* squares, int sums,
                  const typename Numbers::Real* gradients, const Parameters<Numbers>& parameters,
                  cudaStream_t stream);

}  // namespace annmpi::device::cuda::mini_batch
