#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

/// A tile unit (tile_unit.hpp) in plain C++, for tests on any processor. Slow; the same bits as
/// AMX and AVX-512, those of the results of values out of range included.
namespace annmpi::device::cpu::kernels::plain {

/// Eight tile registers in their full size, 16 rows of 64 bytes. Not initialised.
class Tiles {
 public:
  template <int tile>
  void zero() {
    tiles_[tile] = {};
  }
  /// Rows are `stride` bytes apart.
  template <int tile>
  void load(const void* from, std::size_t stride) {
    for (std::size_t row = 0; row < rows; ++row)
      std::memcpy(tiles_[tile].bytes[row], static_cast<const std::uint8_t*>(from) + row * stride,
                  row_bytes);
  }
  template <int tile>
  void store(void* to) const {
    std::memcpy(to, tiles_[tile].bytes, sizeof(Tile));
  }
  /// sums[m][n] += sum_k sum_i a[m][4 k + i] b[k][4 n + i], modulo 2^32: rows of bytes of `a`, and
  /// quads of bytes of `b`. TDPBUSD: `a` unsigned and `b` signed.
  template <int sums, int a, int b>
  void add_unsigned_signed() {
    add<std::uint8_t, std::int8_t>(tiles_[sums], tiles_[a], tiles_[b]);
  }
  /// TDPBSUD: `a` signed and `b` unsigned.
  template <int sums, int a, int b>
  void add_signed_unsigned() {
    add<std::int8_t, std::uint8_t>(tiles_[sums], tiles_[a], tiles_[b]);
  }

 private:
  static constexpr std::size_t rows = 16;
  static constexpr std::size_t row_bytes = 64;

  struct Tile {
    std::uint8_t bytes[rows][row_bytes];
  };

  template <class OfA, class OfB>
  static void add(Tile& sums, const Tile& a, const Tile& b) {
    for (std::size_t m = 0; m < rows; ++m) {
      std::uint32_t row[row_bytes / 4];
      std::memcpy(row, sums.bytes[m], row_bytes);
      for (std::size_t k = 0; k < rows; ++k)
        for (std::size_t n = 0; n < row_bytes / 4; ++n)
          for (std::size_t i = 0; i < 4; ++i)
            row[n] += static_cast<std::uint32_t>(static_cast<OfA>(a.bytes[m][4 * k + i]) *
                                                 static_cast<OfB>(b.bytes[k][4 * n + i]));
      std::memcpy(sums.bytes[m], row, row_bytes);
    }
  }

  Tile tiles_[8];
};

/// The lanes of a vector of 64 bytes.
template <class T>
struct Lanes {
  T of[8];
};
using Doubles = Lanes<double>;
using Integers = Lanes<std::int64_t>;

/// f(lane) for all lanes.
template <class Function>
auto lanes(Function f) {
  Lanes<decltype(f(std::size_t{0}))> result;
  for (std::size_t i = 0; i < 8; ++i) result.of[i] = f(i);
  return result;
}

template <class T>
Lanes<T> operator+(const Lanes<T>& a, const Lanes<T>& b) {
  return lanes([&](std::size_t i) { return a.of[i] + b.of[i]; });
}
inline Doubles operator*(const Doubles& a, const Doubles& b) {
  return lanes([&](std::size_t i) { return a.of[i] * b.of[i]; });
}
inline Integers operator&(const Integers& a, const Integers& b) {
  return lanes([&](std::size_t i) { return a.of[i] & b.of[i]; });
}
inline Integers operator<<(const Integers& a, int bits) {
  return lanes([&](std::size_t i) { return a.of[i] << bits; });
}
inline Integers operator>>(const Integers& a, int bits) {
  return lanes([&](std::size_t i) { return a.of[i] >> bits; });
}

template <class T>
Lanes<T> splat(T value) {
  return lanes([=](std::size_t) { return value; });
}

template <class T>
Lanes<T> load_strided(const T* from, std::size_t stride, std::size_t count) {
  return lanes([=](std::size_t i) { return i < count ? from[i * stride] : T{0}; });
}
template <class T>
Lanes<T> load_first(const T* from, std::size_t count) {
  return load_strided(from, 1, count);
}
template <class T>
Lanes<T> load(const T* from) {
  return load_first(from, 8);
}
template <class T>
void store(void* to, const Lanes<T>& values) {
  std::memcpy(to, values.of, sizeof(values.of));
}
template <class T>
void store_first(T* to, std::size_t count, const Lanes<T>& values) {
  std::copy_n(values.of, count, to);
}

inline Doubles doubles_of(const std::int32_t* from) {
  return lanes([=](std::size_t i) { return static_cast<double>(from[i]); });
}
inline Integers integers_of(const std::int32_t* from) {
  return lanes([=](std::size_t i) { return std::int64_t{from[i]}; });
}
inline Integers to_nearest(const Doubles& values) {
  return lanes([&](std::size_t i) {
    const double whole = std::nearbyint(values.of[i]);
    return std::abs(whole) < 0x1p63 ? static_cast<std::int64_t>(whole)
                                    : std::numeric_limits<std::int64_t>::min();
  });
}
inline Doubles fma(const Doubles& a, const Doubles& b, const Doubles& c) {
  return lanes([&](std::size_t i) { return std::fma(a.of[i], b.of[i], c.of[i]); });
}

inline Integers magnitude_bits(const Doubles& values) {
  return lanes([&](std::size_t i) { return std::bit_cast<std::int64_t>(std::abs(values.of[i])); });
}
inline Integers larger(const Integers& a, const Integers& b) {
  return lanes([&](std::size_t i) { return std::max(a.of[i], b.of[i]); });
}
inline std::int64_t largest_lane(const Integers& values) {
  return *std::max_element(values.of, values.of + 8);
}
inline Integers count_outside(const Integers& count, const Doubles& values, double most) {
  return lanes(
      [&](std::size_t i) { return count.of[i] + std::int64_t{!(std::abs(values.of[i]) <= most)}; });
}

inline Integers slices_of(const Integers& q) {
  constexpr std::uint64_t middle = 0x8080'8080'8080'8080;
  return lanes([&](std::size_t i) {
    return static_cast<std::int64_t>((static_cast<std::uint64_t>(q.of[i]) + middle) ^ middle);
  });
}

inline void transpose(Integers (&rows)[8]) {
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t j = 0; j < i; ++j) std::swap(rows[i].of[j], rows[j].of[i]);
}

/// A vector as it is in memory.
using Bytes = std::array<std::uint8_t, 64>;

inline Integers rows_by_slice(const Integers& values) {
  const auto from = std::bit_cast<Bytes>(values);
  Bytes to;
  for (std::size_t i = 0; i < 64; ++i) to[i] = from[i % 8 * 8 + i / 8];
  return std::bit_cast<Integers>(to);
}

inline Integers transposed_quad(const std::uint8_t* from, std::size_t stride) {
  Bytes to;
  for (std::size_t i = 0; i < 64; ++i) to[i] = from[i % 4 * stride + i / 4];
  return std::bit_cast<Integers>(to);
}

inline void store_quad(const Integers (&column)[4], std::size_t pairs, std::size_t stride,
                       std::int8_t* to) {
  for (std::size_t n = 0; n < 4; ++n) {
    const auto bytes = std::bit_cast<Bytes>(column[n]);
    for (std::size_t slice = 0; slice < 2 * pairs; ++slice)
      for (std::size_t unit = 0; unit < 8; ++unit)
        to[slice / 2 * stride + (slice % 2 * 8 + unit) * 4 + n] =
            static_cast<std::int8_t>(bytes[unit * 8 + slice]);
  }
}

}  // namespace annmpi::device::cpu::kernels::plain
