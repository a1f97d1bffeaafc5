#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <span>

#include <gtest/gtest.h>

#include "device/cpu/simd/each_simd_target.hpp"
#include "device/cpu/simd/vector_math.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

namespace kernels = device::cpu::kernels;
using Doubles = std::numeric_limits<double>;

struct Function {
  const char* name;
  void (*kernel)(std::span<const double>, std::span<double>);
  long double (*reference)(long double);
  double ulps;  ///< what vector_math.hpp promises
};

const std::vector<Function> functions = {
    {"exp", kernels::exp, [](long double x) { return std::exp(x); }, 1.25},
    {"sigmoid", kernels::sigmoid,
     [](long double x) {
       const long double decay = std::exp(-std::abs(x));
       return (x < 0 ? decay : 1.0L) / (1.0L + decay);
     },
     2.25},
    {"tanh", kernels::tanh, [](long double x) { return std::tanh(x); }, 3},
    {"softplus_tail", kernels::softplus_tail,
     [](long double x) { return std::log1p(std::exp(-std::abs(x))); }, 2},
};

std::vector<double> evaluate(const Function& function, const std::vector<double>& x) {
  std::vector<double> out(x.size());
  function.kernel(x, out);
  return out;
}

/// Arguments where these functions change, of every magnitude, and where they end.
std::vector<double> arguments() {
  std::vector<double> x = {0.0,
                           -0.0,
                           Doubles::min(),
                           -Doubles::min(),
                           1e-320,
                           -1e-320,
                           Doubles::max(),
                           Doubles::lowest(),
                           709.782,
                           709.783,
                           -708.396,
                           -708.397,
                           -745.133,
                           -745.134,
                           22.0,
                           std::nextafter(22.0, 23.0),
                           710.0,
                           -746.0,
                           Doubles::epsilon(),
                           -Doubles::epsilon()};
  std::mt19937 generator(21);
  for (const double range : {0.4, 1.0, 5.0, 40.0, 750.0}) {
    std::uniform_real_distribution<double> uniform(-range, range);
    for (int i = 0; i < 40000; ++i) x.push_back(uniform(generator));
  }
  std::uniform_real_distribution<double> exponent(-1074, 11);
  for (int i = 0; i < 20000; ++i) x.push_back((i % 2 ? -1 : 1) * std::exp2(exponent(generator)));
  for (int n = -1080; n <= 1030; ++n)  // where exp's power of two changes
    for (const double side : {-1e-12, 0.0, 1e-12}) x.push_back((n + 0.5) * std::log(2.0) + side);
  return x;
}

/// One unit in the last place at `value`.
long double last_place(long double value) {
  const double size = std::min(static_cast<double>(std::abs(value)), Doubles::max());
  return size < Doubles::min() ? Doubles::denorm_min()
                               : std::ldexp(1.0L, std::ilogb(size) - (Doubles::digits - 1));
}

TEST(VectorMath, ErrorsAreWithinTheStatedUlps) {
  const std::vector<double> x = arguments();
  for (const Function& function : functions) {
    const std::vector<double> out = evaluate(function, x);
    long double largest = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double expected = function.reference(x[i]);
      if (expected > Doubles::max()) {
        ASSERT_EQ(out[i], Doubles::infinity()) << function.name << "(" << x[i] << ")";
        continue;
      }
      const long double error = std::abs(out[i] - expected) / last_place(expected);
      ASSERT_LE(error, function.ulps) << function.name << "(" << x[i] << ") = " << out[i];
      largest = std::max(largest, error);
    }
    RecordProperty(function.name, std::to_string(static_cast<double>(largest)));
  }
}

TEST(VectorMath, LimitsAreRight) {
  const double infinity = Doubles::infinity();
  const std::vector<double> x = {infinity, -infinity, 800.0, -800.0, 0.0, -0.0};
  const std::vector<std::vector<double>> expected = {{infinity, 0, infinity, 0, 1, 1},
                                                     {1, 0, 1, 0, 0.5, 0.5},
                                                     {1, -1, 1, -1, 0.0, -0.0},
                                                     {0, 0, 0, 0, std::log(2.0), std::log(2.0)}};
  for (std::size_t f = 0; f < functions.size(); ++f)
    EXPECT_EQ(evaluate(functions[f], x), expected[f]) << functions[f].name;
  const std::vector<double> zeros = evaluate(functions[2], {0.0, -0.0});
  EXPECT_FALSE(std::signbit(zeros[0]));
  EXPECT_TRUE(std::signbit(zeros[1]));
}

TEST(VectorMath, NaNGivesNaNAndLeavesItsNeighboursAlone) {
  for (const Function& function : functions)
    for (std::size_t place = 0; place < 19; ++place) {
      std::vector<double> x(19, 0.25);
      const std::vector<double> clean = evaluate(function, x);
      x[place] = Doubles::quiet_NaN();
      const std::vector<double> out = evaluate(function, x);
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (i == place)
          EXPECT_TRUE(std::isnan(out[i])) << function.name;
        else
          EXPECT_EQ(out[i], clean[i]) << function.name;
      }
    }
}

TEST(VectorMath, SameBitsAtAnyPlaceOfASpan) {
  const std::vector<double> x = random_numbers(40, 22);
  for (const Function& function : functions) {
    const std::vector<double> whole = evaluate(function, x);
    for (std::size_t first = 0; first < x.size(); ++first)
      for (std::size_t count = 0; first + count <= x.size(); ++count) {
        std::vector<double> part(x.begin() + static_cast<std::ptrdiff_t>(first),
                                 x.begin() + static_cast<std::ptrdiff_t>(first + count));
        function.kernel(part, part);  // in place
        ASSERT_TRUE(std::ranges::equal(part, std::span(whole).subspan(first, count)));
      }
  }
}

TEST(VectorMath, SameBitsOnEverySimdTarget) {
  const std::vector<double> x = arguments();
  for (const Function& function : functions) {
    const std::vector<double> best = evaluate(function, x);
    for_each_simd_target([&](const char* name) {
      ASSERT_EQ(evaluate(function, x), best) << name << ", " << function.name;
    });
  }
}

TEST(VectorMath, LogarithmsFromOneAreWithinTheStatedUlps) {
  std::vector<double> x = {
      1.0, std::nextafter(1.0, 2.0), 2.0, std::nextafter(2.0, 1.0), 10.0, 1e300, Doubles::max()};
  std::mt19937 generator(23);
  for (const double range : {0.001, 1.0, 9.0, 1000.0}) {
    std::uniform_real_distribution<double> uniform(0, range);
    for (int i = 0; i < 20000; ++i) x.push_back(1 + uniform(generator));
  }
  std::vector<double> best(x.size()), out(x.size());
  kernels::log_from_one(x, best);
  EXPECT_EQ(best[0], 0.0);
  for (std::size_t i = 1; i < x.size(); ++i) {
    const long double expected = std::log(static_cast<long double>(x[i]));
    ASSERT_LE(std::abs(best[i] - expected) / last_place(expected), 2) << x[i];
  }
  for_each_simd_target([&](const char* name) {
    kernels::log_from_one(x, out);
    ASSERT_EQ(out, best) << name;
  });
  const std::vector<double> wrong = {Doubles::infinity(), Doubles::quiet_NaN(), 3.0};
  out.resize(3);
  kernels::log_from_one(wrong, out);
  EXPECT_TRUE(std::isnan(out[0]));
  EXPECT_TRUE(std::isnan(out[1]));
  EXPECT_TRUE(std::isfinite(out[2]));
}

}  // namespace
}  // namespace annmpi::tests
