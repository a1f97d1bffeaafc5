#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/optimizer/stochastic_descent.hpp"

namespace annmpi {
namespace {

/// Records the calls it receives.
class Recorder final : public StochasticObjective {
 public:
  [[nodiscard]] std::int64_t steps_per_epoch() const override { return steps; }
  void step(std::int64_t epoch, std::int64_t step, const ParameterUpdate& update) override {
    taken.emplace_back(epoch, step);
    rates.push_back(update.rate);
  }
  [[nodiscard]] bool should_stop() override {
    ++stop_checks;
    return stops;
  }
  double evaluate() override { return cost; }
  [[nodiscard]] double largest_gradient() override { return 3; }
  void visit_state(StateVisitor&) override {}

  std::int64_t steps = 3;
  double cost = 1.5;
  bool stops = false;
  int stop_checks = 0;
  std::vector<std::pair<std::int64_t, std::int64_t>> taken;
  std::vector<double> rates;
};

const StochasticMethod method{.rate = {.base = 0.5}};

TEST(StochasticDescent, IteratesEpochByEpoch) {
  Recorder recorder;
  StochasticDescent descent(recorder, method);
  const Iteration start = descent.start();
  EXPECT_EQ(start.iteration, 0);
  EXPECT_EQ(start.evaluations, 1);
  EXPECT_EQ(start.epoch, 0.0);
  EXPECT_TRUE(std::isnan(start.gradient_norm));
  (void)descent.iterate();
  const Iteration second = descent.iterate();
  EXPECT_EQ(second.outcome, Iteration::Outcome::moved);
  EXPECT_EQ(second.iteration, 6);
  EXPECT_EQ(second.epoch, 2.0);
  EXPECT_EQ(second.gradient_norm, 3.0);
  EXPECT_EQ(second.step, 0.5);
  const std::vector<std::pair<std::int64_t, std::int64_t>> expected{{0, 0}, {0, 1}, {0, 2},
                                                                    {1, 0}, {1, 1}, {1, 2}};
  EXPECT_EQ(recorder.taken, expected);
}

TEST(StochasticDescent, EndsAnEpochEarlyWhenARankRequestsAStop) {
  Recorder recorder;
  recorder.steps = 1000;
  recorder.stops = true;
  StochasticDescent descent(recorder, method);
  (void)descent.start();
  const Iteration stopped = descent.iterate();
  EXPECT_EQ(stopped.iteration, StochasticDescent::steps_between_stop_checks);
  EXPECT_DOUBLE_EQ(*stopped.epoch, 0.064);
  recorder.stops = false;
  const Iteration rest = descent.iterate();
  EXPECT_EQ(rest.iteration, 1000);
  EXPECT_EQ(recorder.stop_checks, 15);
}

TEST(StochasticDescent, ReportsDivergence) {
  Recorder recorder;
  StochasticDescent descent(recorder, method);
  (void)descent.start();
  recorder.cost = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(descent.iterate().outcome, Iteration::Outcome::diverged);
  StochasticDescent lost(recorder, method);
  EXPECT_THROW((void)lost.start(), Error);
}

}  // namespace
}  // namespace annmpi
