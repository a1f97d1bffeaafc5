#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <type_traits>
#include <vector>

namespace annmpi::tests {

/// Random features as a file has them: bytes, or numbers of either sign.
template <class T>
std::vector<T> random_features(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<T> values(count);
  for (T& value : values) {
    if constexpr (std::is_same_v<T, std::uint8_t>)
      value = static_cast<T>(generator() & 0xff);
    else
      value = static_cast<T>(std::normal_distribution<double>(0.0, 2.0)(generator));
  }
  return values;
}

inline std::vector<double> random_numbers(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<double> uniform(-1.0, 1.0);
  std::vector<double> values(count);
  for (double& value : values) value = uniform(generator);
  return values;
}

/// Half the distance from 1 to the next number.
constexpr double rounding64 = 0x1p-53;
constexpr double rounding32 = 0x1p-24;

}  // namespace annmpi::tests
