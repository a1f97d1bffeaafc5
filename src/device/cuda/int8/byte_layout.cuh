#pragma once

#include <cstdint>

#include <cuda_runtime.h>

#include "annmpi/base/byte_slices.hpp"

/// Doubles as signed bytes (annmpi/base/byte_slices.hpp) where the kernels want them.
///
/// Slices of weights: [groups of 8 units][blocks of 64 columns][slices][8 units][64 columns].
/// Slices of deltas: [groups][blocks of 32 rows][pairs of slices][8 units][4][2 slices][8 rows].
/// In both a lane's share of a tensor-core instruction, or of two, are 16 bytes in a row, and those
/// of a warp follow each other. Units, columns and rows beyond the last are there as well; what
/// stands in their place does not matter: they meet bytes of 0, or nobody reads their sums.
namespace annmpi::device::cuda {

inline constexpr int group_units = 8;
inline constexpr int block_columns = 64;
inline constexpr int block_rows = 32;

__host__ __device__ constexpr int unit_groups(int units) {
  return (units + group_units - 1) / group_units;
}
__host__ __device__ constexpr int column_blocks(int columns) {
  return (columns + block_columns - 1) / block_columns;
}
__host__ __device__ constexpr long long row_blocks(long long rows) {
  return (rows + block_rows - 1) / block_rows;
}

/// What joined sums are multiplied with, and b.
struct UnitScale {
  double scale;
  double bias;
};

/// Where the sums of deltas go, each [units]: of the lower 32 bits of q, of what lies above them,
/// and how many deltas were not within their bound.
struct BiasSums {
  long long* low;
  long long* high;
  long long* outside;
};

/// Features in the GPU's memory: row by row, each `stride` bytes from the last, a multiple of 16,
/// with zeros behind the last column.
struct ByteRows {
  const std::uint8_t* bytes;
  long long rows;
  int columns;
  int stride;
};
struct ForwardSet {
  ByteRows X;
  double* Z;  ///< [rows, units]
};

}  // namespace annmpi::device::cuda
