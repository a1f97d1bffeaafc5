#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/io/element_type.hpp"

namespace annmpi::tests {

#define ANNMPI_NEXT(name, Type) , Type
template <class, class... Types>
using TypesBehindFirst = ::testing::Types<Types...>;
/// Every type that features may have, for typed tests.
using FeatureTypes = TypesBehindFirst<void ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_NEXT)>;
#undef ANNMPI_NEXT

/// Random features as a file has them: whole numbers up to the largest, or numbers of either sign.
template <class T>
std::vector<T> random_features(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<T> values(count);
  for (T& value : values) {
    if constexpr (std::is_integral_v<T>)
      value = static_cast<T>(generator() & std::numeric_limits<T>::max());
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

constexpr double epsilon = std::numeric_limits<double>::epsilon();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Of bytes, as tests of layers use it.
constexpr double feature_scale = 1.0 / 255.0;

/// A layer's gradient, in rows of [b | W], where only the first unit has a bound that holds.
inline void expect_nan_but_in_first_unit(const std::vector<double>& gradient, std::size_t inputs,
                                         double first) {
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    if (i <= inputs)
      EXPECT_EQ(gradient[i], first) << i;
    else
      EXPECT_TRUE(std::isnan(gradient[i])) << "unit " << i / (1 + inputs);
  }
}

/// Half the distance from 1 to the next number.
constexpr double rounding64 = 0x1p-53;
constexpr double rounding32 = 0x1p-24;

}  // namespace annmpi::tests
