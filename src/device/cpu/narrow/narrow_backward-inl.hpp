// The backward pass of narrow layers for one SIMD target.

#if defined(ANNMPI_KERNELS_NARROW_BACKWARD_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef ANNMPI_KERNELS_NARROW_BACKWARD_INL
#undef ANNMPI_KERNELS_NARROW_BACKWARD_INL
#else
#define ANNMPI_KERNELS_NARROW_BACKWARD_INL
#endif

#include <algorithm>
#include <array>
#include <utility>

#include "device/cpu/narrow/narrow_backward_steps.hpp"
#include "device/cpu/narrow/stage-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

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

/// Adds a vector of partial sums of unit k from `column` on: high and low take their parts
/// (exact_sum::parts_of), or high takes all of them.
template <class D>
HWY_INLINE void add_partial(D d, hn::Vec<D> partial, const SumsView& sums, std::size_t k,
                            std::size_t column) {
  const std::size_t place =
      (column / block_columns * sums.units + k) * block_columns + column % block_columns;
  double* const highs = sums.high + place;
  if (sums.splits == nullptr) return hn::Store(hn::Add(hn::Load(d, highs), partial), d, highs);
  const auto c1 = hn::Set(d, sums.splits[k].c1);
  const auto high = hn::Sub(hn::Add(partial, c1), c1);
  hn::Store(hn::Add(hn::Load(d, highs), high), d, highs);
  if (sums.low == nullptr) return;
  double* const lows = sums.low + place;
  const auto c2 = hn::Set(d, sums.splits[k].c2);
  const auto rest = hn::Sub(partial, high);
  hn::Store(hn::Add(hn::Load(d, lows), hn::Sub(hn::Add(rest, c2), c2)), d, lows);
}

/// Vectors of columns that are staged together: few enough for 96 rows of them to stay in the
/// first-level cache.
constexpr std::size_t stripe_vectors(std::size_t bytes_per_vector) {
  return bytes_per_vector == 64 ? 3 : 6;
}

/// Columns of a chunk's features.
template <class S>
struct Stripe {
  const S* features;  ///< [rows, stride]
  std::size_t stride;
  std::size_t column;  ///< the first, in the layer
};

/// Memory to ask for while a register block is computed: some bytes with each row.
struct Ahead {
  const char* from;
  std::size_t bytes_per_row;
};

/// Adds the partial sums of N vectors of columns and U units over the rows of a chunk; delta at the
/// first row's first of these units.
template <class Wide, class S, std::size_t N, std::size_t U>
void backward_block(Stripe<S> stripe, std::size_t rows, const Wide* delta, const SumsView& sums,
                    Ahead ahead) {
  constexpr std::size_t line = 64;
  constexpr Vectors<Wide, S> d;
  constexpr std::size_t step = hn::MaxLanes(d);
  hn::Vec<Vectors<Wide, S>> partial[N][U];
#pragma GCC unroll 32
  for (std::size_t v = 0; v < N; ++v)
#pragma GCC unroll 32
    for (std::size_t k = 0; k < U; ++k) partial[v][k] = hn::Zero(d);

  const S* X = stripe.features;
  const std::size_t units = sums.units;
  for (std::size_t i = 0; i < rows; ++i, X += stripe.stride, delta += units) {
    for (std::size_t byte = 0; byte < ahead.bytes_per_row; byte += line)
      prefetch_to_second_level(ahead.from + byte);
    ahead.from += ahead.bytes_per_row;
    hn::Vec<Vectors<Wide, S>> x[N];
#pragma GCC unroll 32
    for (std::size_t v = 0; v < N; ++v) x[v] = load_as(d, X + v * step);
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
      for (std::size_t l = 0; l < step; l += hn::MaxLanes(wide)) {
        const std::size_t column = stripe.column + v * step + l;
        // The last vector of floats may reach beyond the last block of columns.
        if (step <= block_columns || column < sums.columns)
          add_partial(wide, load_as(wide, lanes + l), sums, k, column);
      }
    }
}

template <class Wide, class S>
struct BackwardBlock {
  using Function = void (*)(Stripe<S> stripe, std::size_t rows, const Wide* delta,
                            const SumsView& sums, Ahead ahead);
  std::size_t vectors;
  Function block;   ///< for `vectors` vectors of columns
  Function single;  ///< for one
};

/// blocks[u - 1]: for u units
template <class Wide, class S, std::size_t... Index>
constexpr auto make_backward_blocks(std::index_sequence<Index...>) {
  return std::array{BackwardBlock<Wide, S>{
      block_vectors(Index + 1), backward_block<Wide, S, block_vectors(Index + 1), Index + 1>,
      backward_block<Wide, S, 1, Index + 1>}...};
}

/// Adds a stripe of `width` columns, in whole vectors, of all units. Units are cut into blocks of
/// nearly equal width. `next` moves on over what is asked for meanwhile.
template <class Wide, class T, class S>
void add_stripe(Stripe<S> stripe, std::size_t width, std::size_t rows, const Wide* delta,
                const SumsView& sums, const char*& next) {
  static constexpr auto blocks =
      make_backward_blocks<Wide, S>(std::make_index_sequence<most_block_units>());
  constexpr std::size_t step = hn::MaxLanes(Vectors<Wide, S>());
  const std::size_t parts = (sums.units + most_block_units - 1) / most_block_units;
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t j = sums.units * part / parts;
    const BackwardBlock<Wide, S>& block = blocks[sums.units * (part + 1) / parts - j - 1];
    SumsView own = sums;
    own.high += j * block_columns;
    if (own.low != nullptr) own.low += j * block_columns;
    if (own.splits != nullptr) own.splits += j;
    for (std::size_t done = 0; done < width;) {
      const std::size_t vectors = done + block.vectors * step <= width ? block.vectors : 1;
      const Ahead ahead{next, part == 0 ? vectors * step * sizeof(T) : 0};
      (vectors > 1 ? block.block : block.single)(
          {stripe.features + done, stripe.stride, stripe.column + done}, rows, delta + j, own,
          ahead);
      next += rows * ahead.bytes_per_row;
      done += vectors * step;
    }
  }
}

/// narrow_backward's weights for one type of features and one precision. Meanwhile the next chunk
/// is asked for, in the order in which it lies in memory.
///
/// Bytes are read where they are, but for the last columns, which do not fill a vector. Wider types
/// are staged in the first-level cache: their rows lie several memory pages apart, or a power of
/// two apart, and then fight for the same places in the cache.
template <class Wide, class T>
void backward_chunk(const T* X, std::size_t rows, std::size_t inputs, const Wide* delta,
                    const SumsView& sums, std::byte* stripe_memory) {
  using S = Staged<Wide, T>;
  constexpr std::size_t step = hn::MaxLanes(Vectors<Wide, S>());
  constexpr std::size_t stride = step * stripe_vectors(step * sizeof(S));
  S* const staged = reinterpret_cast<S*>(stripe_memory);
  const char* next = reinterpret_cast<const char*>(X + rows * inputs);
  std::size_t c = 0;
  if constexpr (sizeof(T) == 1) {
    c = inputs / step * step;
    add_stripe<Wide, T, S>({X, inputs, 0}, c, rows, delta, sums, next);
  }
  for (; c < inputs; c += stride) {
    const std::size_t columns = std::min(stride, inputs - c);
    const std::size_t width = (columns + step - 1) / step * step;
    for (std::size_t i = 0; i < rows; ++i)
      stage(X + i * inputs + c, columns, width, staged + i * stride);
    add_stripe<Wide, T, S>({staged, stride, c}, width, rows, delta, sums, next);
  }
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
