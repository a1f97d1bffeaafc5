#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

/// Matrix products on panels, for mini-batches. A panel holds `width` neighbouring columns of a
/// matrix, row after row: element (i, c) of panel p lies at (p rows + i) width + c and is column
/// p width + c of the matrix.
///
/// Every element of a result is one chain of fused multiply-adds over the inner index, from first
/// to last, whatever the shapes around it and however the work is cut: the same bits on every SIMD
/// target, for any number of threads and ranks. A factor of zero leaves a chain as it is, so
/// leaving zeros out (lists) gives the same bits as computing with them.
namespace annmpi::device::cpu::kernels {

/// Widths of panels: layers of few units are not filled up to the wider one.
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

/// How the factors on the left lie in memory.
struct LeftStrides {
  std::size_t rows;
  std::size_t inner;
};

/// What sums begin with: row m of the result with data[m stride ..], so that a stride of 0 means
/// one row for all; zeros where there are no data.
template <class Real>
struct Start {
  const Real* data = nullptr;
  std::size_t stride = 0;
};

/// out [rows, width] = start + sum over all stretches, in order. `out`, `start` and every right
/// factor begin on boundaries of 64 bytes; out may be the start.
void multiply(std::size_t width, std::size_t rows, std::span<const Stretch<float>> stretches,
              LeftStrides left, Start<float> start, float* out);
void multiply(std::size_t width, std::size_t rows, std::span<const Stretch<double>> stretches,
              LeftStrides left, Start<double> start, double* out);

/// A factor other than zero: its value, and the row of the right factor that it belongs to.
template <class Real>
struct Entry {
  std::uint32_t row;
  Real value;
};

/// out [lists, width] = start + sum_n value_n right[row_n] over the entries of each list, in order:
/// list m is entries [begins[m], begins[m + 1]). The same boundaries.
void multiply_lists(std::size_t width, std::span<const std::uint32_t> begins,
                    const Entry<float>* entries, const float* right, Start<float> start,
                    float* out);
void multiply_lists(std::size_t width, std::span<const std::uint32_t> begins,
                    const Entry<double>* entries, const double* right, Start<double> start,
                    double* out);

}  // namespace annmpi::device::cpu::kernels
