#pragma once

#include <cuda_runtime.h>

#include "annmpi/rules/loss.hpp"

#include "device/cuda/gemm/precision_traits.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Logits z [rows, classes] of rows with labels.
template <class Real>
struct LabelledLogits {
  const Real* z;
  const int* labels;
  int classes;
  rules::OutputUnit output;
};

/// deltas = d loss / d z of rows [first, end), computed in doubles and rounded once; padding
/// becomes zeros.
template <class Traits>
void start_deltas(const LabelledLogits<typename Traits::Real>& logits, int first, int end,
                  const Planes<typename Traits::Stored>& deltas, cudaStream_t stream);

/// Rows of a block whose losses are summed in one order; blocks do not cross chunks.
inline constexpr int loss_rows = 256;

struct LossSums {
  double loss;
  long long hits;
};

/// The chunks of a shard as blocks of up to loss_rows rows.
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
  /// Count of the blocks that have rows.
  __host__ __device__ long long count() const {
    const long long whole = rows / chunk_rows;
    const long long rest = rows % chunk_rows;
    return whole * in_chunk() + (rest + loss_rows - 1) / loss_rows;
  }
};

/// sums[b] = loss and hits of block first_block + b; the logits begin with its first row.
template <class Real>
void start_losses(const LabelledLogits<Real>& logits, const LossBlocks& blocks,
                  long long first_block, int count, LossSums* sums, cudaStream_t stream);

}  // namespace annmpi::device::cuda::mini_batch
