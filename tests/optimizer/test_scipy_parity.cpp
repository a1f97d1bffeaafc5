#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "annmpi/optimizer/conjugate_gradient.hpp"
#include "annmpi/optimizer/more_thuente.hpp"

#include "optimizer/functions.hpp"
#include "optimizer/lines.hpp"
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

/// Relative differences allowed at each iteration. Sums are added in another order than SciPy's,
/// which is what ten of SciPy's own runs with altered last bits show the effect of; ours may lie
/// twenty times farther than the farthest of them so far. 1e-14: the rounding of the cost itself.
std::vector<double> allowed_differences(const nlohmann::json& run) {
  std::vector<double> allowed;
  double widest = 0.0;
  for (const double spread : run["spread"]) {
    widest = std::max(widest, spread);
    allowed.push_back(1e-14 + 20.0 * widest);
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
    ConjugateGradientOptions options;
    options.c2 = run["c2"];
    ConjugateGradient method(objective, Decide(), options);
    const auto allowed = allowed_differences(run);
    const std::size_t certain = run["certain_until"];
    ASSERT_GE(certain, 35U);

    Iteration iteration = method.start();
    for (std::size_t k = 0; k <= certain; ++k) {
      SCOPED_TRACE(testing::Message() << "iteration " << k);
      if (k > 0) iteration = method.iterate();
      ASSERT_EQ(iteration.iteration, static_cast<std::int64_t>(k));
      EXPECT_EQ(iteration.evaluations, run["evaluations"][k].get<std::int64_t>());
      const double cost = run["cost"][k];
      EXPECT_NEAR(iteration.cost, cost, allowed[k] * std::abs(cost) + (cost == 0.0 ? 1e-14 : 0.0));
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
  ASSERT_EQ(all["more_thuente"].size(), 24U);
  for (const auto& run : all["more_thuente"]) {
    SCOPED_TRACE(testing::Message()
                 << "function " << run["function"] << " from step " << run["first_step"]);
    const auto line = [&](double s) { return tests::more_thuente_function(run["function"], s); };
    MoreThuente search({run["c1"], run["c2"]}, tests::start_of(line), run["first_step"]);
    const auto searched = tests::follow(search, line);
    EXPECT_EQ(searched.end.kind, LineAnswer::Kind::candidate);
    EXPECT_EQ(searched.trials.size(), run["trials"].get<std::size_t>());
    // The same formulas, rounded in another order here and there, a dozen times over on lines whose
    // interpolations lose up to half of the digits.
    const double step = run["step"];
    EXPECT_NEAR(searched.end.step, step, 1e-8 * step);
  }
}

}  // namespace
}  // namespace annmpi
