#include "device/cpu/int8/sliced_weights.hpp"

#include <algorithm>
#include <bit>

#include "device/cpu/int8/amx_tiles.hpp"

namespace annmpi::device::cpu::kernels {
namespace {

/// The largest |scale * value|; infinite or NaN if any element is.
ANNMPI_AMX double largest_product(std::span<const double> values, double scale) {
  const __m512i magnitude = _mm512_set1_epi64(0x7fff'ffff'ffff'ffff);
  __m512i largest = _mm512_setzero_si512();
  for (std::size_t i = 0; i < values.size(); i += 8) {
    const std::size_t count = std::min<std::size_t>(8, values.size() - i);
    const auto mask = static_cast<__mmask8>((1U << count) - 1);
    const __m512d product =
        _mm512_mul_pd(_mm512_maskz_loadu_pd(mask, values.data() + i), _mm512_set1_pd(scale));
    // Magnitudes compare as integers do; infinity and NaN are the largest.
    largest = _mm512_max_epi64(largest, _mm512_and_si512(_mm512_castpd_si512(product), magnitude));
  }
  return std::bit_cast<double>(_mm512_reduce_max_epi64(largest));
}

/// Stores the slices of four columns and eight units, [unit][slice] each, as rows
/// [slice % 2 * 8 + unit][4] of tiles, one per pair of slices, `stride` bytes apart.
ANNMPI_AMX inline void store_quad(const __m512i (&column)[4], std::size_t pairs, std::size_t stride,
                                  std::int8_t* to) {
  const __m512i a = _mm512_unpacklo_epi8(column[0], column[1]);
  const __m512i b = _mm512_unpackhi_epi8(column[0], column[1]);
  const __m512i c = _mm512_unpacklo_epi8(column[2], column[3]);
  const __m512i d = _mm512_unpackhi_epi8(column[2], column[3]);
  // Words of 32 bits, the four columns of a slice: [unit / 2][slice % 4].
  const __m512i even[2] = {_mm512_unpacklo_epi16(a, c), _mm512_unpackhi_epi16(a, c)};
  const __m512i odd[2] = {_mm512_unpacklo_epi16(b, d), _mm512_unpackhi_epi16(b, d)};
  const __m512i first = _mm512_setr_epi32(0, 16, 4, 20, 8, 24, 12, 28, 1, 17, 5, 21, 9, 25, 13, 29);
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    const __m512i index =
        _mm512_add_epi32(first, _mm512_set1_epi32(static_cast<int>(pair % 2 * 2)));
    _mm512_store_si512(to + pair * stride,
                       _mm512_permutex2var_epi32(even[pair / 2], index, odd[pair / 2]));
  }
}

}  // namespace

SlicedWeights::SlicedWeights(std::size_t units, std::size_t inputs, config::Precision precision)
    : units_(units),
      inputs_(inputs),
      slices_(slices_of(precision)),
      tiles_(groups() * (slices_ / 2) * blocks() * amx::tile_bytes),
      to_whole_(groups() * group_units),
      scale_(groups() * group_units),
      bias_(groups() * group_units) {}

void SlicedWeights::pack(std::span<const double> parameters, double feature_scale) {
  const std::size_t row_length = 1 + inputs_;
  for (std::size_t j = 0; j < units_; ++j) {
    const auto row = parameters.subspan(j * row_length, row_length);
    const byte_slices::Scale scale =
        byte_slices::scale_for(largest_product(row.subspan(1), feature_scale), slices_);
    to_whole_[j] = scale.to_whole;
    scale_[j] = scale.from_whole;
    bias_[j] = row[0];
  }
  for (std::size_t group = 0; group < groups(); ++group)
    pack_group(group, parameters.data() + group * group_units * row_length, feature_scale);
}

ANNMPI_AMX void SlicedWeights::pack_group(std::size_t group, const double* rows,
                                          double feature_scale) {
  const std::size_t first = group * group_units;
  const std::size_t units = std::min(group_units, units_ - first);
  const auto present = static_cast<__mmask8>((1U << units) - 1);
  const auto row_length = static_cast<long long>(1 + inputs_);
  const __m512i places =
      _mm512_mullo_epi64(_mm512_set1_epi64(row_length), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7));
  const __m512d to_whole = _mm512_load_pd(to_whole_.data() + first);
  const __m512d scale = _mm512_set1_pd(feature_scale);
  const std::size_t stride = blocks() * amx::tile_bytes;
  std::int8_t* const tiles = tiles_.data() + group * (slices_ / 2) * stride;
  for (std::size_t c = 0; c < inputs_; c += 4) {
    __m512i column[4];
    for (std::size_t n = 0; n < 4; ++n) {
      const __m512d weights =
          _mm512_mask_i64gather_pd(_mm512_setzero_pd(), c + n < inputs_ ? present : __mmask8{0},
                                   places, rows + 1 + c + n, 8);
      column[n] = amx::slices_of(
          _mm512_cvtpd_epi64(_mm512_mul_pd(_mm512_mul_pd(weights, scale), to_whole)));
    }
    store_quad(column, slices_ / 2, stride,
               tiles + c / tile_columns * amx::tile_bytes + c % tile_columns / 4 * 64);
  }
}

}  // namespace annmpi::device::cpu::kernels
