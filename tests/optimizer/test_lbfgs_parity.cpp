#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "optimizer/functions.hpp"
#include "optimizer/lbfgs.hpp"
#include "optimizer/minimise.hpp"
#include "support/analytic_objective.hpp"

// What SciPy's L-BFGS-B computed, in lbfgs_functions.json; make_lbfgs_reference.py says how.
namespace annmpi {
namespace {

nlohmann::json runs() {
  std::ifstream file(ANNMPI_LBFGS_REFERENCE);
  return nlohmann::json::parse(file)["runs"];
}

tests::AnalyticObjective objective_of(const nlohmann::json& run) {
  const std::size_t dimension = run["dimension"];
  if (run["name"] == "quadratic") return {tests::quadratic, std::vector<double>(dimension, 0.0)};
  return {tests::rosenbrock, tests::rosenbrock_start(dimension)};
}

/// The options that L-BFGS-B has, so that its trials are ours.
LbfgsOptions options_of(const nlohmann::json& run) {
  return {.descent = {.gradient_tolerance = run["tolerance"], .c1 = 1e-3, .c2 = 0.9},
          .memory = run["memory"],
          .scale = 1.0};
}

testing::Message name_of(const nlohmann::json& run) {
  return testing::Message() << run["name"] << " in " << run["dimension"] << " dimensions, memory "
                            << run["memory"];
}

TEST(LbfgsParity, TakesTheSameSteps) {
  ASSERT_EQ(runs().size(), 14U);
  for (const auto& run : runs()) {
    SCOPED_TRACE(name_of(run));
    auto objective = objective_of(run);
    Lbfgs method(objective, Decide(), options_of(run));
    Iteration iteration = method.start();
    // SciPy computes the direction by another factorisation: as in
    // test_scipy_parity.cpp, ours may lie farther from SciPy's run than forty of its own runs with
    // altered last bits do, up to thirty times (measured: 7 times).
    double widest = 0.0;
    for (std::size_t k = 0; k <= run["certain_until"]; ++k) {
      SCOPED_TRACE(testing::Message() << "iteration " << k);
      if (k > 0) iteration = method.iterate();
      const double cost = run["cost"][k];
      if (cost != 0.0)
        widest = std::max(widest, run["cost_spread"][k].get<double>() / std::abs(cost));
      const double allowed = 1e-12 + 30.0 * widest;
      if (allowed > 1e-3) break;
      ASSERT_EQ(iteration.evaluations, run["evaluations"][k].get<std::int64_t>());
      ASSERT_NEAR(iteration.cost, cost, allowed * std::abs(cost));
    }
  }
}

TEST(LbfgsParity, NeedsNoMoreIterationsThanSciPy) {
  for (const auto& run : runs()) {
    SCOPED_TRACE(name_of(run));
    auto objective = objective_of(run);
    Lbfgs method(objective, Decide(), options_of(run));
    const Iteration end = tests::minimise(method);
    EXPECT_EQ(end.outcome, Iteration::Outcome::converged);
    // Where last bits decide, no more than the slowest of SciPy's own runs.
    EXPECT_LE(end.iteration, std::max(run["iterations"].get<std::int64_t>(),
                                      run["iterations_most"].get<std::int64_t>()));
  }
}

}  // namespace
}  // namespace annmpi
