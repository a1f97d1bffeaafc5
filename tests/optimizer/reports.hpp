#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/optimizer/method.hpp"

#include "optimizer/functions.hpp"
#include "support/analytic_objective.hpp"

namespace annmpi::tests {

/// Checks the reports of ten iterations on Rosenbrock's function of two variables.
inline void expect_true_reports(Method& method, const AnalyticObjective& objective,
                                Iteration last) {
  for (int k = 1; k <= 10; ++k) {
    const Iteration now = method.iterate();
    EXPECT_EQ(now.iteration, k);
    EXPECT_EQ(now.step, objective.commits.back());
    EXPECT_EQ(now.evaluations, 1 + static_cast<std::int64_t>(objective.probes.size()));
    EXPECT_EQ(now.cost, objective.cost());
    EXPECT_LT(now.cost, last.cost);
    std::vector<double> gradient(2);
    rosenbrock(objective.theta, gradient);
    EXPECT_EQ(now.gradient_norm, std::max(std::abs(gradient[0]), std::abs(gradient[1])));
    last = now;
  }
}

}  // namespace annmpi::tests
