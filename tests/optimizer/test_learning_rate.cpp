#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "annmpi/optimizer/learning_rate.hpp"
#include "annmpi/optimizer/stochastic_update.hpp"

namespace annmpi {
namespace {

TEST(LearningRate, IsConstantByDefault) {
  const LearningRate rate{.base = 0.1, .steps_per_epoch = 10, .epochs = 3};
  for (const std::int64_t step : {0, 1, 29}) EXPECT_EQ(rate.at(step), 0.1);
}

TEST(LearningRate, RisesLinearlyDuringTheWarmUp) {
  const LearningRate rate{.base = 0.1, .steps_per_epoch = 10, .epochs = 3, .warmup_epochs = 0.5};
  for (int step = 0; step < 5; ++step) EXPECT_DOUBLE_EQ(rate.at(step), 0.1 * (step + 1) / 5);
  EXPECT_EQ(rate.at(5), 0.1);
}

TEST(LearningRate, DropsByStepFactor) {
  const LearningRate rate{.base = 0.1,
                          .schedule = rules::Schedule::step,
                          .steps_per_epoch = 10,
                          .epochs = 9,
                          .step_epochs = 3,
                          .step_factor = 0.5};
  EXPECT_EQ(rate.at(0), 0.1);
  EXPECT_EQ(rate.at(29), 0.1);
  EXPECT_EQ(rate.at(30), 0.05);
  EXPECT_EQ(rate.at(89), 0.025);
}

TEST(LearningRate, FollowsHalfACosine) {
  const LearningRate rate{.base = 2.0,
                          .schedule = rules::Schedule::cosine,
                          .steps_per_epoch = 10,
                          .epochs = 5,
                          .warmup_epochs = 1,
                          .final_factor = 0.1};
  for (int step = 10; step <= 50; ++step) {
    const double part = (step - 10) / 40.0;
    EXPECT_NEAR(rate.at(step), 2 * (0.1 + 0.9 * (1 + std::cos(std::numbers::pi * part)) / 2),
                1e-15);
  }
  EXPECT_EQ(rate.at(10), 2.0);
  EXPECT_NEAR(rate.at(51), 0.2, 1e-15);  // and not beyond
}

TEST(WholePower, AgreesWithThePowerFunction) {
  for (const double x : {0.9, 0.999, 0.5, 1.5})
    for (const std::int64_t n : {0, 1, 2, 3, 17, 1000})
      EXPECT_NEAR(whole_power(x, n) / std::pow(x, static_cast<double>(n)), 1.0, 1e-13);
}

TEST(StochasticMethod, ComputesAdamsBiasCorrectionsFromTheStep) {
  const StochasticMethod adam{.rule = UpdateRule::adam,
                              .rate = {.base = 0.01},
                              .constants = {.beta1 = 0.9, .beta2 = 0.99, .weight_decay = 0.5}};
  EXPECT_DOUBLE_EQ(adam.at(0).correction1, 0.1);
  EXPECT_NEAR(adam.at(0).correction2, 0.01, 1e-16);
  EXPECT_DOUBLE_EQ(adam.at(1).correction1, 0.19);
  EXPECT_DOUBLE_EQ(adam.at(4).decay, 0.005);
}

TEST(StochasticMethod, KeepsAVelocityOnlyWithMomentum) {
  EXPECT_EQ(states_of(StochasticMethod{}.at(0)), 0);
  EXPECT_EQ(states_of(StochasticMethod{.constants = {.momentum = 0.9}}.at(0)), 1);
  EXPECT_EQ(states_of(StochasticMethod{.rule = UpdateRule::adam}.at(0)), 2);
}

}  // namespace
}  // namespace annmpi
