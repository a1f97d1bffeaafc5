#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "optimizer/bracket_and_zoom.hpp"
#include "optimizer/conjugate_gradient.hpp"
#include "optimizer/functions.hpp"
#include "optimizer/lines.hpp"
#include "optimizer/more_thuente.hpp"
#include "support/analytic_objective.hpp"

// What SciPy computed, in scipy_cg_reference.json; make_scipy_cg_reference.py says how.
namespace annmpi {
namespace {

nlohmann::json reference() {
  std::ifstream file(ANNMPI_SCIPY_CG_REFERENCE);
  return nlohmann::json::parse(file);
}

tests::AnalyticObjective objective_of(const nlohmann::json& run) {
  const std::size_t dimension = run["dimension"];
  if (run["name"] == "quadratic") return {tests::quadratic, std::vector<double>(dimension, 0.0)};
  return {tests::rosenbrock, tests::rosenbrock_start(dimension)};
}

/// Relative differences allowed at each iteration. Our sums are added in another order than
/// SciPy's. What that does is seen from ten of SciPy's own runs with altered last bits: ours may
/// lie five times farther away than the farthest of them up to then (measured: at most as far).
/// 1e-14 is for rounding where those ten agree.
std::vector<double> allowed_differences(const nlohmann::json& values,
                                        const nlohmann::json& spread) {
  std::vector<double> allowed;
  double widest = 0.0;
  for (std::size_t k = 0; k < spread.size(); ++k) {
    const double value = std::abs(values[k].get<double>());
    if (value > 0.0) widest = std::max(widest, spread[k].get<double>() / value);
    allowed.push_back(1e-14 + 5.0 * widest);
  }
  return allowed;
}

TEST(SciPyParity, ConjugateGradientTakesTheSameSteps) {
  const auto all = reference();
  ASSERT_EQ(all["runs"].size(), 6U);
  for (const auto& run : all["runs"]) {
    SCOPED_TRACE(testing::Message()
                 << run["name"] << " in " << run["dimension"] << " dimensions, c2 " << run["c2"]);
    auto objective = objective_of(run);
    DescentOptions options;
    options.c2 = run["c2"];
    ConjugateGradient method(objective, Decide(), options);
    const auto cost_difference = allowed_differences(run["cost"], run["cost_spread"]);
    const auto step_difference = allowed_differences(run["step"], run["step_spread"]);
    const std::size_t certain = run["certain_until"];
    ASSERT_GE(certain, 35U);

    Iteration iteration = method.start();
    for (std::size_t k = 0; k <= certain; ++k) {
      SCOPED_TRACE(testing::Message() << "iteration " << k);
      if (k > 0) iteration = method.iterate();
      ASSERT_EQ(iteration.iteration, static_cast<std::int64_t>(k));
      EXPECT_EQ(iteration.evaluations, run["evaluations"][k].get<std::int64_t>());
      const double cost = run["cost"][k];
      const double step = run["step"][k];
      EXPECT_NEAR(iteration.cost, cost, cost_difference[k] * std::abs(cost));
      EXPECT_NEAR(iteration.step, step, step_difference[k] * step);
      // A gradient per candidate: those that were not committed were refused.
      EXPECT_EQ(objective.gradients_at.size() - k, run["rejections"][k].get<std::size_t>());
    }
  }
}

TEST(SciPyParity, TheReferenceContainsRejectedCandidates) {
  // Without them the runs above would say nothing about the second search.
  const auto all = reference();
  std::size_t rejections = 0;
  for (const auto& run : all["runs"])
    rejections += run["rejections"][run["certain_until"].get<std::size_t>()].get<std::size_t>();
  EXPECT_GE(rejections, 5U);
}

TEST(SciPyParity, MoreThuenteTakesTheSameSteps) {
  const auto all = reference();
  ASSERT_GE(all["more_thuente"].size(), 200U);
  for (const auto& run : all["more_thuente"]) {
    SCOPED_TRACE(run.dump());
    const auto line = [&](double s) { return tests::more_thuente_function(run[0], s); };
    MoreThuente search({run[1], run[2]}, tests::start_of(line), run[3]);
    const auto record = tests::run_search(search, line);
    EXPECT_EQ(record.end.kind, LineAnswer::Kind::candidate);
    EXPECT_EQ(record.trials.size(), run[4].get<std::size_t>());
    // The same formulas, rounded in another order here and there; near a minimum, interpolation
    // loses up to half of the digits.
    const double step = run[5];
    EXPECT_NEAR(record.end.step, step, 1e-8 * step);
  }
}

TEST(SciPyParity, BracketAndZoomTakesTheSameSteps) {
  const auto all = reference();
  ASSERT_GE(all["bracket_and_zoom"].size(), 150U);
  for (const auto& run : all["bracket_and_zoom"]) {
    SCOPED_TRACE(run.dump());
    const double unit = run[1];
    const auto line = [&](double s) {
      const Probe probe = tests::more_thuente_function(run[0], unit * s);
      return Probe{probe.cost, unit * probe.slope};
    };
    BracketAndZoom search({1e-4, 0.1}, tests::start_of(line), 1.0);
    LineAnswer answer = search.first();
    std::vector<double> steps;
    int to_refuse = run[2];
    while (answer.kind != LineAnswer::Kind::failed) {
      if (answer.kind == LineAnswer::Kind::try_step) {
        steps.push_back(answer.step);
        const Probe probe = line(answer.step);
        answer = search.advance({answer.step, probe.cost, probe.slope});
      } else if (to_refuse-- > 0) {
        answer = search.reject();
      } else {
        break;
      }
    }
    EXPECT_EQ(answer.kind == LineAnswer::Kind::candidate, run[3].get<bool>());
    ASSERT_EQ(steps.size(), run[4].size());
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const double step = run[4][i];
      EXPECT_NEAR(steps[i], step, 1e-8 * step) << "trial " << i;  // as above
    }
  }
}

}  // namespace
}  // namespace annmpi
