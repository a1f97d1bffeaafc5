#pragma once

#include <cuda_runtime.h>

#include "device/cuda/runtime/completion_flags.hpp"

namespace annmpi::device::cuda {

/// Rows per thread block, one row per thread. The block sums their losses, so the number affects
/// rounding, as the chunk size does.
inline constexpr unsigned sum_rows = 64;

/// Whole chunks of a shard in device memory, or the remainder of the last one.
struct RowView {
  const double* Z;    ///< [rows, n_1]
  const double* D;    ///< [rows, n_1]; not read if there is no direction
  const int* labels;  ///< [rows]
  long long rows;
  long long chunk_rows;

  __host__ __device__ long long chunks() const { return (rows + chunk_rows - 1) / chunk_rows; }
  __host__ __device__ long long blocks_per_chunk() const {
    return (chunk_rows + sum_rows - 1) / sum_rows;
  }
};

/// Sums over the rows of a chunk, each in a fixed order.
struct ChunkSums {
  double loss;
  double slope;  ///< sum of dloss/dz_L . dz_L
  long long hits;
};

/// Scratch memory and output of the sums over rows.
struct RowSums {
  ChunkSums* blocks;      ///< [chunks][blocks_per_chunk]
  unsigned* counters;     ///< [chunks], 0 between kernels
  ChunkSums* chunks;      ///< [chunks], pinned memory
  unsigned* counter;      ///< completed chunks; 0 between kernels
  CompletionFlag report;  ///< set after the last chunk
};

/// theta + step * direction; `direction` may be null.
struct DevicePoint {
  const double* theta;
  const double* direction;
  double step;
};

}  // namespace annmpi::device::cuda
