#pragma once

#include <cuda_runtime.h>

#include "device/cuda/gemm/epilogues.hpp"

/// The products of a batch with a layer, each with what is done with its elements at once. Rows
/// begin at multiples of tile_rows.
namespace annmpi::device::cuda::mini_batch {

/// a = act(scale x W^T + b) for rows [first, end); x has `parts` planes, 1 or all.
template <class Numbers>
void start_values(const Factor<Numbers>& x, int parts, const Factor<Numbers>& W,
                  const LayerPlace& layer, int first, int end, const ToValues<Numbers>& to,
                  cudaStream_t stream);

/// z = scale x W^T + b.
template <class Numbers>
void start_logits(const Factor<Numbers>& x, int parts, const Factor<Numbers>& W,
                  const LayerPlace& layer, int first, int end, const ToLogits<Numbers>& to,
                  cudaStream_t stream);

/// delta of the layer below = act' * (delta W).
template <class Numbers>
void start_pull_back(const Factor<Numbers>& delta, const Factor<Numbers>& W,
                     const LayerPlace& layer, int first, int end, const ToDeltas<Numbers>& to,
                     cudaStream_t stream);

/// delta^T [x 1] over `rows` rows, and the update.
template <class Numbers>
void start_update(const Factor<Numbers>& delta, const Factor<Numbers>& x, int parts, int rows,
                  const ToParameters<Numbers>& to, cudaStream_t stream);
template <class Numbers>
void start_gradient(const Factor<Numbers>& delta, const Factor<Numbers>& x, int parts, int rows,
                    const ToGradient<Numbers>& to, cudaStream_t stream);

/// Sums that start_gradient makes of squares.
[[nodiscard]] int sums_of_squares(const LayerPlace& layer);

}  // namespace annmpi::device::cuda::mini_batch
