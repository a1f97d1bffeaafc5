#pragma once

#include <cstdint>

#include <cuda_runtime.h>

/// What batches are computed with. `Real` are the numbers themselves, `Stored` those that products
/// read: a number is the sum of `parts` of them, each in a plane of its own.
namespace annmpi::device::cuda::mini_batch {

/// Floats as sums of three bfloat16s of 8 bits each, which tensor cores multiply exactly: every
/// float from 2^-109 to 2^127 is such a sum.
struct Mixed {
  using Real = float;
  using Stored = std::uint16_t;
  static constexpr int parts = 3;
  static constexpr int k_tile = 32;  ///< of a product
  static constexpr int spread = 8;   ///< behind each row of a tile, against conflicts of banks
};

struct Float64 {
  using Real = double;
  using Stored = double;
  static constexpr int parts = 1;
  static constexpr int k_tile = 16;
  static constexpr int spread = 4;
};

/// Rows of the result that a block of threads computes of a product. Ranks share rows in multiples
/// of it, so that even the tiles are the same on any number of them.
inline constexpr int tile_rows = 64;

/// Numbers that are copied at a time: rows of matrices begin at multiples of it.
template <class Traits>
inline constexpr int pack = 16 / static_cast<int>(sizeof(typename Traits::Stored));

/// A matrix as products read it: part p of (row, column) is data[p plane + row pitch + column].
/// Columns between the last one and the pitch hold what does not change a product: zeros, or
/// anything finite where the other factor has zeros.
template <class Stored>
struct Planes {
  Stored* data;
  long long plane;
  int pitch;

  [[nodiscard]] __host__ __device__ Stored* row(long long index) const {
    return data + index * pitch;
  }
  /// To be read.
  [[nodiscard]] Planes<const Stored> factor() const { return {data, plane, pitch}; }
};

template <class Traits>
using Factor = Planes<const typename Traits::Stored>;

}  // namespace annmpi::device::cuda::mini_batch
