#pragma once

#include <cuda_runtime.h>

#include "device/cuda/gemm/precision_traits.hpp"
#include "device/cuda/layers/activation_kinds.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Logits z [rows, classes] of rows with labels.
template <class Real>
struct LabelledLogits {
  const Real* z;
  const int* labels;
  int classes;
  Output output;
};

/// deltas = d loss / d z of rows [first, end), in doubles as losses are, then rounded; zeros behind
/// the last class.
template <class Traits>
void start_deltas(const LabelledLogits<typename Traits::Real>& logits, int first, int end,
                  const Planes<typename Traits::Stored>& deltas, cudaStream_t stream);

/// Rows whose losses are added up together, at most, never across the end of a chunk.
inline constexpr int loss_rows = 256;

struct LossSums {
  double loss;
  long long hits;
};

/// Blocks of loss_rows that the chunks of a shard are cut into.
struct LossBlocks {
  long long rows;  ///< of the shard
  long long chunk_rows;

  __host__ __device__ long long in_chunk() const {
    return (chunk_rows + loss_rows - 1) / loss_rows;
  }
  __host__ __device__ long long begin(long long block) const {
    return block / in_chunk() * chunk_rows + block % in_chunk() * loss_rows;
  }
  __host__ __device__ long long end(long long block) const {
    const long long of_chunk = (block / in_chunk() + 1) * chunk_rows;
    long long end = begin(block) + loss_rows;
    end = end < of_chunk ? end : of_chunk;
    return end < rows ? end : rows;
  }
  /// All blocks that have rows.
  __host__ __device__ long long count() const {
    const long long whole = rows / chunk_rows;
    const long long rest = rows % chunk_rows;
    return whole * in_chunk() + (rest + loss_rows - 1) / loss_rows;
  }
};

/// sums[b] = those of block first_block + b, in one order; the logits begin with its first row.
template <class Real>
void start_losses(const LabelledLogits<Real>& logits, const LossBlocks& blocks,
                  long long first_block, int count, LossSums* sums, cudaStream_t stream);

}  // namespace annmpi::device::cuda::mini_batch
