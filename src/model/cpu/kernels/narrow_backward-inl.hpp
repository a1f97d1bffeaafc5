// The backward pass of narrow layers for one SIMD target.

#if defined(ANNMPI_KERNELS_NARROW_BACKWARD_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_NARROW_BACKWARD_INL
#undef ANNMPI_KERNELS_NARROW_BACKWARD_INL
#else
#define ANNMPI_KERNELS_NARROW_BACKWARD_INL
#endif

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "model/cpu/kernels/lanes-inl.hpp"
#include "model/cpu/kernels/narrow_backward_steps.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::model::cpu::kernels::HWY_NAMESPACE {

/// Columns per block of the accumulator.
constexpr std::size_t block_columns = 8;

/// Units per register block, at most.
constexpr std::size_t most_block_units =
    vector_registers == 32 ? 14 : (vector_registers == 16 ? 12 : 2);

/// Vectors of columns per register block of that many units.
constexpr std::size_t block_vectors(std::size_t units) {
  for (const std::size_t vectors : {8, 6, 4, 3, 2})
    if (vectors * units + std::min(vectors, units) + 1 <= vector_registers) return vectors;
  return 1;
}

/// Adds a vector of partial sums of unit k from `column` on: hi and mid take their parts
/// (exact_sum::parts_of), or hi takes all of them.
template <class D>
HWY_INLINE void add_partial(D d, hn::Vec<D> partial, const SumsView& sums, std::size_t k,
                            std::size_t column) {
  const std::size_t place =
      (column / block_columns * sums.units + k) * block_columns + column % block_columns;
  double* const hi = sums.hi + place;
  if (sums.splits == nullptr) return hn::Store(hn::Add(hn::Load(d, hi), partial), d, hi);
  const auto c1 = hn::Set(d, sums.splits[k].c1);
  const auto high = hn::Sub(hn::Add(partial, c1), c1);
  hn::Store(hn::Add(hn::Load(d, hi), high), d, hi);
  if (sums.mid == nullptr) return;
  double* const mid = sums.mid + place;
  const auto c2 = hn::Set(d, sums.splits[k].c2);
  const auto rest = hn::Sub(partial, high);
  hn::Store(hn::Add(hn::Load(d, mid), hn::Sub(hn::Add(rest, c2), c2)), d, mid);
}

/// A vector of features; of those of the row's end if `Rest`, filled up with zeros.
template <bool Rest, class D, class T>
HWY_INLINE hn::Vec<D> load_features(D d, const T* X, std::size_t rest) {
  if constexpr (Rest) {
    alignas(64) T last[hn::MaxLanes(d)] = {};
    std::memcpy(last, X, rest * sizeof(T));
    return load_as(d, last);
  } else {
    return load_as(d, X);
  }
}

/// Adds the partial sums of N vectors of columns and U units over the rows of a chunk: X at the
/// first row's first of these columns, `column`, and delta at the first row's first of these units.
template <class Wide, class T, std::size_t N, std::size_t U, bool Rest>
void backward_block(const T* X, std::size_t inputs, std::size_t rows, const Wide* delta,
                    std::size_t column, const SumsView& sums) {
  constexpr Vectors<Wide, T> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  hn::Vec<Vectors<Wide, T>> partial[N][U];
#pragma GCC unroll 32
  for (std::size_t v = 0; v < N; ++v)
#pragma GCC unroll 32
    for (std::size_t k = 0; k < U; ++k) partial[v][k] = hn::Zero(d);

  const std::size_t units = sums.units;
  for (std::size_t i = 0; i < rows; ++i, X += inputs, delta += units) {
    if constexpr (!Rest) hwy::Prefetch(X + rows * inputs);  // the next chunk
    hn::Vec<Vectors<Wide, T>> x[N];
#pragma GCC unroll 32
    for (std::size_t v = 0; v < N; ++v)
      x[v] = load_features<Rest>(d, X + v * step, inputs - column);
#pragma GCC unroll 32
    for (std::size_t k = 0; k < U; ++k) {
      auto factor = hn::Set(d, delta[k]);
      if constexpr (N > 1) keep_in_register(factor);
#pragma GCC unroll 32
      for (std::size_t v = 0; v < N; ++v) partial[v][k] = fused(d, x[v], factor, partial[v][k]);
    }
  }

  // By way of memory, where floats become doubles and vectors of any length are cut alike.
  constexpr hn::CappedTag<double, std::min<std::size_t>(block_columns, step)> wide;
  alignas(64) Wide lanes[step];
#pragma GCC unroll 32
  for (std::size_t v = 0; v < N; ++v)
#pragma GCC unroll 32
    for (std::size_t k = 0; k < U; ++k) {
      hn::Store(partial[v][k], d, lanes);
#pragma GCC unroll 8
      for (std::size_t l = 0; l < step; l += hn::MaxLanes(wide))
        if (!Rest || column + l < sums.columns)
          add_partial(wide, load_as(wide, lanes + l), sums, k, column + v * step + l);
    }
}

template <class Wide, class T>
struct BackwardBlock {
  using Function = void (*)(const T* X, std::size_t inputs, std::size_t rows, const Wide* delta,
                            std::size_t column, const SumsView& sums);
  std::size_t vectors;
  Function block;   ///< for `vectors` vectors of columns
  Function single;  ///< for one
  Function rest;    ///< for what is left at the end of the rows
};

/// blocks[u - 1]: for u units
template <class Wide, class T, std::size_t... Index>
constexpr auto make_backward_blocks(std::index_sequence<Index...>) {
  return std::array{BackwardBlock<Wide, T>{
      block_vectors(Index + 1), backward_block<Wide, T, block_vectors(Index + 1), Index + 1, false>,
      backward_block<Wide, T, 1, Index + 1, false>,
      backward_block<Wide, T, 1, Index + 1, true>}...};
}

/// narrow_backward's weights for one type of features and one precision. Units are cut into blocks
/// of nearly equal width.
template <class Wide, class T>
void backward_chunk(const T* X, std::size_t rows, std::size_t inputs, const Wide* delta,
                    const SumsView& sums) {
  static constexpr auto blocks =
      make_backward_blocks<Wide, T>(std::make_index_sequence<most_block_units>());
  constexpr std::size_t step = hn::MaxLanes(Vectors<Wide, T>());
  const std::size_t parts = (sums.units + most_block_units - 1) / most_block_units;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t j = sums.units * part / parts;
    const BackwardBlock<Wide, T>& block = blocks[sums.units * (part + 1) / parts - j - 1];
    SumsView own = sums;
    own.hi += j * block_columns;
    if (own.mid != nullptr) own.mid += j * block_columns;
    if (own.splits != nullptr) own.splits += j;
    std::size_t c = 0;
    for (; c + block.vectors * step <= inputs; c += block.vectors * step)
      block.block(X + c, inputs, rows, delta + j, c, own);
    for (; c + step <= inputs; c += step) block.single(X + c, inputs, rows, delta + j, c, own);
    for (; c < inputs; c += step) block.rest(X + c, inputs, rows, delta + j, c, own);
  }
}

}  // namespace annmpi::model::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
