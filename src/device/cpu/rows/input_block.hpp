#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/io/hdf5.hpp"

#include "device/cpu/gemm/panels.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu::mini_batch {

/// The format of the network's inputs in memory.
struct InputFormat {
  std::size_t columns = 1;
  double scale = 1;
  /// Whether only the inputs that are not 0 are stored, in lists, or all of them, in panels. The
  /// results are the same.
  bool in_lists = false;
};

/// Lists are faster if less than this share of the features is not 0: measured with AVX-512 at 784
/// inputs, 128 and 512 units.
inline constexpr double filled_share_of_lists = 0.35;

/// The inputs of a block of rows, converted for the products of the first layer.
template <class Real>
class InputBlock {
 public:
  /// A panel of their deltas, in floats, fits into the L1 cache. With 128 rows, the weights would
  /// be read from the L3 cache twice as often.
  static constexpr std::size_t most_rows = 256;

  explicit InputBlock(const InputFormat& format);

  /// Converts rows of stored features of this type; with `for_gradient` also makes the lists by
  /// column that a gradient needs.
  void fill(std::span<const std::byte* const> rows, io::ElementType type, bool for_gradient);

  [[nodiscard]] std::size_t rows() const { return rows_; }

  /// z [rows, width] = biases + X W for one panel of units in the format of PackedLayer::panel().
  void forward(std::size_t width, const Real* panel, Real* z);

  /// g [inputs, width] = g + X^T delta for some inputs and one panel of units; delta [rows, width].
  void add_gradient(std::size_t first_input, std::size_t inputs, std::size_t width,
                    const Real* delta, Real* g) const;

  [[nodiscard]] std::uint64_t bytes() const;

 private:
  template <class Stored>
  void fill_panels(std::span<const std::byte* const> rows);
  template <class Stored>
  void fill_lists(std::span<const std::byte* const> rows);
  void list_by_column();

  InputFormat format_;
  std::size_t rows_ = 0;
  kernels::AlignedVector<Real> panels_;  ///< X in panels of columns
  std::vector<Real> scaled_bytes_;       ///< [256] the input for each stored byte
  std::vector<kernels::Entry<Real>> by_row_;
  std::vector<std::uint32_t> row_begins_;
  std::vector<kernels::Entry<Real>> by_column_;
  std::vector<std::uint32_t> column_begins_;
  std::vector<std::uint32_t> next_in_column_;
  std::vector<kernels::Stretch<Real>> stretches_;
};

}  // namespace annmpi::device::cpu::mini_batch
