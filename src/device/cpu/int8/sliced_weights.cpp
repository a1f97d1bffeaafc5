#include "device/cpu/int8/sliced_weights.hpp"

#include <algorithm>
#include <bit>

#include "device/cpu/int8/tile_unit.hpp"

#define ANNMPI_TILE_KERNELS "device/cpu/int8/sliced_weights-inl.hpp"
#include "device/cpu/int8/for_each_tile_unit.hpp"

namespace annmpi::device::cpu::kernels {

SlicedWeights::SlicedWeights(std::size_t units, std::size_t inputs, config::Precision precision)
    : units_(units),
      inputs_(inputs),
      slices_(slices_of(precision)),
      tiles_(groups() * (slices_ / 2) * blocks() * tile_bytes),
      to_whole_(groups() * group_units),
      scale_(groups() * group_units),
      bias_(groups() * group_units) {}

void SlicedWeights::pack(std::span<const double> parameters, double feature_scale) {
  const auto largest_product = ANNMPI_ON_TILE_UNIT(largest_product);
  const auto pack_group = ANNMPI_ON_TILE_UNIT(pack_group);
  const std::size_t row_length = 1 + inputs_;
  for (std::size_t j = 0; j < units_; ++j) {
    const auto row = parameters.subspan(j * row_length, row_length);
    const byte_slices::Scale scale =
        byte_slices::scale_for(largest_product(row.subspan(1), feature_scale), slices_);
    to_whole_[j] = scale.to_whole;
    scale_[j] = scale.from_whole;
    bias_[j] = row[0];
  }
  const std::size_t stride = blocks() * tile_bytes;
  const std::size_t pairs = slices_ / 2;
  for (std::size_t group = 0; group < groups(); ++group) {
    const std::size_t first = group * group_units;
    pack_group(parameters.data() + first * row_length, std::min(group_units, units_ - first),
               inputs_, feature_scale, to_whole_.data() + first, pairs, stride,
               tiles_.data() + group * pairs * stride);
  }
}

}  // namespace annmpi::device::cpu::kernels
