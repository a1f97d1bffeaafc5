#pragma once

#include <cuda_runtime.h>

#include "device/cuda/gemm/epilogues.hpp"

/// Launches the products of a batch with a layer, with their epilogues. Row ranges begin at
/// multiples of tile_rows.
namespace annmpi::device::cuda::mini_batch {

/// a = act(scale x W^T + b) for rows [first, end); x has 1 plane or Traits::planes.
template <class Traits>
void start_values(const Operand<Traits>& x, int planes, const Operand<Traits>& W,
                  const LayerPlace& layer, int first, int end, const ToValues<Traits>& to,
                  cudaStream_t stream);

/// z = scale x W^T + b.
template <class Traits>
void start_logits(const Operand<Traits>& x, int planes, const Operand<Traits>& W,
                  const LayerPlace& layer, int first, int end, const ToLogits<Traits>& to,
                  cudaStream_t stream);

/// Deltas of the layer below: act' * (delta W).
template <class Traits>
void start_pull_back(const Operand<Traits>& delta, const Operand<Traits>& W,
                     const LayerPlace& layer, int first, int end, const ToDeltas<Traits>& to,
                     cudaStream_t stream);

/// The gradient delta^T [x 1] over `rows` rows, with the update or alone.
template <class Traits>
void start_update(const Operand<Traits>& delta, const Operand<Traits>& x, int planes, int rows,
                  const ToParameters<Traits>& to, cudaStream_t stream);
template <class Traits>
void start_gradient(const Operand<Traits>& delta, const Operand<Traits>& x, int planes, int rows,
                    const ToGradient<Traits>& to, cudaStream_t stream);

/// Count of the sums of squares that start_gradient() writes.
[[nodiscard]] int sums_of_squares(const LayerPlace& layer);

}  // namespace annmpi::device::cuda::mini_batch
