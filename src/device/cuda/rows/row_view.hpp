#pragma once

#include <cuda_runtime.h>

#include "device/cuda/runtime/completion_flags.hpp"

namespace annmpi::device::cuda {

/// Rows that one thread each works on, and whose losses a block of threads adds up: part of the
/// arithmetic, as chunks are.
inline constexpr unsigned sum_rows = 64;

/// A run of whole chunks of a shard in the GPU's memory, or of what is left of the last one.
struct RowView {
  const double* Z;    ///< [rows, n_1]
  const double* D;    ///< [rows, n_1]; not read at a point without a direction
  const int* labels;  ///< [rows]
  long long rows;
  long long chunk_rows;

  __host__ __device__ long long chunks() const { return (rows + chunk_rows - 1) / chunk_rows; }
  __host__ __device__ long long blocks_per_chunk() const {
    return (chunk_rows + sum_rows - 1) / sum_rows;
  }
};

/// Sums over the rows of a chunk, each made in one fixed order.
struct ChunkSums {
  double loss;
  double slope;  ///< sum of dloss/dz_L . dz_L
  long long hits;
};

/// Where sums over rows are made and go.
struct RowSums {
  ChunkSums* blocks;      ///< [chunks][blocks_per_chunk]
  unsigned* counters;     ///< [chunks], zeros between kernels
  ChunkSums* chunks;      ///< [chunks], in memory that both sides reach
  unsigned* counter;      ///< of chunks that are done; 0 between kernels
  CompletionFlag report;  ///< when all are done
};

/// theta + step * direction; `direction` may be null.
struct DevicePoint {
  const double* theta;
  const double* direction;
  double step;
};

}  // namespace annmpi::device::cuda
