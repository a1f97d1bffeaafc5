#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/layers/small_layers.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

namespace kernels = device::cpu::kernels;

template <class Real>
std::vector<Real> reals(std::size_t count, unsigned seed) {
  const std::vector<double> numbers = random_numbers(count, seed);
  return {numbers.begin(), numbers.end()};
}

/// A layer on a chunk of rows, with everything that its kernels read and write.
template <class Real>
struct SmallLayer {
  SmallLayer(std::size_t rows_, std::size_t inputs_, std::size_t outputs_)
      : rows(rows_), inputs(inputs_), outputs(outputs_) {}

  struct Result {
    std::vector<Real> z, along, dz, below, gradient;
    bool operator==(const Result&) const = default;
  };

  [[nodiscard]] Result run() const {
    using In = std::span<const Real>;
    using Out = std::span<Real>;
    Result r{std::vector<Real>(rows * outputs), std::vector<Real>(rows * outputs),
             std::vector<Real>(rows * outputs), std::vector<Real>(rows * inputs), direction};
    kernels::affine(rows, inputs, outputs, In(values), In(parameters), Out(r.z));
    kernels::affine_along(rows, inputs, outputs, In(values), In(tangents), In(parameters),
                          In(direction), Out(r.along), Out(r.dz));
    kernels::pull_back(rows, inputs, outputs, In(delta), In(parameters), Out(r.below));
    kernels::add_gradient(rows, inputs, outputs, In(values), In(delta), Out(r.gradient));
    return r;
  }

  std::size_t rows, inputs, outputs;
  std::vector<Real> values = reals<Real>(rows * inputs, 61);
  std::vector<Real> tangents = reals<Real>(rows * inputs, 62);
  std::vector<Real> delta = reals<Real>(rows * outputs, 63);
  std::vector<Real> parameters = reals<Real>(outputs * (1 + inputs), 64);
  std::vector<Real> direction = reals<Real>(outputs * (1 + inputs), 65);
};

template <class Real, class Check>
void for_shapes(Check&& check) {
  for (const std::size_t rows : {0, 1, 7, 8, 9, 96, 97})
    for (const std::size_t inputs : {1, 3, 8, 25, 32})
      for (const std::size_t outputs : {1, 2, 3, 4, 5, 10})
        check(SmallLayer<Real>(rows, inputs, outputs));
}

template <class Real>
class SmallLayers : public ::testing::Test {};
using Precisions = ::testing::Types<double, float>;
TYPED_TEST_SUITE(SmallLayers, Precisions);

TYPED_TEST(SmallLayers, FollowTheirFormulas) {
  using Real = TypeParam;
  for_shapes<Real>([](const SmallLayer<Real>& layer) {
    const auto result = layer.run();
    const std::size_t row_length = 1 + layer.inputs;
    // Chains of so many terms of at most 1, from a start of at most 1.
    const auto tolerance = [](std::size_t terms) {
      return static_cast<double>((terms + 1) * (terms + 1)) * 0.5 *
             static_cast<double>(std::numeric_limits<Real>::epsilon());
    };
    std::vector<long double> gradient(layer.direction.begin(), layer.direction.end());
    for (std::size_t i = 0; i < layer.rows; ++i) {
      const Real* const a = layer.values.data() + i * layer.inputs;
      const Real* const da = layer.tangents.data() + i * layer.inputs;
      std::vector<long double> below(layer.inputs);
      for (std::size_t k = 0; k < layer.outputs; ++k) {
        const Real* const w = layer.parameters.data() + k * row_length;
        const Real* const v = layer.direction.data() + k * row_length;
        const long double delta = layer.delta[i * layer.outputs + k];
        long double z = w[0];
        long double dz = v[0];
        gradient[k * row_length] += delta;
        for (std::size_t j = 0; j < layer.inputs; ++j) {
          z += static_cast<long double>(w[1 + j]) * a[j];
          dz += static_cast<long double>(w[1 + j]) * da[j] +
                static_cast<long double>(v[1 + j]) * a[j];
          below[j] += delta * w[1 + j];
          gradient[k * row_length + 1 + j] += delta * a[j];
        }
        const std::size_t place = i * layer.outputs + k;
        ASSERT_NEAR(result.z[place], static_cast<double>(z), tolerance(layer.inputs));
        ASSERT_EQ(result.along[place], result.z[place]);
        ASSERT_NEAR(result.dz[place], static_cast<double>(dz), tolerance(2 * layer.inputs));
      }
      for (std::size_t j = 0; j < layer.inputs; ++j)
        ASSERT_NEAR(result.below[i * layer.inputs + j], static_cast<double>(below[j]),
                    tolerance(layer.outputs));
    }
    for (std::size_t e = 0; e < gradient.size(); ++e)
      ASSERT_NEAR(result.gradient[e], static_cast<double>(gradient[e]), tolerance(layer.rows));
  });
}

TYPED_TEST(SmallLayers, GiveTheSameBitsOnEverySimdTarget) {
  for (const std::size_t rows : {1, 13, 96})
    for (const std::size_t outputs : {1, 3, 6}) {
      const SmallLayer<TypeParam> layer(rows, 13, outputs);
      const auto best = layer.run();
      for_each_simd_target([&](const char* name) { ASSERT_TRUE(layer.run() == best) << name; });
    }
}

TYPED_TEST(SmallLayers, KeepRowsApart) {
  const SmallLayer<TypeParam> all(23, 8, 3);
  const auto whole = all.run();
  for (std::size_t i = 0; i < all.rows; ++i) {
    SmallLayer<TypeParam> one(1, 8, 3);
    std::ranges::copy(std::span(all.values).subspan(i * 8, 8), one.values.begin());
    std::ranges::copy(std::span(all.tangents).subspan(i * 8, 8), one.tangents.begin());
    std::ranges::copy(std::span(all.delta).subspan(i * 3, 3), one.delta.begin());
    const auto row = one.run();
    EXPECT_TRUE(std::ranges::equal(row.z, std::span(whole.z).subspan(i * 3, 3)));
    EXPECT_TRUE(std::ranges::equal(row.dz, std::span(whole.dz).subspan(i * 3, 3)));
    EXPECT_TRUE(std::ranges::equal(row.below, std::span(whole.below).subspan(i * 8, 8)));
  }
}

}  // namespace
}  // namespace annmpi::tests
