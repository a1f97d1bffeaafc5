#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"

#include "optimizer/functions.hpp"
#include "optimizer/lbfgs.hpp"
#include "optimizer/minimise.hpp"
#include "optimizer/reports.hpp"
#include "support/analytic_objective.hpp"

namespace annmpi {
namespace {

using tests::AnalyticObjective;
using tests::minimise;
using Outcome = Iteration::Outcome;

class LbfgsRosenbrock : public testing::TestWithParam<std::tuple<std::size_t, std::int64_t>> {};

TEST_P(LbfgsRosenbrock, IsMinimised) {
  const auto [dimension, memory] = GetParam();
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(dimension));
  Lbfgs method(objective, Decide(), {.memory = memory});
  const Iteration end = minimise(method);
  EXPECT_EQ(end.outcome, Outcome::converged);
  // As for conjugate gradients: the least eigenvalue of the Hessian is more than 0.39.
  const double bound = std::sqrt(static_cast<double>(dimension)) * 1e-5 / 0.39;
  for (const double x : objective.theta) EXPECT_NEAR(x, 1.0, bound);
}

// One pair, and more pairs than there are dimensions.
INSTANTIATE_TEST_SUITE_P(Lbfgs, LbfgsRosenbrock,
                         testing::Combine(testing::Values(2U, 10U, 100U),
                                          testing::Values(1, 3, 10, 200)));

/// Distances from a quadratic's minimum are at most this: sqrt(n) tolerance / least eigenvalue.
double distance_bound(std::size_t n, double tolerance) {
  const double eigenvalue = 2 - 2 * std::cos(std::acos(-1.0) / static_cast<double>(n + 1));
  return std::sqrt(static_cast<double>(n)) * tolerance / eigenvalue;
}

TEST(Lbfgs, EqualsConjugateGradientsOnAQuadraticWithExactLineSearches) {
  // With exact searches L-BFGS is conjugate gradients, whatever its memory (Nocedal and Wright,
  // section 7.2): the symmetry of the start leaves n / 2 steps.
  constexpr std::size_t n = 40;
  for (const std::int64_t memory : {1, 2, 10, 40}) {
    AnalyticObjective objective(tests::quadratic, std::vector<double>(n, 0.0));
    Lbfgs method(
        objective, Decide(),
        {.descent = {.gradient_tolerance = 1e-5, .c1 = 1e-10, .c2 = 1e-9}, .memory = memory});
    const Iteration end = minimise(method);
    EXPECT_EQ(end.outcome, Outcome::converged) << memory;
    EXPECT_EQ(end.iteration, 20) << memory;
    for (std::size_t i = 0; i < n; ++i) {
      const double position = static_cast<double>(i + 1);
      EXPECT_NEAR(objective.theta[i], position * (n + 1 - position) / 2.0, distance_bound(n, 1e-5));
    }
  }
}

TEST(Lbfgs, DirectionsMatchTheTwoLoopRecursion) {
  // Algorithm 7.4, the two loops over the pairs, with every vector formed.
  constexpr std::size_t memory = 3;
  const LbfgsOptions options{.memory = memory};
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(6));
  Lbfgs method(objective, Decide(), options);
  using Numbers = std::vector<double>;
  const auto dot = [](const Numbers& a, const Numbers& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  const auto add = [](double scale, const Numbers& from, Numbers& to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += scale * from[i];
  };
  std::vector<std::pair<Numbers, Numbers>> pairs;
  method.start();
  for (int k = 0; k < 30; ++k) {
    const Numbers theta = objective.theta;
    Numbers gradient(6);
    tests::rosenbrock(theta, gradient);
    Numbers expected = gradient;
    std::vector<double> alpha(pairs.size());
    for (std::size_t i = pairs.size(); i-- > 0;) {
      const auto& [s, y] = pairs[i];
      alpha[i] = dot(s, expected) / dot(s, y);
      add(-alpha[i], y, expected);
    }
    if (!pairs.empty()) {
      const auto& [s, y] = pairs.back();
      for (double& value : expected) value *= options.scale * dot(s, y) / dot(y, y);
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto& [s, y] = pairs[i];
      add(alpha[i] - dot(y, expected) / dot(s, y), s, expected);
    }
    ASSERT_EQ(method.iterate().outcome, Outcome::moved);
    // The inner products' rounding, amplified by the condition of R: far from 1e-7 in practice.
    const double length = std::sqrt(dot(expected, expected));
    for (std::size_t i = 0; i < 6; ++i)
      EXPECT_NEAR(objective.direction()[i], -expected[i], 1e-7 * length) << "iteration " << k;
    pairs.emplace_back(objective.theta, Numbers(6));
    add(-1, theta, pairs.back().first);
    tests::rosenbrock(objective.theta, pairs.back().second);
    add(-1, gradient, pairs.back().second);
    if (pairs.size() > memory) pairs.erase(pairs.begin());
  }
}

TEST(Lbfgs, FirstTrialHasLengthOneAndLaterOnesStepOne) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  Lbfgs method(objective, Decide());
  method.start();
  std::vector<double> gradient(10);
  tests::rosenbrock(objective.theta, gradient);
  double square = 0;
  for (const double value : gradient) square += value * value;
  for (int k = 0; k < 8; ++k) {
    const std::size_t before = objective.probes.size();
    method.iterate();
    const double first = objective.probes.at(before).step;
    if (k == 0)
      EXPECT_NEAR(first * std::sqrt(square), 1.0, 1e-14);
    else
      EXPECT_EQ(first, 1.0);
  }
}

TEST(Lbfgs, ReportsCostStepAndCounts) {
  AnalyticObjective objective(tests::rosenbrock, {-1.2, 1.0});
  Lbfgs method(objective, Decide());
  const Iteration last = method.start();
  EXPECT_NEAR(last.cost, 24.2, 1e-13);
  EXPECT_NEAR(last.gradient_norm, 215.6, 1e-12);
  EXPECT_EQ(last.evaluations, 1);
  tests::expect_true_reports(method, objective, last);
}

TEST(Lbfgs, ComparesTheConfiguredNormWithTheTolerance) {
  // |x|^2 / 2 from (2, 2, 2, 2): the first step of length 1 leads to 1.5 each, infinity norm 1.5
  // and 2-norm 3.
  const auto bowl = [](const std::vector<double>& x, std::vector<double>& gradient) {
    double cost = 0.0;
    for (const double value : x) cost += 0.5 * value * value;
    gradient = x;
    return cost;
  };
  for (const auto norm : {rules::GradientNorm::infinity, rules::GradientNorm::euclidean}) {
    AnalyticObjective objective(bowl, std::vector<double>(4, 2.0));
    Lbfgs method(objective, Decide(),
                 {.descent = {.gradient_tolerance = 1.6, .gradient_norm = norm, .c2 = 0.9}});
    ASSERT_EQ(method.start().outcome, Outcome::moved);
    const Iteration first = method.iterate();
    EXPECT_NEAR(first.gradient_norm, 1.5, 1e-15);
    EXPECT_EQ(first.outcome == Outcome::converged, norm == rules::GradientNorm::infinity);
  }
}

TEST(Lbfgs, ReportsConvergenceAtAStartThatIsAMinimum) {
  AnalyticObjective objective(tests::rosenbrock, {1.0, 1.0});
  Lbfgs method(objective, Decide());
  EXPECT_EQ(method.start().outcome, Outcome::converged);
}

TEST(Lbfgs, AllocatesVectorsOnlyAtConstruction) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  Lbfgs method(objective, Decide(), {.memory = 4});
  const int made = objective.space().vectors_made;
  minimise(method);
  EXPECT_EQ(objective.space().vectors_made, made);
  EXPECT_EQ(made, 3 + 2 * (4 + 1));
}

TEST(Lbfgs, ComputesAllInnerProductsInOneCallPerIteration) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  constexpr int memory = 5;
  Lbfgs method(objective, Decide(), {.memory = memory});
  method.start();
  for (int k = 0; k < 20; ++k) {
    const int before = objective.space().multi_dots;
    const int dots = objective.space().dots_computed;
    ASSERT_EQ(method.iterate().outcome, Outcome::moved);
    EXPECT_EQ(objective.space().multi_dots, before + 1);
    EXPECT_EQ(objective.space().dots_computed - dots, 4 * (std::min(k, memory) + 1) + 1);
  }
}

std::vector<double> downhill(const AnalyticObjective& objective) {
  std::vector<double> gradient(objective.theta.size());
  tests::rosenbrock(objective.theta, gradient);
  for (double& value : gradient) value = -value;
  return gradient;
}

TEST(Lbfgs, RetriesWithSteepestDescentWhenTheQuasiNewtonLineFails) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  Lbfgs method(objective, Decide());
  method.start();
  for (int k = 0; k < 5; ++k) ASSERT_EQ(method.iterate().outcome, Outcome::moved);
  const std::vector<double> along = downhill(objective);
  std::vector<double> steps_down;
  objective.spoil_probe = [&](double step, Probe& probe) {
    if (objective.direction() == along)
      steps_down.push_back(step);
    else
      probe.cost = 1e3 + step;
  };
  const Iteration now = method.iterate();  // two lines in one iteration
  EXPECT_EQ(now.outcome, Outcome::moved);
  EXPECT_EQ(now.iteration, 6);
  ASSERT_FALSE(steps_down.empty());
  // A first step that changes theta by 1 at most.
  double square = 0;
  for (const double value : along) square += value * value;
  EXPECT_NEAR(steps_down.front(), std::min(1.0, 1.0 / std::sqrt(square)), 1e-14);
  objective.spoil_probe = nullptr;
  Iteration end = now;
  while (end.outcome == Outcome::moved && end.iteration < 5000) end = method.iterate();
  EXPECT_EQ(end.outcome, Outcome::converged);
}

TEST(Lbfgs, KeepsTheBestTrialAndDropsThePairsWhenNoTrialIsAcceptable) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  Lbfgs method(objective, Decide());
  Iteration last = method.start();
  for (int k = 0; k < 5; ++k) last = method.iterate();
  // Lower, but never flat enough.
  objective.spoil_probe = [](double, Probe& probe) { probe.slope = -1e9; };
  const Iteration now = method.iterate();
  EXPECT_EQ(now.outcome, Outcome::moved);
  EXPECT_EQ(now.iteration, last.iteration + 1);
  EXPECT_LT(now.cost, last.cost);
  EXPECT_EQ(now.cost, objective.cost());
  objective.spoil_probe = nullptr;
  const std::vector<double> along = downhill(objective);
  ASSERT_EQ(method.iterate().outcome, Outcome::moved);
  EXPECT_EQ(objective.direction(), along);
}

TEST(Lbfgs, FailsWhenTheSteepestDescentLineFailsToo) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  Lbfgs method(objective, Decide());
  method.start();
  Iteration before{};
  for (int k = 0; k < 5; ++k) before = method.iterate();
  const std::vector<double> theta = objective.theta;
  objective.spoil_probe = [](double step, Probe& probe) { probe.cost = 1e3 + step; };
  const Iteration end = method.iterate();
  EXPECT_EQ(end.outcome, Outcome::line_search_failed);
  EXPECT_EQ(end.step, 0.0);
  EXPECT_EQ(end.iteration, before.iteration);
  EXPECT_EQ(end.cost, before.cost);
  EXPECT_EQ(objective.theta, theta);
}

TEST(Lbfgs, RejectsAGradientThatIsNotFinite) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {std::nan(""), infinity, -infinity}) {
    AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(2));
    int candidates = 0;
    objective.spoil_gradient = [&](std::vector<double>& gradient) {
      if (++candidates == 4) gradient[0] = bad;
    };
    Lbfgs method(objective, Decide());
    EXPECT_EQ(minimise(method).outcome, Outcome::converged) << bad;
  }
}

/// -x - log(3 - x) / 10: not a number beyond 3.
double bounded_below(const std::vector<double>& x, std::vector<double>& gradient) {
  gradient[0] = -1.0 + 0.1 / (3.0 - x[0]);
  return -x[0] - 0.1 * std::log(3.0 - x[0]);
}

TEST(Lbfgs, ConvergesWhereTheCostIsNotFiniteBeyondAPoint) {
  for (const double beyond : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    AnalyticObjective objective(bounded_below, {0.0});
    int lost = 0;
    objective.spoil_probe = [&](double, Probe& probe) {
      if (std::isfinite(probe.cost)) return;
      probe.cost = beyond;
      ++lost;
    };
    Lbfgs method(objective, Decide());
    EXPECT_EQ(minimise(method).outcome, Outcome::converged);
    EXPECT_NEAR(objective.theta[0], 2.9, 2e-6);  // twice tolerance / curvature = 1e-5 / 10
    EXPECT_GT(lost, 0) << "no trial left the domain";
  }
}

TEST(Lbfgs, FailsWhereEveryTrialIsNotANumber) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(2));
  Lbfgs method(objective, Decide());
  const double cost = method.start().cost;
  objective.spoil_probe = [](double, Probe& probe) { probe.cost = std::nan(""); };
  const Iteration end = method.iterate();
  EXPECT_EQ(end.outcome, Outcome::line_search_failed);
  EXPECT_EQ(end.cost, cost);
  EXPECT_EQ(objective.theta, tests::rosenbrock_start(2));
}

TEST(Lbfgs, SkipsAPairWithoutPositiveCurvature) {
  // Gradients that stay as they were: s.y = 0. The pair would divide by it.
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(4));
  Lbfgs method(objective, Decide());
  method.start();
  std::vector<double> gradient(4);
  tests::rosenbrock(objective.theta, gradient);
  const std::vector<double> start_gradient = gradient;
  objective.spoil_gradient = [&](std::vector<double>& values) { values = start_gradient; };
  ASSERT_EQ(method.iterate().outcome, Outcome::moved);
  objective.spoil_gradient = nullptr;
  ASSERT_EQ(method.iterate().outcome, Outcome::moved);
  for (double& value : gradient) value = -value;
  EXPECT_EQ(objective.direction(), gradient);  // as without pairs
}

TEST(Lbfgs, RefusesAStartThatIsNotFinite) {
  const auto expect_refusal = [](const AnalyticObjective::Function& function) {
    AnalyticObjective objective(function, {1.0});
    Lbfgs method(objective, Decide());
    try {
      method.start();
      FAIL() << "a start that is not finite was accepted";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("training cannot start"), std::string::npos);
    }
  };
  const double nan = std::nan("");
  expect_refusal([&](const auto&, auto& gradient) { return gradient[0] = 1.0, nan; });
  expect_refusal([&](const auto&, auto& gradient) { return gradient[0] = nan, 1.0; });
}

TEST(Lbfgs, RefusesOptionsOutOfRange) {
  AnalyticObjective objective(tests::rosenbrock, {1.0, 1.0});
  const auto expect_refusal = [&](const LbfgsOptions& options) {
    EXPECT_THROW(Lbfgs(objective, Decide(), options), Error);
  };
  expect_refusal({.memory = 0});
  expect_refusal({.memory = -3});
  expect_refusal({.scale = 0});
  expect_refusal({.scale = std::nan("")});
  expect_refusal({.descent = {.c1 = 0.95, .c2 = 0.9}});
}

}  // namespace
}  // namespace annmpi
