#pragma once

#include <cstdint>

#include <cuda_runtime.h>

#include "annmpi/base/byte_slices.hpp"

#include "device/cuda/rows/features.hpp"

/// Layout of doubles as signed byte slices (annmpi/base/byte_slices.hpp) in device memory.
///
/// Slices of weights: [groups of 8 units][blocks of 64 columns][slices][8 units][64 columns].
/// Slices of deltas: [groups][blocks of 32 rows][pairs of slices][8 units][4][2 slices][8 rows].
/// In both, a lane's fragment of one or two mma instructions is 16 contiguous bytes, and the
/// fragments of a warp are contiguous. The arrays are padded to whole groups and blocks; the
/// padding may hold anything, as it is multiplied by zero bytes or its sums are not read.
namespace annmpi::device::cuda {

inline constexpr int block_columns = 64;
inline constexpr int block_rows = 32;

__host__ __device__ constexpr int column_blocks(int columns) {
  return ceil_div(columns, block_columns);
}
__host__ __device__ constexpr long long row_blocks(long long rows) {
  return ceil_div<long long>(rows, block_rows);
}

/// Factor of a unit's joined sums, and its bias.
struct UnitScale {
  double scale;
  double bias;
};

/// Sums over the deltas of each unit, [units].
struct BiasSums {
  long long* low;      ///< of the lower 32 bits of q
  long long* high;     ///< of the bits above them
  long long* outside;  ///< count of deltas beyond their bound
};

}  // namespace annmpi::device::cuda
