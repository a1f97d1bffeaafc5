#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/gemm/dot.hpp"
#include "device/cpu/layers/activations.hpp"
#include "device/cpu/layers/losses.hpp"
#include "device/cpu/layers/small_layers.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

namespace kernels = device::cpu::kernels;

/// A trial step of a network of one hidden layer: the kernels together, at their arrays' ends.
struct Trial {
  Trial(std::size_t rows_, std::size_t units_, std::size_t classes_)
      : rows(rows_), units(units_), classes(classes_) {
    for (std::size_t i = 0; i < rows; ++i) labels.push_back(static_cast<std::int32_t>(i % classes));
    for (double& z : Z) z *= 8;
  }

  struct Result {
    std::vector<double> values, tangents, z, dz, delta;
    double loss, slope;
    bool operator==(const Result&) const = default;
  };

  [[nodiscard]] Result run() const {
    Result r{std::vector<double>(rows * units),
             std::vector<double>(rows * units),
             std::vector<double>(rows * classes),
             std::vector<double>(rows * classes),
             std::vector<double>(rows * classes),
             0,
             0};
    kernels::activate_along<double>(config::Activation::sigmoid, Z, D, step, r.values, r.values,
                                    r.tangents);
    kernels::affine_along<double>(rows, units, classes, r.values, r.tangents, parameters, direction,
                                  r.z, r.dz);
    r.loss = kernels::loss_and_delta(config::OutputUnit::sigmoid, r.z, labels, classes, r.delta);
    r.slope = kernels::fixed_order_dot(r.delta, r.dz);
    return r;
  }

  std::size_t rows, units, classes;
  double step = 0.3;
  std::vector<double> Z = random_numbers(rows * units, 31);
  std::vector<double> D = random_numbers(rows * units, 32);
  std::vector<double> parameters = random_numbers(classes * (1 + units), 33);
  std::vector<double> direction = random_numbers(classes * (1 + units), 34);
  std::vector<std::int32_t> labels;
};

TEST(Trial, CostAndSlopeAreThoseOfTheFormulas) {
  for (const std::size_t rows : {0, 1, 7, 8, 9, 96, 97})
    for (const std::size_t units : {1, 3, 8, 25})
      for (const std::size_t classes : {1, 2, 3, 4, 5, 10}) {
        const Trial trial(rows, units, classes);
        const Trial::Result result = trial.run();
        long double loss = 0;
        long double slope = 0;
        for (std::size_t i = 0; i < rows; ++i)
          for (std::size_t k = 0; k < classes; ++k) {
            const double* w = trial.parameters.data() + k * (1 + units);
            const double* v = trial.direction.data() + k * (1 + units);
            long double z = w[0];
            long double dz = v[0];
            for (std::size_t j = 0; j < units; ++j) {
              const long double D = trial.D[i * units + j];
              const long double a = 1 / (1 + std::exp(-(trial.Z[i * units + j] + trial.step * D)));
              z += w[1 + j] * a;
              dz += w[1 + j] * a * (1 - a) * D + v[1 + j] * a;
            }
            const long double y = static_cast<std::size_t>(trial.labels[i]) == k ? 1 : 0;
            loss += std::log1p(std::exp(z)) - y * z;
            slope += (1 / (1 + std::exp(-z)) - y) * dz;
          }
        // Terms of order 1 to 10, each of a chain of some 3 units + 20 roundings.
        const double tolerance =
            static_cast<double>(rows * classes * (3 * units + 20)) * 10 * rounding64;
        EXPECT_NEAR(result.loss, static_cast<double>(loss), tolerance);
        EXPECT_NEAR(result.slope, static_cast<double>(slope), tolerance);
      }
}

TEST(Trial, SameBitsOnEverySimdTarget) {
  for (const std::size_t rows : {1, 13, 96})
    for (const std::size_t classes : {1, 3, 6}) {
      const Trial trial(rows, 5, classes);
      const Trial::Result best = trial.run();
      for_each_simd_target([&](const char* name) { ASSERT_TRUE(trial.run() == best) << name; });
    }
}

}  // namespace
}  // namespace annmpi::tests
