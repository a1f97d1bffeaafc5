#pragma once

#include <cstdint>

#include <cuda_runtime.h>

/// Precisions of mini-batch training. A number is a `Real`; the operands of products are `Stored`
/// terms, of which `planes` add up to the number, each in a plane of its own.
namespace annmpi::device::cuda::mini_batch {

/// Floats as sums of three bfloat16s of 8 bits each, which tensor cores multiply exactly: every
/// float from 2^-109 to 2^127 is such a sum.
struct Mixed {
  using Real = float;
  using Stored = std::uint16_t;
  static constexpr int planes = 3;
  static constexpr int k_tile = 32;
  static constexpr int skew = 8;  ///< padding of a tile's rows that avoids bank conflicts
};

struct Float64 {
  using Real = double;
  using Stored = double;
  static constexpr int planes = 1;
  static constexpr int k_tile = 16;
  static constexpr int skew = 4;
};

/// Rows of the result that a thread block computes. Ranks share rows in multiples of it, so that
/// the tiles do not depend on their number.
inline constexpr int tile_rows = 64;

/// Terms in a copy of 16 bytes. Rows of matrices are aligned to it.
template <class Traits>
inline constexpr int pack = 16 / static_cast<int>(sizeof(typename Traits::Stored));

/// A matrix split into terms: term p of (row, column) is data[p plane + row pitch + column].
/// Padding columns hold zeros, or finite numbers where the other operand's are zeros.
template <class Stored>
struct Planes {
  Stored* data;
  long long plane;
  int pitch;

  [[nodiscard]] __host__ __device__ Stored* row(long long index) const {
    return data + index * pitch;
  }
  /// The same, read-only.
  [[nodiscard]] Planes<const Stored> operand() const { return {data, plane, pitch}; }
};

template <class Traits>
using Operand = Planes<const typename Traits::Stored>;

}  // namespace annmpi::device::cuda::mini_batch
