// Strided loads of matrix columns, one lane per row; included once per SIMD target.

#if defined(ANNMPI_KERNELS_COLUMNS_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_COLUMNS_INL
#undef ANNMPI_KERNELS_COLUMNS_INL
#else
#define ANNMPI_KERNELS_COLUMNS_INL
#endif

#include "device/cpu/simd/lanes-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

/// One column of as many rows as a vector has lanes; rows are `row_length` elements apart.
template <class Real>
HWY_INLINE hn::Vec<Vectors<Real>> load_column(const Real* from, std::size_t row_length) {
  constexpr Vectors<Real> vectors;
  const hn::RebindToSigned<Vectors<Real>> indices;
  using Index = hn::TFromD<decltype(indices)>;
  return hn::GatherIndex(
      vectors, from,
      hn::Mul(hn::Iota(indices, 0), hn::Set(indices, static_cast<Index>(row_length))));
}

/// Columns per call of load_columns().
constexpr std::size_t columns_at_once = 8;

#if HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
// Rows are loaded whole and transposed in registers, at a third of the cost of gathers. Vectors are
// assembled from halves or quarters of rows such that columns come out in the order of the rows.

HWY_INLINE void load_columns(const double* from, std::size_t row_length,
                             hn::Vec<Vectors<double>> (&columns)[columns_at_once]) {
#pragma GCC unroll 2
  for (std::size_t half = 0; half < 2; ++half) {
    const auto rows = [&](std::size_t low, std::size_t high) {
      return _mm512_insertf64x4(
          _mm512_castpd256_pd512(_mm256_loadu_pd(from + low * row_length + 4 * half)),
          _mm256_loadu_pd(from + high * row_length + 4 * half), 1);
    };
    const __m512d first = rows(0, 2), second = rows(1, 3), third = rows(4, 6), fourth = rows(5, 7);
    const __m512d even = _mm512_unpacklo_pd(first, second);
    const __m512d even_below = _mm512_unpacklo_pd(third, fourth);
    const __m512d odd = _mm512_unpackhi_pd(first, second);
    const __m512d odd_below = _mm512_unpackhi_pd(third, fourth);
    columns[4 * half].raw = _mm512_shuffle_f64x2(even, even_below, 0x88);
    columns[4 * half + 1].raw = _mm512_shuffle_f64x2(odd, odd_below, 0x88);
    columns[4 * half + 2].raw = _mm512_shuffle_f64x2(even, even_below, 0xdd);
    columns[4 * half + 3].raw = _mm512_shuffle_f64x2(odd, odd_below, 0xdd);
  }
}

HWY_INLINE void load_columns(const float* from, std::size_t row_length,
                             hn::Vec<Vectors<float>> (&columns)[columns_at_once]) {
  __m512 quarters[2][4];  // of eight rows each: columns c and c + 4
#pragma GCC unroll 2
  for (std::size_t half = 0; half < 2; ++half) {
    const auto rows = [&](std::size_t row) {
      const float* const low = from + (8 * half + row) * row_length;
      return _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(low)),
                                _mm256_loadu_ps(low + 4 * row_length), 1);
    };
    const __m512 first = rows(0), second = rows(1), third = rows(2), fourth = rows(3);
    const __m512d low = _mm512_castps_pd(_mm512_unpacklo_ps(first, second));
    const __m512d high = _mm512_castps_pd(_mm512_unpackhi_ps(first, second));
    const __m512d low_below = _mm512_castps_pd(_mm512_unpacklo_ps(third, fourth));
    const __m512d high_below = _mm512_castps_pd(_mm512_unpackhi_ps(third, fourth));
    quarters[half][0] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, low_below));
    quarters[half][1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, low_below));
    quarters[half][2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high, high_below));
    quarters[half][3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high, high_below));
  }
#pragma GCC unroll 4
  for (std::size_t c = 0; c < 4; ++c) {
    columns[c].raw = _mm512_shuffle_f32x4(quarters[0][c], quarters[1][c], 0x88);
    columns[c + 4].raw = _mm512_shuffle_f32x4(quarters[0][c], quarters[1][c], 0xdd);
  }
}

#else

template <class Real>
HWY_INLINE void load_columns(const Real* from, std::size_t row_length,
                             hn::Vec<Vectors<Real>> (&columns)[columns_at_once]) {
  for (std::size_t c = 0; c < columns_at_once; ++c) columns[c] = load_column(from + c, row_length);
}

#endif

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
