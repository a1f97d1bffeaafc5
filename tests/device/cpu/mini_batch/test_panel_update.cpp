#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "device/cpu/layers/activations.hpp"
#include "device/cpu/mini_batch/panel_update.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "support/layer_data.hpp"

namespace annmpi::tests {
namespace {

using namespace device::cpu::kernels;

constexpr std::size_t count = 48;

template <class Real>
std::vector<Real> reals(std::uint32_t seed) {
  std::vector<Real> values;
  for (const double value : random_numbers(count, seed)) values.push_back(static_cast<Real>(value));
  return values;
}

/// The formulas of rules/updates/, one element at a time and rounded as the kernels round.
template <class Real>
void move_one(const ParameterUpdate& u, Real g, Real& state1, Real& state2, Real& w) {
  const auto real = [](double value) { return static_cast<Real>(value); };
  const Real momentum = real(u.constants.momentum), epsilon = real(u.constants.epsilon);
  const Real beta1 = real(u.constants.beta1), share1 = real(1 - u.constants.beta1);
  const Real beta2 = real(u.constants.beta2), share2 = real(1 - u.constants.beta2);
  const Real kept = u.decay == 0 ? w : real(1 - u.decay) * w;
  const Real step = real(-u.rate) * g;
  switch (u.rule) {
    case UpdateRule::sgd:
      if (u.constants.momentum == 0) {
        w += step;
        return;
      }
      state1 = std::fma(momentum, state1, step);
      w += u.constants.nesterov ? std::fma(momentum, state1, step) : state1;
      return;
    case UpdateRule::adam:
      state1 = std::fma(beta1, state1, share1 * g);
      state2 = std::fma(beta2, state2, share2 * (g * g));
      w = std::fma(
          real(-u.rate / u.correction1),
          state1 / std::fma(std::sqrt(state2), real(1 / std::sqrt(u.correction2)), epsilon), kept);
      return;
    case UpdateRule::adagrad:
      state1 = std::fma(g, g, state1);
      w = std::fma(real(-u.rate), g / (std::sqrt(state1) + epsilon), w);
      return;
    case UpdateRule::rmsprop:
      state1 = std::fma(beta2, state1, share2 * (g * g));
      w = std::fma(real(-u.rate), g / (std::sqrt(state1) + epsilon), w);
      return;
    case UpdateRule::lion:
      w = std::fma(real(-u.rate), std::copysign(Real{1}, std::fma(beta1, state1, share1 * g)),
                   kept);
      state1 = std::fma(beta2, state1, share2 * g);
      return;
  }
}

template <class Real>
void expect_moved(const ParameterUpdate& update) {
  const std::vector<Real> g = reals<Real>(1);
  std::vector<Real> state1 = reals<Real>(2), state2 = reals<Real>(3), w = reals<Real>(4);
  for (auto* state : {&state1, &state2})
    for (Real& value : *state) value = std::abs(value);  // some are sums of squares
  const auto state1_before = state1, state2_before = state2, w_before = w;
  for (std::size_t i = 0; i < count; ++i) move_one(update, g[i], state1[i], state2[i], w[i]);
  for_each_simd_target([&](const char* name) {
    std::vector<Real> s1 = state1_before, s2 = state2_before, moved = w_before;
    apply_update<Real>(update, g, states_of(update) > 0 ? s1.data() : nullptr, s2.data(),
                       std::span(moved));
    EXPECT_EQ(moved, w) << name;
    EXPECT_EQ(s1, state1) << name;
    EXPECT_EQ(s2, state2) << name;
  });
}

TEST(PanelUpdate, IsTheFormulaOnEveryTarget) {
  const ParameterUpdate adam{.rule = UpdateRule::adam,
                             .rate = 0.01,
                             .constants = {.beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8},
                             .correction1 = 0.19,
                             .correction2 = 0.02};
  ParameterUpdate decaying = adam;
  decaying.decay = 0.003;
  for (const ParameterUpdate& update :
       {ParameterUpdate{.rate = 0.1}, ParameterUpdate{.rate = 0.1, .constants = {.momentum = 0.9}},
        ParameterUpdate{.rate = 0.1, .constants = {.momentum = 0.9, .nesterov = true}}, adam,
        decaying}) {
    expect_moved<float>(update);
    expect_moved<double>(update);
  }
  for (std::size_t i = 0; i < rules::update_rule_names.size(); ++i) {
    SCOPED_TRACE(rules::update_rule_names[i]);
    const auto rule = static_cast<UpdateRule>(i);
    const ParameterUpdate update{
        .rule = rule, .rate = 0.01, .constants = rules::defaults_of(rule).constants, .decay = 0.01};
    expect_moved<float>(update);
    expect_moved<double>(update);
  }
}

template <class Real>
void expect_finished() {
  const std::vector<Real> w = reals<Real>(1), sums = reals<Real>(2);
  for (const double penalty : {0.0, 0.25}) {
    std::vector<Real> expected;
    Real largest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Real mean = sums[i] * static_cast<Real>(0.1);
      expected.push_back(penalty == 0 ? mean : std::fma(static_cast<Real>(penalty), w[i], mean));
      largest = std::max(largest, std::abs(expected.back()));
    }
    for_each_simd_target([&](const char* name) {
      std::vector<Real> g = sums;
      EXPECT_EQ(finish_gradient<Real>(0.1, penalty, w, std::span(g)), static_cast<double>(largest))
          << name;
      EXPECT_EQ(g, expected) << name;
      g[17] = std::numeric_limits<Real>::quiet_NaN();
      EXPECT_TRUE(std::isnan(finish_gradient<Real>(0.1, penalty, w, std::span(g)))) << name;
    });
  }
}

TEST(PanelUpdate, FinishesGradientsAndDetectsNaN) {
  expect_finished<float>();
  expect_finished<double>();
}

TEST(PanelUpdate, SumsSquaresInOneOrderOnEveryTarget) {
  const std::vector<float> g = reals<float>(1);
  long double exact = 0;
  for (const float value : g) exact += static_cast<long double>(value) * value;
  const double first = sum_of_squares(std::span<const float>(g));
  EXPECT_NEAR(first, static_cast<double>(exact), 1e-14 * static_cast<double>(exact));
  for_each_simd_target([&](const char* name) {
    EXPECT_EQ(sum_of_squares(std::span<const float>(g)), first) << name;
  });
}

TEST(FloatActivations, MoveAlongALineInDoubles) {
  for (const std::size_t length : {1, 7, 16, 33}) {
    std::vector<double> Z(length), D(length);
    for (std::size_t i = 0; i < length; ++i) {
      Z[i] = 1e8 + static_cast<double>(i);
      D[i] = -1 - static_cast<double>(i) / 64;
    }
    std::vector<float> z(length), values(length), tangents(length);
    device::cpu::kernels::move_along(Z, D, 1e8, std::span(z));
    activate_along(rules::Activation::tanh, Z, D, 1e8, std::span(values), std::span(values),
                   std::span(tangents));
    for (std::size_t i = 0; i < length; ++i) {
      const double exact = std::fma(1e8, D[i], Z[i]);  // floats alone would lose all of it
      EXPECT_EQ(z[i], static_cast<float>(exact));
      const double a = std::tanh(exact);
      EXPECT_NEAR(values[i], a, 3 * 0x1p-23);
      EXPECT_NEAR(tangents[i], (1 - a * a) * D[i], 8 * 0x1p-23 * std::abs(D[i]));
    }
  }
}

}  // namespace
}  // namespace annmpi::tests
