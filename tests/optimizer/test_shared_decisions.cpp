#include <cmath>
#include <cstddef>
#include <cstring>
#include <deque>
#include <limits>
#include <random>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"

#include "optimizer/conjugate_gradient.hpp"
#include "optimizer/functions.hpp"
#include "optimizer/lbfgs.hpp"
#include "support/analytic_objective.hpp"

// Two ranks without MPI: the deciding one runs first and its messages are recorded; the other one
// then replays them.
namespace annmpi {
namespace {

using Message = std::vector<std::byte>;

Decide recording(std::deque<Message>& messages) {
  return {true,
          [&](std::span<std::byte> bytes) { messages.emplace_back(bytes.begin(), bytes.end()); }};
}

Decide replaying(std::deque<Message>& messages) {
  return {false, [&](std::span<std::byte> bytes) {
            ASSERT_FALSE(messages.empty()) << "more decisions than on the deciding rank";
            ASSERT_EQ(messages.front().size(), bytes.size());
            std::memcpy(bytes.data(), messages.front().data(), bytes.size());
            messages.pop_front();
          }};
}

/// Perturbs every probe by up to a billionth, as another machine might.
void perturb(tests::AnalyticObjective& objective) {
  objective.spoil_probe = [random = std::mt19937(7)](double, Probe& probe) mutable {
    std::uniform_real_distribution<double> factor(1.0 - 1e-9, 1.0 + 1e-9);
    probe.cost *= factor(random);
    probe.slope *= factor(random);
  };
}

std::vector<Iteration> iterate(Method& method, int count) {
  std::vector<Iteration> iterations{method.start()};
  for (int k = 0; k < count; ++k) iterations.push_back(method.iterate());
  return iterations;
}

template <class Method>
void expect_ranks_to_stay_together(int count) {
  std::deque<Message> messages;
  tests::AnalyticObjective leading(tests::rosenbrock, tests::rosenbrock_start(10));
  Method leader(leading, recording(messages));
  const auto led = iterate(leader, count);

  tests::AnalyticObjective following(tests::rosenbrock, tests::rosenbrock_start(10));
  perturb(following);
  Method follower(following, replaying(messages));
  const auto followed = iterate(follower, count);

  EXPECT_TRUE(messages.empty());
  EXPECT_EQ(following.theta, leading.theta);  // equal bits
  EXPECT_EQ(following.commits, leading.commits);
  EXPECT_EQ(following.gradients_at, leading.gradients_at);
  for (std::size_t k = 0; k < led.size(); ++k) {
    EXPECT_EQ(followed[k].outcome, led[k].outcome);
    EXPECT_EQ(followed[k].cost, led[k].cost);
    EXPECT_EQ(followed[k].gradient_norm, led[k].gradient_norm);
    EXPECT_EQ(followed[k].step, led[k].step);
    EXPECT_EQ(followed[k].evaluations, led[k].evaluations);
    EXPECT_EQ(followed[k].iteration, led[k].iteration);
  }
  EXPECT_EQ(following.space().dots_computed, 0);  // only the deciding rank computes them
}

TEST(SharedDecisions, KeepRanksTogetherWhoseProbesDiffer) {
  expect_ranks_to_stay_together<ConjugateGradient>(100);
  expect_ranks_to_stay_together<Lbfgs>(60);
}

TEST(SharedDecisions, AreNecessaryForThat) {
  // Without shared decisions the perturbed rank diverges, so the test above can fail.
  tests::AnalyticObjective alone(tests::rosenbrock, tests::rosenbrock_start(10));
  ConjugateGradient method(alone, Decide());
  iterate(method, 100);
  tests::AnalyticObjective perturbed(tests::rosenbrock, tests::rosenbrock_start(10));
  perturb(perturbed);
  ConjugateGradient other(perturbed, Decide());
  iterate(other, 100);
  EXPECT_NE(perturbed.theta, alone.theta);
}

TEST(SharedDecisions, AreOnePerTrialPerCandidateAndPerLine) {
  constexpr int count = 50;
  std::deque<Message> messages;
  tests::AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  ConjugateGradient method(objective, recording(messages));
  iterate(method, count);
  const std::size_t expected =
      1 + count + objective.probes.size() + objective.gradients_at.size();  // 1 for the start
  EXPECT_EQ(messages.size(), expected);
  // A few bytes each: point and answer, no vectors.
  for (const auto& message : messages) EXPECT_LE(message.size(), 128U);
}

TEST(SharedDecisions, OfLbfgsIncludePairsAndCoefficients) {
  constexpr int count = 30;
  std::deque<Message> messages;
  tests::AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  Lbfgs method(objective, recording(messages));
  iterate(method, count);
  // Two for the start; per iteration the line's first step, the pair's worth, and, but for the
  // first direction, coefficients.
  const std::size_t expected =
      2 + 3 * count - 1 + objective.probes.size() + objective.gradients_at.size();
  EXPECT_EQ(messages.size(), expected);
  for (const auto& message : messages) EXPECT_LE(message.size(), (2 * 10 + 2) * sizeof(double));
}

TEST(SharedDecisions, RejectABadStartOnEveryRank) {
  const auto spoiled = [](const std::vector<double>&, std::vector<double>& gradient) {
    gradient.assign(gradient.size(), 1.0);
    return std::numeric_limits<double>::infinity();
  };
  std::deque<Message> messages;
  tests::AnalyticObjective leading(spoiled, {1.0});
  ConjugateGradient leader(leading, recording(messages));
  EXPECT_THROW(leader.start(), Error);
  // The other rank's own cost would be fine.
  tests::AnalyticObjective following(tests::rosenbrock, {0.0});
  ConjugateGradient follower(following, replaying(messages));
  EXPECT_THROW(follower.start(), Error);
}

}  // namespace
}  // namespace annmpi
