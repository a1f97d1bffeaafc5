#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/optimizer/stochastic_descent.hpp"

#include "optimizer/conjugate_gradient.hpp"
#include "optimizer/functions.hpp"
#include "optimizer/lbfgs.hpp"
#include "support/analytic_objective.hpp"
#include "support/saved_state.hpp"

// State that is moved into a fresh method and objective must continue with the same bits.
namespace annmpi {
namespace {

using tests::AnalyticObjective;
using tests::SavedState;

/// A quadratic with noise that depends on the step, in n dimensions: what a mini-batch device does,
/// with the update rules in their plain form.
class NoisyQuadratic final : public StochasticObjective {
 public:
  static constexpr std::size_t n = 5;

  [[nodiscard]] std::int64_t steps_per_epoch() const override { return 7; }
  void step(std::int64_t epoch, std::int64_t step, const ParameterUpdate& update) override {
    const rules::UpdateConstants& constants = update.constants;
    largest_ = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto place = static_cast<double>(7 * (7 * epoch + step) + static_cast<int>(i));
      const double g = (1 + static_cast<double>(i)) * theta_[i] + std::sin(place);
      largest_ = std::max(largest_, std::abs(g));
      if (update.rule == UpdateRule::sgd) {
        first_[i] = constants.momentum * first_[i] - update.rate * g;
        theta_[i] += first_[i];
        continue;
      }
      first_[i] = constants.beta1 * first_[i] + (1 - constants.beta1) * g;
      second_[i] = constants.beta2 * second_[i] + (1 - constants.beta2) * g * g;
      theta_[i] -= update.rate * (first_[i] / update.correction1) /
                   (std::sqrt(second_[i] / update.correction2) + constants.epsilon);
    }
  }
  [[nodiscard]] bool should_stop() override { return false; }
  double evaluate() override {
    double cost = 0;
    for (std::size_t i = 0; i < n; ++i)
      cost += 0.5 * (1 + static_cast<double>(i)) * theta_[i] * theta_[i];
    return cost;
  }
  [[nodiscard]] double largest_gradient() override { return largest_; }

  /// In two ranges, as a device that holds its parameters by layers might.
  void visit_state(StateVisitor& visitor) override {
    const auto visit = [&](const char* name, std::vector<double>& values) {
      const std::span<double> all(values);
      const StateRange halves[] = {{2, all.subspan(2)}, {0, all.first(2)}};
      visitor.array(name, StateLayout::sharded, n, halves);
    };
    visit("theta", theta_);
    visit("first", first_);
    visit("second", second_);
  }

 private:
  std::vector<double> theta_ = std::vector<double>(n, 2.0);
  std::vector<double> first_ = std::vector<double>(n);
  std::vector<double> second_ = std::vector<double>(n);
  double largest_ = 0;
};

/// A method and the objective that it minimises.
class Run {
 public:
  virtual ~Run() = default;
  virtual Method& method() = 0;
  virtual void visit_objective(StateVisitor& visitor) = 0;
  /// Makes every trial of the next iterations fail, or lets them succeed again.
  virtual void set_failing(bool) {}

  void visit_state(StateVisitor& visitor) {
    {
      const StateGroup group(visitor, "objective");
      visit_objective(visitor);
    }
    const StateGroup group(visitor, "method");
    method().visit_state(visitor);
  }
};

template <class FullBatchMethod, class Options>
class FullBatchRun final : public Run {
 public:
  FullBatchRun(const AnalyticObjective::Function& function, const std::vector<double>& start,
               const Options& options)
      : objective_(function, start), method_(objective_, Decide(), options) {}
  Method& method() override { return method_; }
  void visit_objective(StateVisitor& visitor) override { objective_.visit_state(visitor); }
  /// Trials are lower but never flat: theta moves to the best one, and the search has failed.
  void set_failing(bool failing) override {
    objective_.spoil_probe = nullptr;
    if (failing) objective_.spoil_probe = [](double, Probe& probe) { probe.slope = -1e9; };
  }

 private:
  AnalyticObjective objective_;
  FullBatchMethod method_;
};

class StochasticRun final : public Run {
 public:
  explicit StochasticRun(const StochasticMethod& options) : method_(objective_, options) {}
  Method& method() override { return method_; }
  void visit_objective(StateVisitor& visitor) override { objective_.visit_state(visitor); }

 private:
  NoisyQuadratic objective_;
  StochasticDescent method_;
};

/// A run whose state is moved after `iterations`, the last of which fails if `fails`.
struct Scenario {
  std::string name;
  std::function<std::unique_ptr<Run>()> make;
  int iterations;
  bool fails = false;
};

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  const auto add = [&](const std::string& name, const std::function<std::unique_ptr<Run>()>& make,
                       const std::vector<int>& moments, const std::vector<int>& failures) {
    for (const int k : moments) all.push_back({name + " after " + std::to_string(k), make, k});
    for (const int k : failures)
      all.push_back({name + " after a failure at " + std::to_string(k), make, k, true});
  };
  using Function = double (*)(const std::vector<double>&, std::vector<double>&);
  const auto add_full_batch = [&](const std::string& name, Function function,
                                  const std::vector<double>& start, const std::vector<int>& moments,
                                  const std::vector<int>& failures) {
    add(
        "cg on " + name,
        [=] {
          return std::make_unique<FullBatchRun<ConjugateGradient, DescentOptions>>(
              function, start, DescentOptions{});
        },
        moments, failures);
    // The memory is full after three pairs.
    add(
        "lbfgs on " + name,
        [=] {
          return std::make_unique<FullBatchRun<Lbfgs, LbfgsOptions>>(function, start,
                                                                     LbfgsOptions{.memory = 3});
        },
        moments, failures);
  };
  add_full_batch("Rosenbrock's function", tests::rosenbrock, tests::rosenbrock_start(10),
                 {0, 1, 2, 3, 4, 11, 30}, {1, 6});
  add_full_batch("a quadratic", tests::quadratic, std::vector<double>(40, 0.0), {0, 1, 3, 7},
                 {1, 9});
  // Near the minimum, where ||g|| < 1: without pairs only the very first trial step exceeds 1.
  add_full_batch("a quadratic near its minimum", tests::quadratic, {2.25, 3.6, 4.05, 3.6, 2.25},
                 {0}, {1});
  const LearningRate rate{.base = 0.05, .steps_per_epoch = 7, .epochs = 9, .warmup_epochs = 3};
  const auto add_stochastic = [&](const std::string& name, const StochasticMethod& options) {
    add(name, [=] { return std::make_unique<StochasticRun>(options); }, {0, 1, 2, 5}, {});
  };
  add_stochastic("momentum", {.rate = rate, .constants = {.momentum = 0.9}});
  add_stochastic("adam", {.rule = UpdateRule::adam, .rate = rate});
  return all;
}

std::unique_ptr<Run> run_up_to(const Scenario& scenario) {
  std::unique_ptr<Run> run = scenario.make();
  run->method().start();
  for (int k = 1; k <= scenario.iterations; ++k) {
    run->set_failing(scenario.fails && k == scenario.iterations);
    run->method().iterate();
  }
  run->set_failing(false);
  return run;
}

/// The next iterations, the third of which fails: L-BFGS drops its pairs then.
std::vector<Iteration> go_on(Run& run) {
  std::vector<Iteration> iterations;
  for (int k = 0; k < 6; ++k) {
    run.set_failing(k == 2);
    iterations.push_back(run.method().iterate());
  }
  return iterations;
}

/// Whether all values are equal; NaN equals NaN.
bool equal(const Iteration& a, const Iteration& b) {
  const auto same = [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); };
  return a.outcome == b.outcome && same(a.cost, b.cost) && same(a.gradient_norm, b.gradient_norm) &&
         same(a.step, b.step) && a.evaluations == b.evaluations && a.iteration == b.iteration &&
         a.epoch == b.epoch;
}

bool equal(const std::vector<Iteration>& a, const std::vector<Iteration>& b) {
  for (std::size_t k = 0; k < a.size(); ++k)
    if (!equal(a[k], b[k])) return false;
  return a.size() == b.size();
}

SavedState save(Run& run) {
  SavedState saved;
  tests::StateSaver saver(saved);
  run.visit_state(saver);
  return saved;
}

/// A fresh run with that state, but for one path.
std::unique_ptr<Run> restore(const Scenario& scenario, const SavedState& saved,
                             const std::string& skipped = {}) {
  std::unique_ptr<Run> run = scenario.make();
  tests::StateRestorer restorer(saved, skipped);
  run->visit_state(restorer);
  if (skipped.empty()) {
    EXPECT_EQ(restorer.restored(), saved.paths().size());
  }
  return run;
}

TEST(State, MovedIntoAFreshMethodContinuesWithTheSameBits) {
  for (const Scenario& scenario : scenarios()) {
    SCOPED_TRACE(scenario.name);
    const auto original = run_up_to(scenario);
    const SavedState saved = save(*original);
    const auto moved = restore(scenario, saved);
    const auto expected = go_on(*original);
    const auto found = go_on(*moved);
    for (std::size_t k = 0; k < expected.size(); ++k) {
      SCOPED_TRACE(testing::Message() << "iteration " << k);
      EXPECT_EQ(found[k].outcome, expected[k].outcome);
      EXPECT_EQ(found[k].cost, expected[k].cost);
      EXPECT_EQ(found[k].step, expected[k].step);
      EXPECT_EQ(found[k].gradient_norm, expected[k].gradient_norm);
      EXPECT_EQ(found[k].evaluations, expected[k].evaluations);
      EXPECT_EQ(found[k].iteration, expected[k].iteration);
    }
    EXPECT_TRUE(equal(expected, found));
  }
}

TEST(State, IsReadWithoutBeingChanged) {
  for (const Scenario& scenario : scenarios()) {
    SCOPED_TRACE(scenario.name);
    const auto untouched = run_up_to(scenario);
    const auto read = run_up_to(scenario);
    (void)save(*read);
    EXPECT_TRUE(equal(go_on(*untouched), go_on(*read)));
  }
}

TEST(State, IsTheSameOnceItWasMoved) {
  for (const Scenario& scenario : scenarios()) {
    SCOPED_TRACE(scenario.name);
    const SavedState saved = save(*run_up_to(scenario));
    const auto moved = restore(scenario, saved);
    const SavedState again = save(*moved);
    EXPECT_EQ(again.scalars, saved.scalars);
    EXPECT_EQ(again.counters, saved.counters);
    EXPECT_EQ(again.arrays, saved.arrays);
  }
}

/// Every visited path matters: leaving it out changes some run.
TEST(State, IsNeededItemByItem) {
  std::map<std::string, bool> matters;
  for (const Scenario& scenario : scenarios()) {
    const auto original = run_up_to(scenario);
    const SavedState saved = save(*original);
    const auto expected = go_on(*original);
    for (const std::string& path : saved.paths()) {
      const std::string method = scenario.name.substr(0, scenario.name.find(' '));
      bool& seen = matters[method + ": " + path];
      if (seen) continue;
      try {
        seen = !equal(expected, go_on(*restore(scenario, saved, path)));
      } catch (const std::exception&) {
        seen = true;  // the restored state is refused
      }
    }
  }
  // Momentum has one state per parameter; this objective keeps two for either method.
  const std::vector<std::string> redundant{"momentum: objective/second"};
  std::vector<std::string> unnoticed;
  for (const auto& [path, seen] : matters)
    if (!seen) unnoticed.push_back(path);
  EXPECT_EQ(unnoticed, redundant);
  for (const char* path : {"cg: method/cg/direction", "lbfgs: method/lbfgs/pair_2/s_y"})
    EXPECT_EQ(matters.count(path), 1U) << path;
}

TEST(State, OfMorePairsThanTheMemoryHoldsIsRefused) {
  const auto make = [](std::int64_t memory) {
    return std::make_unique<FullBatchRun<Lbfgs, LbfgsOptions>>(
        tests::rosenbrock, tests::rosenbrock_start(10), LbfgsOptions{.memory = memory});
  };
  const auto run = make(3);
  run->method().start();
  for (int k = 0; k < 4; ++k) run->method().iterate();
  const SavedState saved = save(*run);
  tests::StateRestorer smaller(saved);
  EXPECT_THROW(make(2)->visit_state(smaller), Error);
  tests::StateRestorer larger(saved);
  EXPECT_NO_THROW(make(4)->visit_state(larger));
}

}  // namespace
}  // namespace annmpi
