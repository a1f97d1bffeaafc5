#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/byte_slices.hpp"

// References for products of bytes in integers (annmpi/base/byte_slices.hpp).
namespace annmpi::tests {

/// Wide enough for every sum here.
__extension__ using Wide = __int128;

/// q of a value: the integer that its `count` slices represent.
inline Wide whole(double value, double bound, std::size_t count) {
  return std::llrint(value * byte_slices::scale_for(bound, count).to_whole);
}
inline double from_whole(Wide sum, double bound, std::size_t count) {
  return static_cast<double>(sum) * byte_slices::scale_for(bound, count).from_whole;
}

/// A layer with a unit for each kind of weight: it stands in column 3, 1 in column 69 and 0
/// elsewhere; the bias is 0.5. Of two rows of features the first has 2 and 10 there, the second 0.
struct SpecialWeights {
  static constexpr std::size_t inputs = 70;
  static constexpr std::size_t rows = 2;
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr double nan = std::numeric_limits<double>::quiet_NaN();

  SpecialWeights() : X(rows * inputs) {
    for (const double weight : special) {
      std::vector<double> row(1 + inputs);
      row[0] = 0.5;
      row[1 + 3] = weight;
      row[1 + 69] = std::abs(weight) < 1e-300 && weight != 0 ? 0.0 : 1.0;
      parameters.insert(parameters.end(), row.begin(), row.end());
    }
    X[3] = 2;
    X[69] = 10;
  }

  [[nodiscard]] std::size_t units() const { return special.size(); }

  /// Z [rows, units] with eight slices and a feature scale of 1.
  void expect(const std::vector<double>& Z) const {
    for (std::size_t j = 0; j < units(); ++j)
      if (std::isnan(expected[j])) {
        EXPECT_TRUE(std::isnan(Z[j])) << special[j];
      } else {
        EXPECT_EQ(Z[j], expected[j]) << special[j];
        EXPECT_EQ(Z[units() + j], 0.5) << special[j];
      }
  }

  std::vector<double> special{0.0,    1e300, 0x1p-61,  0x1p-64,   -1e-310,
                              1e-310, nan,   infinity, -infinity, 5.0};
  std::vector<double> expected{10.5, 2e300, 10.5 + 0x1p-60, 10.5, 0.5, 0.5, nan, nan, nan, 20.5};
  std::vector<double> parameters;
  std::vector<std::uint8_t> X;
};

}  // namespace annmpi::tests
