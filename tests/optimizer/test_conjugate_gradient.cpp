#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"

#include "optimizer/conjugate_gradient.hpp"
#include "optimizer/functions.hpp"
#include "optimizer/minimise.hpp"
#include "optimizer/reports.hpp"
#include "support/analytic_objective.hpp"

namespace annmpi {
namespace {

using tests::AnalyticObjective;
using tests::minimise;
using Outcome = Iteration::Outcome;

class Rosenbrock : public testing::TestWithParam<std::size_t> {};

TEST_P(Rosenbrock, IsMinimised) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(GetParam()));
  ConjugateGradient method(objective, Decide());
  const Iteration end = minimise(method);
  EXPECT_EQ(end.outcome, Outcome::converged);
  EXPECT_LE(end.gradient_norm, 1e-5);
  // Near the minimum x - 1 = H^-1 g, and the least eigenvalue of the Hessian there is 0.4 in two
  // dimensions and more than 0.39 in others, so the distance is at most sqrt(n) 1e-5 / 0.39.
  const double bound = std::sqrt(static_cast<double>(GetParam())) * 1e-5 / 0.39;
  for (const double x : objective.theta) EXPECT_NEAR(x, 1.0, bound);
}

INSTANTIATE_TEST_SUITE_P(ConjugateGradient, Rosenbrock, testing::Values(2U, 10U, 100U));

TEST(ConjugateGradient, FindsTheMinimumOfAQuadratic) {
  constexpr std::size_t n = 10;
  AnalyticObjective objective(tests::quadratic, std::vector<double>(n, 0.0));
  DescentOptions options;
  options.gradient_tolerance = 1e-6;
  ConjugateGradient method(objective, Decide(), options);
  EXPECT_EQ(minimise(method).outcome, Outcome::converged);
  // The least eigenvalue of A is 2 - 2 cos(pi / 11) = 0.081: an error of sqrt(n) 1e-6 / 0.081.
  for (std::size_t i = 0; i < n; ++i) {
    const double position = static_cast<double>(i + 1);
    EXPECT_NEAR(objective.theta[i], position * (n + 1 - position) / 2.0, 4e-5);
  }
}

TEST(ConjugateGradient, EndsOnAQuadraticInFinitelyManyStepsWithExactLineSearches) {
  // With exact line searches the method is the linear one, which ends after n steps. The start has
  // the symmetry of the problem, so only half of A's eigenvectors take part: n / 2 steps.
  constexpr std::size_t n = 40;
  AnalyticObjective objective(tests::quadratic, std::vector<double>(n, 0.0));
  DescentOptions options;
  options.c1 = 1e-10;
  options.c2 = 1e-9;
  ConjugateGradient method(objective, Decide(), options);
  const Iteration end = minimise(method);
  EXPECT_EQ(end.outcome, Outcome::converged);
  EXPECT_EQ(end.iteration, 20);
}

TEST(ConjugateGradient, ReportsConvergenceAtAStartThatIsAMinimum) {
  AnalyticObjective objective(tests::rosenbrock, {1.0, 1.0});
  ConjugateGradient method(objective, Decide());
  const Iteration start = method.start();
  EXPECT_EQ(start.outcome, Outcome::converged);
  EXPECT_EQ(start.cost, 0.0);
  EXPECT_EQ(start.evaluations, 1);
  EXPECT_EQ(start.iteration, 0);
}

TEST(ConjugateGradient, ReportsCostStepAndCounts) {
  AnalyticObjective objective(tests::rosenbrock, {-1.2, 1.0});
  ConjugateGradient method(objective, Decide());
  const Iteration last = method.start();
  // By hand: 24.2, and the gradient (-215.6, -88).
  EXPECT_NEAR(last.cost, 24.2, 1e-13);
  EXPECT_NEAR(last.gradient_norm, 215.6, 1e-12);
  tests::expect_true_reports(method, objective, last);
}

TEST(ConjugateGradient, ComparesTheConfiguredNormWithTheTolerance) {
  // At (a, a, a, a) the gradient of |x|^2 / 2 has the infinity norm a and the 2-norm 2 a.
  const auto bowl = [](const std::vector<double>& x, std::vector<double>& gradient) {
    double cost = 0.0;
    for (const double value : x) cost += 0.5 * value * value;
    gradient = x;
    return cost;
  };
  DescentOptions options;
  options.gradient_tolerance = 1.5;
  for (const auto norm : {rules::GradientNorm::infinity, rules::GradientNorm::euclidean}) {
    options.gradient_norm = norm;
    AnalyticObjective objective(bowl, std::vector<double>(4, 1.0));
    ConjugateGradient method(objective, Decide(), options);
    const Iteration start = method.start();
    EXPECT_EQ(start.outcome == Outcome::converged, norm == rules::GradientNorm::infinity);
    EXPECT_EQ(start.gradient_norm, 1.0);  // the record has the infinity norm in any case
  }
}

TEST(ConjugateGradient, AllocatesVectorsOnlyAtConstruction) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  ConjugateGradient method(objective, Decide());
  const int made = objective.space().vectors_made;
  minimise(method);
  EXPECT_EQ(objective.space().vectors_made, made);
  EXPECT_EQ(made, 3);
}

/// Falls along x to a kink at 1.6; behind it a hollow with its minimum at 2.6 (test_line_search).
double kink_and_hollow(const std::vector<double>& x, std::vector<double>& gradient) {
  const double s = x[0];
  const double kink = s < 1.6 ? -s : -1.6 + 1.5 * (s - 1.6);
  const double hollow = 1.45 * (s - 2.6) * (s - 2.6) - 1.6;
  const double kink_slope = s < 1.6 ? -1.0 : 1.5;
  gradient[0] = kink < hollow ? kink_slope : 2.9 * (s - 2.6);
  return std::min(kink, hollow);
}

TEST(ConjugateGradient, SucceedsWhereOnlyTheSecondLineSearchDoes) {
  AnalyticObjective objective(kink_and_hollow, {0.0});
  ConjugateGradient method(objective, Decide());
  method.start();
  const Iteration first = method.iterate();
  EXPECT_NE(first.outcome, Outcome::line_search_failed);
  EXPECT_GT(objective.probes.size(), 20U);  // the first search spent itself on the kink
  const Iteration end = minimise(method);
  EXPECT_EQ(end.outcome, Outcome::converged);
  EXPECT_NEAR(objective.theta[0], 2.6, 1e-5 / 2.9);  // tolerance / curvature
}

/// g_new = t p = -t g makes beta = t^2 + t and p_new.g_new = t^3 g.g: uphill for t > 0.
void make_uphill(std::vector<double>& gradient, const std::vector<double>& direction) {
  for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] = 2.0 * direction[i];
}

TEST(ConjugateGradient, ContinuesTheLineSearchWhenTheNextDirectionWouldNotDescend) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(2));
  int refused = 0;
  objective.spoil_gradient = [&](std::vector<double>& gradient) {
    // Both the first search's point and one of the second's.
    if (refused++ < 2) make_uphill(gradient, objective.direction());
  };
  ConjugateGradient method(objective, Decide());
  method.start();
  const Iteration first = method.iterate();
  EXPECT_EQ(first.outcome, Outcome::moved);
  ASSERT_GE(objective.gradients_at.size(), 3U);
  EXPECT_EQ(objective.commits, std::vector<double>{objective.gradients_at.back()});
  EXPECT_EQ(minimise(method).outcome, Outcome::converged);
}

TEST(ConjugateGradient, RequiresSufficientDescentOfTheNextDirection) {
  // With g_new = a p + q, q as long as p = -g and at a right angle to it, p_new.g_new / g_new.g_new
  // is -1 + a + a^2 / (a^2 + 1): -0.0054 for a = 0.679, -0.0235 for a = 0.668.
  for (const double a : {0.679, 0.668}) {
    AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(2));
    int candidates = 0;
    objective.spoil_gradient = [&](std::vector<double>& gradient) {
      const auto& p = objective.direction();
      if (candidates++ == 0) gradient = {a * p[0] - p[1], a * p[1] + p[0]};
    };
    ConjugateGradient method(objective, Decide());
    method.start();
    EXPECT_EQ(method.iterate().outcome, Outcome::moved);
    EXPECT_EQ(candidates == 1, a == 0.668) << a;
  }
}

TEST(ConjugateGradient, AcceptsAConvergedCandidateWhateverTheNextDirection) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(2));
  objective.spoil_gradient = [&](std::vector<double>& gradient) {
    make_uphill(gradient, objective.direction());
    for (double& value : gradient) value *= 1e-9;
  };
  ConjugateGradient method(objective, Decide());
  method.start();
  EXPECT_EQ(method.iterate().outcome, Outcome::converged);
  EXPECT_EQ(objective.gradients_at.size(), 1U);
}

TEST(ConjugateGradient, RejectsAGradientThatIsNotFinite) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {std::nan(""), infinity, -infinity}) {
    AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(2));
    int spoiled = 0;
    objective.spoil_gradient = [&](std::vector<double>& gradient) {
      if (spoiled++ == 0) gradient[0] = bad;
    };
    ConjugateGradient method(objective, Decide());
    EXPECT_EQ(minimise(method).outcome, Outcome::converged) << bad;
  }
}

TEST(ConjugateGradient, RejectsAnInfiniteGradientThatSeemsToDescend) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  int spoiled = 0;
  objective.spoil_gradient = [&](std::vector<double>& gradient) {
    // Where p_i and g_i have the same sign, an infinite element of the other sign makes beta
    // infinite and p_new.g_new minus infinity.
    std::vector<double> last(10);
    tests::rosenbrock(objective.theta, last);
    for (std::size_t i = 0; i < last.size() && spoiled == 0; ++i) {
      if (last[i] * objective.direction()[i] <= 0.0) continue;
      gradient[i] = -std::copysign(std::numeric_limits<double>::infinity(), last[i]);
      ++spoiled;
    }
  };
  ConjugateGradient method(objective, Decide());
  EXPECT_EQ(minimise(method).outcome, Outcome::converged);
  EXPECT_EQ(spoiled, 1);
}

TEST(ConjugateGradient, KeepsTheBestTrialWhenEveryCandidateIsRejected) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(2));
  objective.spoil_gradient = [&](std::vector<double>& gradient) {
    make_uphill(gradient, objective.direction());
  };
  ConjugateGradient method(objective, Decide());
  const double start = method.start().cost;
  const Iteration end = method.iterate();
  EXPECT_EQ(end.outcome, Outcome::line_search_failed);
  double lowest = start;
  double step = 0.0;
  for (const auto& probe : objective.probes) {
    if (probe.result.cost >= lowest) continue;
    lowest = probe.result.cost;
    step = probe.step;
  }
  ASSERT_LT(lowest, start);
  EXPECT_EQ(end.cost, lowest);
  EXPECT_EQ(end.step, step);
  EXPECT_EQ(end.iteration, 1);
  EXPECT_EQ(objective.commits, std::vector<double>{step});
  EXPECT_EQ(objective.cost(), lowest);
}

TEST(ConjugateGradient, KeepsTheBestTrialOnAKink) {
  const auto kink = [](const std::vector<double>& x, std::vector<double>& gradient) {
    gradient[0] = x[0] < 0.3 ? -1.0 : 1.0;
    return std::abs(x[0] - 0.3);
  };
  AnalyticObjective objective(kink, {0.0});
  ConjugateGradient method(objective, Decide());
  method.start();
  const Iteration end = method.iterate();
  EXPECT_EQ(end.outcome, Outcome::line_search_failed);
  // The first search closes its bracket to 1e-14 around the kink before it gives up.
  EXPECT_LT(end.cost, 1e-13);
  EXPECT_EQ(end.cost, objective.cost());
}

TEST(ConjugateGradient, LeavesThetaUnchangedWhenEveryTrialIsHigher) {
  const auto liar = [](const std::vector<double>& x, std::vector<double>& gradient) {
    gradient[0] = -1.0;  // in truth +1
    return x[0];
  };
  AnalyticObjective objective(liar, {0.25});
  ConjugateGradient method(objective, Decide());
  method.start();
  const Iteration end = method.iterate();
  EXPECT_EQ(end.outcome, Outcome::line_search_failed);
  EXPECT_EQ(end.step, 0.0);
  EXPECT_EQ(end.iteration, 0);
  EXPECT_EQ(end.cost, 0.25);
  EXPECT_EQ(objective.theta, std::vector<double>{0.25});
  EXPECT_TRUE(objective.commits.empty());
}

TEST(ConjugateGradient, RestartsWithSteepestDescentAfterAFailure) {
  AnalyticObjective objective(tests::rosenbrock, tests::rosenbrock_start(10));
  ConjugateGradient method(objective, Decide());
  method.start();
  for (int k = 0; k < 5; ++k) ASSERT_EQ(method.iterate().outcome, Outcome::moved);
  objective.spoil_probe = [](double step, Probe& probe) { probe.cost = 1e3 + step; };
  ASSERT_EQ(method.iterate().outcome, Outcome::line_search_failed);
  objective.spoil_probe = nullptr;
  std::vector<double> downhill(10);
  tests::rosenbrock(objective.theta, downhill);
  for (double& value : downhill) value = -value;
  ASSERT_EQ(method.iterate().outcome, Outcome::moved);
  EXPECT_EQ(objective.direction(), downhill);
  Iteration end = method.iterate();
  while (end.outcome == Outcome::moved && end.iteration < 5000) end = method.iterate();
  EXPECT_EQ(end.outcome, Outcome::converged);
}

/// -x - log(3 - x) / 10: a straight descent from 0 to the minimum at 2.9, close to where the cost
/// is infinite (at 3) and then the logarithm of a negative number.
double barrier(const std::vector<double>& x, std::vector<double>& gradient) {
  gradient[0] = -1.0 + 0.1 / (3.0 - x[0]);
  return -x[0] - 0.1 * std::log(3.0 - x[0]);
}

TEST(ConjugateGradient, ConvergesWhereTheCostIsNotFiniteBeyondAPoint) {
  for (const double beyond : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    AnalyticObjective objective(barrier, {0.0});
    int lost = 0;
    objective.spoil_probe = [&](double, Probe& probe) {
      if (std::isfinite(probe.cost)) return;
      probe.cost = beyond;
      ++lost;
    };
    ConjugateGradient method(objective, Decide());
    EXPECT_EQ(minimise(method).outcome, Outcome::converged);
    EXPECT_NEAR(objective.theta[0], 2.9, 2e-6);  // twice tolerance / curvature = 1e-5 / 10
    EXPECT_GT(lost, 0) << "no trial left the domain";
  }
}

TEST(ConjugateGradient, RefusesAStartThatIsNotFinite) {
  const auto expect_refusal = [](const AnalyticObjective::Function& function) {
    AnalyticObjective objective(function, {1.0});
    ConjugateGradient method(objective, Decide());
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

TEST(ConjugateGradient, RefusesOptionsOutOfRange) {
  AnalyticObjective objective(tests::rosenbrock, {1.0, 1.0});
  const auto expect_refusal = [&](const DescentOptions& options) {
    EXPECT_THROW(ConjugateGradient(objective, Decide(), options), Error);
  };
  expect_refusal({.gradient_tolerance = -1.0});
  expect_refusal({.gradient_tolerance = std::nan("")});
  expect_refusal({.c1 = 0.5, .c2 = 0.4});
  expect_refusal({.c1 = 0.0});
  expect_refusal({.c2 = 1.0});
  expect_refusal({.max_trials = 0});
}

}  // namespace
}  // namespace annmpi
