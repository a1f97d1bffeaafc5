#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Matrix products on panels, for mini-batches. A panel holds `width` neighbouring columns of a
/// matrix, row after row: element (i, c) of panel p lies at (p rows + i) width + c and is column
/// p width + c of the matrix.
///
/// Every element of a result is one chain of fused multiply-adds over the inner index, from first
/// to last, whatever the shapes and the blocking: the same bits on every SIMD target, for any
/// number of threads and ranks. A factor of zero leaves a chain as it is, so skipping zeros (lists)
/// gives the same bits as multiplying by them.
namespace annmpi::device::cpu::kernels {

/// Widths of panels: the slim one spares layers of few units the padding of the wide one.
inline constexpr std::size_t wide_panel = 32;
inline constexpr std::size_t slim_panel = 16;

/// A stretch of the inner index k: the factors of out(m, c) are left[m left_rows + k left_inner]
/// and right[k width + c].
template <class Real>
struct Stretch {
  const Real* left;
  const Real* right;
  std::size_t count;
};

/// Strides of the left factor.
struct LeftStrides {
  std::size_t rows;
  std::size_t inner;
};

/// Initial values of the sums: data[m stride ..] for row m of the result, so that a stride of 0
/// means one row for all; zeros without data.
template <class Real>
struct Start {
  const Real* data = nullptr;
  std::size_t stride = 0;
};

/// out [rows, width] = start + sum over all stretches, in order. `out`, `start` and every right
/// factor are aligned to 64 bytes; out may be the start. Real is double or float.
template <class Real>
void multiply(std::size_t width, std::size_t rows, std::span<const Stretch<Real>> stretches,
              LeftStrides left, Start<Real> start, Real* out);

/// A nonzero of the left factor: its value, and the row of the right factor to multiply.
template <class Real>
struct Entry {
  std::uint32_t row;
  Real value;
};

/// out [lists, width] = start + sum_n value_n right[row_n] over the entries of each list, in order:
/// list m is entries [begins[m], begins[m + 1]). Alignment as for multiply().
template <class Real>
void multiply_lists(std::size_t width, std::span<const std::uint32_t> begins,
                    const Entry<Real>* entries, const Real* right, Start<Real> start, Real* out);

}  // namespace annmpi::device::cpu::kernels
