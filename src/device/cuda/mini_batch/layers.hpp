#pragma once

#include <cuda_runtime.h>

#include "device/cuda/gemm/epilogues.hpp"

/// The products of a batch with a layer, each with what is done with its elements at once. Rows
/// begin at multiples of tile_rows.
namespace annmpi::device::cuda::mini_batch {

/// a = act(scale x W^T + b) for rows [first, end); x has `parts` planes, 1 or all.
template <class Traits>
void start_values(const Factor<Traits>& x, int parts, const Factor<Traits>& W,
                  const LayerPlace& layer, int first, int end, const ToValues<Traits>& to,
                  cudaStream_t stream);

/// z = scale x W^T + b.
template <class Traits>
void start_logits(const Factor<Traits>& x, int parts, const Factor<Traits>& W,
                  const LayerPlace& layer, int first, int end, const ToLogits<Traits>& to,
                  cudaStream_t stream);

/// delta of the layer below = act' * (delta W).
template <class Traits>
void start_pull_back(const Factor<Traits>& delta, const Factor<Traits>& W, const LayerPlace& layer,
                     int first, int end, const ToDeltas<Traits>& to, cudaStream_t stream);

/// delta^T [x 1] over `rows` rows, and the update.
template <class Traits>
void start_update(const Factor<Traits>& delta, const Factor<Traits>& x, int parts, int rows,
                  const ToParameters<Traits>& to, cudaStream_t stream);
template <class Traits>
void start_gradient(const Factor<Traits>& delta, const Factor<Traits>& x, int parts, int rows,
                    const ToGradient<Traits>& to, cudaStream_t stream);

/// Sums that start_gradient makes of squares.
[[nodiscard]] int sums_of_squares(const LayerPlace& layer);

}  // namespace annmpi::device::cuda::mini_batch
