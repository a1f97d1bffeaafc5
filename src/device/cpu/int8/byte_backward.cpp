#include "device/cpu/int8/byte_backward.hpp"

#include <algorithm>
#include <limits>

#include "device/cpu/int8/byte_tiles.hpp"
#include "device/cpu/int8/tile_unit.hpp"

namespace annmpi::device::cpu::kernels {
namespace {

constexpr std::size_t block_rows = TransposedFeatures::block_rows;
constexpr std::size_t row_tiles = TransposedFeatures::row_tiles;
/// Columns transposed at a time: they fit into the second-level cache.
constexpr std::size_t transposed_columns = 1024;

std::size_t row_tiles_of(std::size_t rows) {
  return (rows + rows_of_tile - 1) / rows_of_tile;
}

/// Bytes between the transposed features of successive tiles of rows: the columns transposed at a
/// time and two tiles of padding, which avoids conflicts in the first-level cache.
std::size_t transposed_stride(std::size_t inputs) {
  return std::min(transposed_columns, column_blocks(inputs) * tile_columns) * rows_of_tile +
         2 * tile_bytes;
}

}  // namespace

ByteGradientSums::ByteGradientSums(std::size_t units, std::size_t inputs,
                                   config::Precision precision)
    : units_(units),
      inputs_(inputs),
      slices_(slices_of(precision)),
      to_whole_(unit_groups(units) * group_units),
      from_whole_(unit_groups(units) * group_units),
      deltas_(block_rows * to_whole_.size()),
      cut_(unit_groups(units) * (slices_ / 2) * row_tiles * tile_bytes),
      transposed_(row_tiles * transposed_stride(inputs)),
      tiles_(unit_groups(units) * column_blocks(inputs) * 4 * (slices_ / 2) * tile_integers),
      sums_(bias_sums() + 3 * units) {}

void ByteGradientSums::start(std::span<const double> bounds) {
  for (std::size_t j = 0; j < units_; ++j) {
    const byte_slices::Scale scale = byte_slices::scale_for(bounds[j], 8);
    to_whole_[j] = scale.to_whole;
    from_whole_[j] = scale.from_whole;
  }
  first_ = end_ = 0;
  X_ = {};
  rows_in_tiles_ = 0;
  spilled_ = false;
  std::ranges::fill(std::span(sums_).subspan(bias_sums()), 0);
}

void ByteGradientSums::add(std::span<const std::uint8_t> X, const TransposedFeatures* transposed,
                           std::size_t first, std::size_t rows, std::span<const double> delta) {
  const std::size_t width = to_whole_.size();
  for (std::size_t done = 0; done < rows;) {
    const std::size_t row = first + done;
    const bool follows = X.data() == X_.data() && row == block_ * block_rows + end_;
    if (!follows || end_ == block_rows) {
      if (end_ > first_) process_rows();
      X_ = X;
      features_ = transposed;
      block_ = row / block_rows;
      first_ = end_ = row % block_rows;
      // Earlier rows of the first tile belong to other threads: their deltas count as 0.
      const std::size_t tile = first_ / rows_of_tile * rows_of_tile;
      std::fill(deltas_.begin() + static_cast<std::ptrdiff_t>(tile * width),
                deltas_.begin() + static_cast<std::ptrdiff_t>(first_ * width), 0.0);
    }
    const std::size_t count = std::min(rows - done, block_rows - end_);
    const double* const from = delta.data() + done * units_;
    double* const to = deltas_.data() + end_ * width;
    if (units_ == width)
      std::copy_n(from, count * width, to);
    else
      for (std::size_t i = 0; i < count; ++i)
        std::copy_n(from + i * units_, units_, to + i * width);
    end_ += count;
    done += count;
  }
}

void ByteGradientSums::process_rows() {
  if (rows_in_tiles_ + (end_ - first_) > byte_slices::most_terms) spill();
  const std::size_t first_tile = first_ / rows_of_tile;
  const std::size_t end_tile = row_tiles_of(end_);
  slice_deltas(first_tile, end_tile);
  const std::size_t tiles = end_tile - first_tile;
  const std::size_t pairs = slices_ / 2;
  const std::size_t column_tiles = column_blocks(inputs_) * 4;
  const TileConfiguration configuration;
  Accumulate* const accumulate = accumulate_kernel();
  const auto add_columns = [&](std::size_t c, const std::uint8_t* columns, std::size_t next) {
    for (std::size_t group = 0; group < unit_groups(units_); ++group)
      for (std::size_t pair = 0; pair < pairs; pair += 2)
        accumulate(cut_.data() + ((group * pairs + pair) * row_tiles + first_tile) * tile_bytes,
                   row_tiles * tile_bytes, columns, next, tiles, rows_in_tiles_ == 0,
                   tiles_.data() + ((group * column_tiles + c / columns_of_sums) * pairs + pair) *
                                       tile_integers,
                   pairs * tile_integers);
  };
  if (features_ != nullptr) {
    for (std::size_t c = 0; c < inputs_; c += 2 * columns_of_sums)
      add_columns(c, features_->tiles(block_, c) + first_tile * TransposedFeatures::pair_bytes,
                  TransposedFeatures::pair_bytes);
  } else {
    for (std::size_t begin = 0; begin < inputs_; begin += transposed_columns) {
      const std::size_t end = std::min(inputs_, begin + transposed_columns);
      for (std::size_t tile = first_tile; tile < end_tile; ++tile) {
        const std::size_t row = tile * rows_of_tile;
        transpose_features(X_.data() + (block_ * block_rows + row) * inputs_ + begin, inputs_,
                           std::min(rows_of_tile, end_ - row), end - begin,
                           transposed_.data() + tile * transposed_stride(inputs_), 2 * tile_bytes);
      }
      for (std::size_t c = begin; c < end; c += 2 * columns_of_sums)
        add_columns(c,
                    transposed_.data() + first_tile * transposed_stride(inputs_) +
                        (c - begin) / columns_of_sums * tile_bytes,
                    transposed_stride(inputs_));
    }
  }
  rows_in_tiles_ += end_ - first_;
  first_ = end_ = 0;
  X_ = {};
}

void ByteGradientSums::slice_deltas(std::size_t first_tile, std::size_t end_tile) {
  const std::size_t width = to_whole_.size();
  std::fill(deltas_.begin() + static_cast<std::ptrdiff_t>(end_ * width),
            deltas_.begin() + static_cast<std::ptrdiff_t>(end_tile * rows_of_tile * width), 0.0);
  std::int64_t* const sums = sums_.data() + bias_sums();
  for (std::size_t first = 0; first < units_; first += group_units) {
    BiasSums biases;
    for (std::size_t tile = first_tile; tile < end_tile; ++tile)
      cut_deltas(
          deltas_.data() + tile * rows_of_tile * width + first, width, to_whole_.data() + first,
          slices_,
          cut_.data() + (first / group_units * (slices_ / 2) * row_tiles + tile) * tile_bytes,
          row_tiles * tile_bytes, biases);
    for (std::size_t unit = first; unit < std::min(units_, first + group_units); ++unit) {
      sums[unit] += biases.low[unit - first];
      sums[units_ + unit] += biases.high[unit - first];
      sums[2 * units_ + unit] += biases.outside[unit - first];
    }
  }
}

/// Adds the tiles to the words and restarts the tiles.
void ByteGradientSums::spill() {
  const std::size_t pairs = slices_ / 2;
  const std::size_t words = byte_slices::words(slices_);
  const std::size_t column_tiles = column_blocks(inputs_) * 4;
  for (std::size_t unit = 0; unit < units_; ++unit)
    for (std::size_t word = 0; word < words; ++word)
      join_slices(tiles_.data() +
                      (unit / group_units * column_tiles * pairs + 2 * word) * tile_integers +
                      unit % group_units * columns_of_sums,
                  pairs * tile_integers, inputs_, spilled_,
                  sums_.data() + (word * units_ + unit) * inputs_);
  rows_in_tiles_ = 0;
  spilled_ = true;
}

void ByteGradientSums::finish() {
  if (end_ > first_) process_rows();
  if (rows_in_tiles_ > 0) spill();
  if (!spilled_) std::ranges::fill(std::span(sums_).first(bias_sums()), 0);
}

void ByteGradientSums::round_to(std::span<double> gradient, double feature_scale) const {
  const std::size_t plane = units_ * inputs_;
  const std::int64_t* const biases = sums_.data() + bias_sums();
  for (std::size_t j = 0; j < units_; ++j) {
    const bool in_bounds = biases[2 * units_ + j] == 0;
    const double scale = in_bounds ? from_whole_[j] : std::numeric_limits<double>::quiet_NaN();
    double* const row = gradient.data() + j * (1 + inputs_);
    row[0] = scale * byte_slices::value_of(biases[units_ + j], biases[j]);
    const std::int64_t* const low = sums_.data() + j * inputs_;
    round_words(low, byte_slices::words(slices_) == 1 ? nullptr : low + plane, inputs_, scale,
                feature_scale, row + 1);
  }
}

}  // namespace annmpi::device::cpu::kernels
