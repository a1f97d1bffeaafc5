#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "annmpi/base/byte_slices.hpp"
#include "annmpi/config/configuration.hpp"

#include "device/cpu/int8/tile_unit.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu::kernels {

/// Units per group; the last group is padded with zeros.
inline constexpr std::size_t group_units = 8;
/// Columns per tile and per block of inputs.
inline constexpr std::size_t tile_columns = 64;

/// Slices per weight or delta (base/byte_slices.hpp).
[[nodiscard]] constexpr std::size_t slices_of(config::Precision precision) {
  return precision == config::Precision::mixed ? 4 : 8;
}

[[nodiscard]] constexpr std::size_t unit_groups(std::size_t units) {
  return (units + group_units - 1) / group_units;
}
[[nodiscard]] constexpr std::size_t column_blocks(std::size_t inputs) {
  return (inputs + tile_columns - 1) / tile_columns;
}

/// The weights of a first layer as byte slices (base/byte_slices.hpp), relative to the largest
/// weight of each unit, and its biases.
class SlicedWeights {
 public:
  SlicedWeights(std::size_t units, std::size_t inputs, config::Precision precision);

  /// Takes the layer's rows of [b | W], units rows of 1 + inputs, at the front of `parameters`, and
  /// splits round(feature_scale * W) into slices. Units with non-finite weights give NaN. Allocates
  /// nothing.
  void pack(std::span<const double> parameters, double feature_scale);

  [[nodiscard]] std::size_t units() const { return units_; }
  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t slices() const { return slices_; }
  [[nodiscard]] std::size_t groups() const { return unit_groups(units_); }
  [[nodiscard]] std::size_t blocks() const { return column_blocks(inputs_); }

  /// One tile, [16 quads of columns][16][4], of slices 2 pair and 2 pair + 1: the byte of column c
  /// of the block and unit u of the group is at [c / 4][(slice % 2) * 8 + u][c % 4].
  [[nodiscard]] const std::int8_t* tile(std::size_t group, std::size_t pair,
                                        std::size_t block) const {
    return tiles_.data() + ((group * (slices_ / 2) + pair) * blocks() + block) * tile_bytes;
  }
  /// Per unit, padded to whole groups: the factor of joined sums, and b.
  [[nodiscard]] std::span<const double> scale() const { return scale_; }
  [[nodiscard]] std::span<const double> bias() const { return bias_; }

 private:
  std::size_t units_;
  std::size_t inputs_;
  std::size_t slices_;
  AlignedVector<std::int8_t> tiles_;
  AlignedVector<double> to_whole_;
  AlignedVector<double> scale_;
  AlignedVector<double> bias_;
};

}  // namespace annmpi::device::cpu::kernels
