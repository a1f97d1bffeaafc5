#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/objective/full_batch_objective.hpp"
#include "annmpi/trainer/train.hpp"

#include "optimizer/conjugate_gradient.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"
#include "support/world.hpp"
#include "trainer/patience.hpp"

namespace annmpi::trainer {
namespace {

using Outcome = Iteration::Outcome;

using tests::world;

/// Keeps all records.
class Listener final : public Observer {
 public:
  void observe(const Record& record) override {
    records.push_back(record);
    if (failing_at == record.iteration) throw Error("metrics.csv: is full; free space");
  }
  void finish() override { ++finished; }

  std::vector<Record> records;
  int finished = 0;
  std::optional<std::int64_t> failing_at;
};

/// A small network on small sets, distributed over the ranks.
class Bench {
 public:
  explicit Bench(
      std::function<bool()> stop_requested = [] { return false; }, bool monitored = true)
      : network_(network::make_network({6, 4, 3}, config::Activation::sigmoid,
                                       config::OutputUnit::sigmoid)),
        world_(world()),
        device_(device::make_cpu_device(network_, [this](auto sums) { world_.sum(sums); })),
        objective(*device_, world_, share_of(60, 1),
                  monitored ? std::optional(share_of(30, 2)) : std::nullopt,
                  network::initial_parameters(network_, 0.2, 917),
                  {.l2 = 0.1, .stop_requested = std::move(stop_requested)}, times) {}

  TrainingResult train(Method& method, const TrainingOptions& options) {
    const std::vector<Observer*> observers{&listener};
    return trainer::train(method, objective, world_, options, observers, times);
  }

  [[nodiscard]] ConjugateGradient conjugate_gradient(double gradient_tolerance = 1e-5) {
    return {objective, world_.decide(), {.gradient_tolerance = gradient_tolerance}};
  }

  [[nodiscard]] std::vector<double> values(const Vector& vector) const {
    std::vector<double> out(device_->space().dimension());
    device_->space().download(vector, out);
    return out;
  }

 private:
  [[nodiscard]] objective::LoadedSet share_of(std::uint64_t rows, std::uint32_t seed) const {
    const auto samples = tests::random_samples(rows, 6, 3, io::ElementType::uint8, seed);
    const data::Partition partition(rows, 10, world_.size());
    return {device_->hold(tests::shard_of(samples, partition.rows_of(world_.rank())),
                          tests::facts_of(samples, 10)),
            partition, 0};
  }

  network::Network network_;
  comm::Communicator world_;
  std::unique_ptr<device::FullBatchDevice> device_;

 public:
  PhaseTimes times;
  objective::FullBatchObjective objective;
  Listener listener;
};

/// Takes the given steps along the initial direction of steepest descent, one trial each, whatever
/// the cost.
class Walk final : public Method {
 public:
  Walk(Bench& bench, std::vector<double> steps, Outcome at_the_end = Outcome::moved)
      : bench_(bench),
        steps_(std::move(steps)),
        at_the_end_(at_the_end),
        gradient_(bench.objective.space().zero()),
        direction_(bench.objective.space().zero()) {}

  Iteration start() override {
    (void)bench_.objective.evaluate(*gradient_);
    bench_.objective.space().axpy(-1, *gradient_, *direction_);
    return report(0, steps_.empty() ? at_the_end_ : Outcome::moved);
  }

  Iteration iterate() override {
    const double step = steps_.at(static_cast<std::size_t>(moves_++));
    bench_.objective.aim(*direction_);
    (void)bench_.objective.probe(step);
    bench_.objective.commit(step);
    visited.push_back(bench_.values(bench_.objective.theta()));
    const bool last = moves_ == std::ssize(steps_);
    return report(step, last ? at_the_end_ : Outcome::moved);
  }
  void visit_state(StateVisitor&) override {}

  std::vector<std::vector<double>> visited;  ///< theta after each iteration

 private:
  [[nodiscard]] Iteration report(double step, Outcome outcome) const {
    return {outcome, bench_.objective.training().cost, 1.0, step, 1 + moves_, moves_};
  }

  Bench& bench_;
  std::vector<double> steps_;
  Outcome at_the_end_;
  std::unique_ptr<Vector> gradient_;
  std::unique_ptr<Vector> direction_;
  std::int64_t moves_ = 0;
};

TEST(Train, EndsAtTheLimitOfIterations) {
  Bench bench;
  ConjugateGradient method = bench.conjugate_gradient();
  const TrainingResult result = bench.train(method, {.max_iterations = 7});
  EXPECT_EQ(result.history.status, Status::iteration_limit);
  EXPECT_EQ(result.history.last.iteration, 7);
  EXPECT_LT(result.history.last.training.cost, result.history.initial.training.cost);
}

TEST(Train, CallsEveryRankOnceAfterTheFirstIteration) {
  for (const std::int64_t iterations : {0, 1, 4}) {
    Bench bench;
    ConjugateGradient method = bench.conjugate_gradient();
    int told = 0;
    (void)bench.train(method,
                      {.max_iterations = iterations, .after_first_iteration = [&told] { ++told; }});
    EXPECT_EQ(told, iterations > 0 ? 1 : 0) << iterations;
  }
}

TEST(Train, MeasuresTheStartAndStaysThereWithNoIterationsAllowed) {
  Bench bench;
  ConjugateGradient method = bench.conjugate_gradient();
  const auto before = bench.values(bench.objective.theta());
  const TrainingResult result = bench.train(method, {.max_iterations = 0});
  EXPECT_EQ(result.history.status, Status::iteration_limit);
  EXPECT_EQ(result.history.last.iteration, 0);
  EXPECT_EQ(result.history.last.evaluations, 1);
  EXPECT_EQ(result.history.initial.training.cost, result.history.last.training.cost);
  EXPECT_EQ(bench.values(*result.selected_theta), before);
}

TEST(Train, EndsAtOnceWhereTheStartHasConverged) {
  Bench bench;
  ConjugateGradient method = bench.conjugate_gradient(1e9);
  const TrainingResult result = bench.train(method, {.max_iterations = 7});
  EXPECT_EQ(result.history.status, Status::converged);
  EXPECT_EQ(result.history.last.iteration, 0);
}

TEST(Train, ShowsEveryRecordOnceInOrderOnRank0Alone) {
  Bench bench;
  ConjugateGradient method = bench.conjugate_gradient();
  const TrainingResult result = bench.train(method, {.max_iterations = 5});
  if (!world().is_root()) {
    EXPECT_TRUE(bench.listener.records.empty());
    EXPECT_EQ(bench.listener.finished, 0);
    return;
  }
  EXPECT_EQ(bench.listener.finished, 1);
  const auto& records = bench.listener.records;
  ASSERT_EQ(records.size(), 6U);
  EXPECT_EQ(records[0].evaluations, 1);
  EXPECT_EQ(records[0].seconds, 0.0);
  EXPECT_EQ(records[0].step, 0.0);
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].iteration, static_cast<std::int64_t>(i));
    ASSERT_TRUE(records[i].monitored.has_value());
    if (i == 0) continue;
    EXPECT_GT(records[i].evaluations, records[i - 1].evaluations);
    EXPECT_GE(records[i].seconds, records[i - 1].seconds);
    EXPECT_GT(records[i].step, 0.0);
    EXPECT_LT(records[i].training.cost, records[i - 1].training.cost);
  }
  EXPECT_EQ(records.back().training.cost, result.history.last.training.cost);
  EXPECT_EQ(records.back().evaluations, result.history.last.evaluations);
}

TEST(Train, SelectsTheLowestMonitoredCostOrTheLast) {
  // Down, and far up again: the best point lies in between.
  const std::vector<double> steps{0.5, 0.5, 0.5, 40, 40};
  for (const auto selection : {config::Selection::best, config::Selection::last}) {
    Bench bench;
    Walk walk(bench, steps);
    const TrainingResult result = bench.train(walk, {.max_iterations = 5, .selection = selection});
    const TrainingHistory& history = result.history;
    std::int64_t expected = 5;
    if (selection == config::Selection::best) {
      expected = history.selected.iteration;
      EXPECT_GT(expected, 0);
      EXPECT_LT(expected, 5);
      for (const Record& record : bench.listener.records)  // of rank 0
        EXPECT_LE(history.selected.monitored->cost, record.monitored->cost);
    }
    EXPECT_EQ(history.selected.iteration, expected);
    EXPECT_EQ(bench.values(*result.selected_theta),
              walk.visited.at(static_cast<std::size_t>(expected - 1)));
    EXPECT_EQ(history.last.iteration, 5);
    EXPECT_EQ(bench.values(bench.objective.theta()), walk.visited.back());
  }
}

TEST(Train, SelectsByTheTrainingCostWhereNothingIsMonitored) {
  Bench bench([] { return false; }, false);
  Walk walk(bench, {1.0, -3.0});  // down, then up beyond the start
  const TrainingResult result = bench.train(walk, {.max_iterations = 2});
  EXPECT_FALSE(result.history.last.monitored.has_value());
  EXPECT_GT(result.history.last.training.cost, result.history.initial.training.cost);
  EXPECT_EQ(result.history.selected.iteration, 1);
  EXPECT_EQ(bench.values(*result.selected_theta), walk.visited[0]);
}

TEST(Train, SelectsTheFirstOfEquals) {
  Bench bench;
  Walk walk(bench, {0.0, 0.0});
  EXPECT_EQ(bench.train(walk, {.max_iterations = 2}).history.selected.iteration, 0);
}

TEST(Train, SaysWhyItEnded) {
  for (const auto& [outcome, status] :
       {std::pair{Outcome::converged, Status::converged},
        std::pair{Outcome::line_search_failed, Status::line_search_failed}}) {
    Bench bench;
    Walk walk(bench, {0.1, 0.1}, outcome);
    const TrainingResult result = bench.train(walk, {.max_iterations = 10});
    EXPECT_EQ(result.history.status, status);
    EXPECT_EQ(result.history.last.iteration, 2);
  }
}

TEST(Train, EndsWhereTheMonitoredCostHasNotFallenForLong) {
  // Far up, partly down again, and once below all before.
  const std::vector<double> steps{0.5, 40, -10, -10, -19.5, 40, 1, 1, 1};
  for (const auto& [patience, ends_after] :
       {std::pair{2, 3}, std::pair{3, 4}, std::pair{4, 9}, std::pair{0, 9}}) {
    Bench bench;
    Walk walk(bench, steps);
    const TrainingResult result = bench.train(walk, {.max_iterations = 9, .patience = patience});
    const bool exhausted = ends_after < 9;
    EXPECT_EQ(result.history.last.iteration, ends_after) << patience;
    EXPECT_EQ(result.history.status, exhausted ? Status::patience : Status::iteration_limit);
    EXPECT_EQ(result.history.selected.iteration, exhausted ? 1 : 5);
  }
}

TEST(Train, LooksAtTheTrainingCostWhereNothingIsMonitored) {
  Bench bench([] { return false; }, false);
  Walk walk(bench, {1.0, -3.0, 0.0, 0.0});
  const TrainingResult result = bench.train(walk, {.max_iterations = 4, .patience = 2});
  EXPECT_EQ(result.history.status, Status::patience);
  EXPECT_EQ(result.history.last.iteration, 3);
}

TEST(Patience, DoesNotTakeWhatIsNotANumberForProgress) {
  Patience patience(2);
  patience.consider(1.0);
  patience.consider(std::nan(""));
  EXPECT_FALSE(patience.is_exhausted());
  patience.consider(std::nan(""));
  EXPECT_TRUE(patience.is_exhausted());
  patience.consider(0.5);
  EXPECT_FALSE(patience.is_exhausted());
}

TEST(Train, StopsAfterTheIterationInWhichOneRankAsked) {
  // Checked at the start and once per iteration.
  int asked = 0;
  Bench bench([&] { return ++asked >= 4 && world().rank() == world().size() - 1; });
  Walk walk(bench, std::vector<double>(10, 0.1));
  const TrainingResult result = bench.train(walk, {.max_iterations = 10});
  EXPECT_EQ(result.history.status, Status::stopped);
  EXPECT_EQ(result.history.last.iteration, 3);
  EXPECT_EQ(bench.values(bench.objective.theta()), walk.visited.back());
}

TEST(Train, StopsBeforeTheFirstIterationWhereOneRankAskedDuringLoading) {
  Bench bench([] { return world().rank() == world().size() - 1; });
  Walk walk(bench, {0.1, 0.1});
  const TrainingResult result = bench.train(walk, {.max_iterations = 2});
  EXPECT_EQ(result.history.status, Status::stopped);
  EXPECT_EQ(result.history.last.iteration, 0);
  EXPECT_TRUE(walk.visited.empty());
  // The start is recorded: the incomplete run is consistent.
  EXPECT_EQ(bench.listener.records.size(), world().is_root() ? 1U : 0U);
}

TEST(Train, EndsAtTheLimitWhereAStopIsAskedForInTheLastIteration) {
  int asked = 0;
  Bench bench([&] { return ++asked >= 3; });
  Walk walk(bench, {0.1, 0.1});
  const TrainingResult result = bench.train(walk, {.max_iterations = 2});
  EXPECT_EQ(result.history.status, Status::iteration_limit);
  EXPECT_EQ(result.history.last.iteration, 2);
}

TEST(Train, EndsOnAllRanksWhereAnObserverFails) {
  for (const std::int64_t at : {0, 2}) {
    Bench bench;
    bench.listener.failing_at = at;
    Walk walk(bench, std::vector<double>(10, 0.1));
    std::string text;
    try {
      (void)bench.train(walk, {.max_iterations = 10});
    } catch (const comm::AgreedError& error) {
      text = error.what();
    }
    EXPECT_EQ(text, "metrics.csv: is full; free space");
    EXPECT_EQ(std::ssize(walk.visited), at) << "iterations after the failure";
  }
}

TEST(Train, AgreesOnAStartThatIsNotFinite) {
  Bench bench;
  class Hopeless final : public Method {
    Iteration start() override { throw Error("the cost at the start is inf; scale the features"); }
    Iteration iterate() override { throw std::logic_error("nothing to iterate"); }
    void visit_state(StateVisitor&) override {}
  } hopeless;
  EXPECT_THROW((void)bench.train(hopeless, {}), comm::AgreedError);
  EXPECT_TRUE(bench.listener.records.empty());
}

TEST(Status, HasTheNamesAndExitStatusesThatScriptsKnow) {
  EXPECT_EQ(name_of(Status::converged), "converged");
  EXPECT_EQ(name_of(Status::iteration_limit), "iteration_limit");
  EXPECT_EQ(name_of(Status::line_search_failed), "line_search_failed");
  EXPECT_EQ(name_of(Status::stopped), "stopped");
  EXPECT_EQ(name_of(Status::patience), "patience");
  EXPECT_EQ(exit_status_of(Status::converged), 0);
  EXPECT_EQ(exit_status_of(Status::iteration_limit), 0);
  EXPECT_EQ(exit_status_of(Status::line_search_failed), 3);
  EXPECT_EQ(exit_status_of(Status::stopped), 85);
  EXPECT_EQ(exit_status_of(Status::patience), 0);
}

}  // namespace
}  // namespace annmpi::trainer
