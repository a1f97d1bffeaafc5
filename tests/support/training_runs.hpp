#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "annmpi/base/hash.hpp"
#include "annmpi/comm/exchange.hpp"
#include "annmpi/objective/full_batch_objective.hpp"
#include "annmpi/objective/mini_batch_objective.hpp"
#include "annmpi/optimizer/stochastic_descent.hpp"

#include "optimizer/conjugate_gradient.hpp"
#include "optimizer/lbfgs.hpp"
#include "support/batch_rows.hpp"
#include "support/gathered_state.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"

// Complete training runs (method, objective, device, rows) for tests that move state between ranks.
namespace annmpi::tests {

/// The bits of all values of a record, and a hash of the parameters.
using Figures = std::vector<std::uint64_t>;

class TrainingRun {
 public:
  /// The communicator must outlive it.
  TrainingRun(const comm::Communicator& ranks, network::Network network)
      : ranks_(ranks), network_(std::move(network)) {}
  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;
  virtual ~TrainingRun() = default;

  [[nodiscard]] virtual Method& method() = 0;
  [[nodiscard]] virtual const objective::TrainingState& state() const = 0;
  virtual void visit_objective(StateVisitor& visitor) = 0;

  /// Whether this rank wants training to stop.
  bool stopping = false;

  void visit_state(StateVisitor& visitor) {
    {
      const StateGroup group(visitor, "objective");
      visit_objective(visitor);
    }
    const StateGroup group(visitor, "method");
    method().visit_state(visitor);
  }
  /// The state of all ranks. Collective.
  [[nodiscard]] SavedState gathered() {
    SavedState saved;
    StateGatherer gatherer(saved, ranks_);
    visit_state(gatherer);
    return saved;
  }

  /// The figures now and after each of the next iterations. Collective.
  [[nodiscard]] std::vector<Figures> go_on(int iterations) {
    std::vector<Figures> course{figures()};
    for (int i = 0; i < iterations; ++i) {
      const Iteration iteration = method().iterate();
      course.push_back(figures());
      for (const double figure :
           {static_cast<double>(iteration.outcome), iteration.cost, iteration.gradient_norm,
            iteration.step, static_cast<double>(iteration.evaluations),
            static_cast<double>(iteration.iteration), iteration.epoch.value_or(-1)})
        course.back().push_back(std::bit_cast<std::uint64_t>(figure));
    }
    return course;
  }

 protected:
  /// This rank's samples.
  [[nodiscard]] Samples samples(std::uint64_t rows, std::uint32_t seed) const {
    return random_samples(rows, network_.inputs(), static_cast<int>(network_.classes()),
                          io::ElementType::uint8, seed);
  }
  [[nodiscard]] data::Partition partition(std::uint64_t rows) const {
    return {rows, chunk_rows, ranks_.size()};
  }
  [[nodiscard]] data::HostBlock own_rows(const Samples& of_all) const {
    return shard_of(of_all, partition(of_all.rows).rows_of(ranks_.rank()));
  }
  [[nodiscard]] std::vector<double> initial_theta() const {
    return network::initial_parameters(network_, 0.3, 7);
  }

  static constexpr std::uint64_t chunk_rows = 16;
  static constexpr double l2 = 0.7;

  const comm::Communicator& ranks_;
  network::Network network_;
  PhaseTimes times_;

 private:
  [[nodiscard]] Figures figures() const {
    std::vector<double> theta(network_.parameters());
    state().space().download(state().theta(), theta);
    Figures found{hash64(std::as_bytes(std::span(theta)))};
    const objective::Measurement monitored = state().monitored().value();
    for (const double figure :
         {state().training().cost, state().training().accuracy, monitored.cost, monitored.accuracy})
      found.push_back(std::bit_cast<std::uint64_t>(figure));
    return found;
  }
};

/// The settings of a run that do not depend on ranks and devices.
struct RunSetting {
  std::string name;
  std::vector<std::int64_t> sizes;
  config::Precision precision = config::Precision::float64;
  bool deterministic = true;  ///< the same bits on any number of ranks
  bool tangent_trials = true;
  std::optional<std::int64_t> memory{};          ///< of L-BFGS, in place of conjugate gradients
  std::optional<StochasticMethod> stochastic{};  ///< in place of both
  std::uint64_t batch_rows = 37;                 ///< 4 steps an epoch, the last of 22 rows

  [[nodiscard]] network::Network network() const {
    return network::make_network(sizes, config::Activation::tanh, config::OutputUnit::softmax);
  }
  [[nodiscard]] device::DeviceOptions options() const {
    return {
        .deterministic = deterministic, .precision = precision, .bytes = true, .training_rows = 90};
  }
};

/// The devices of a rank.
struct MakeDevices {
  std::function<std::unique_ptr<device::FullBatchDevice>(const RunSetting&,
                                                         const comm::Communicator&)>
      full_batch;
  std::function<std::unique_ptr<device::MiniBatchDevice>(
      const RunSetting&, const device::BatchFacts&, const comm::Communicator&, RankExchange*)>
      mini_batch;
  bool mixed_ranks = false;  ///< FullBatchObjectiveOptions::mixed_ranks
};

class FullBatchRun final : public TrainingRun {
 public:
  static constexpr std::int64_t refresh_interval = 4;

  FullBatchRun(const RunSetting& setting, const MakeDevices& make, const comm::Communicator& ranks)
      : TrainingRun(ranks, setting.network()),
        device_(make.full_batch(setting, ranks)),
        objective_(*device_, ranks, share(90, 1), share(24, 2), initial_theta(),
                   {.l2 = l2,
                    .refresh_interval = refresh_interval,
                    .tangent_trials = setting.tangent_trials,
                    .mixed_ranks = make.mixed_ranks},
                   times_) {
    if (setting.memory)
      method_ = std::make_unique<Lbfgs>(objective_, ranks.decide(),
                                        LbfgsOptions{.memory = *setting.memory});
    else
      method_ = std::make_unique<ConjugateGradient>(objective_, ranks.decide(), DescentOptions{});
  }

  [[nodiscard]] Method& method() override { return *method_; }
  [[nodiscard]] const objective::TrainingState& state() const override { return objective_; }
  void visit_objective(StateVisitor& visitor) override { objective_.visit_state(visitor); }

 private:
  [[nodiscard]] objective::LoadedSet share(std::uint64_t rows, std::uint32_t seed) {
    const Samples all = samples(rows, seed);
    return {device_->hold(own_rows(all), facts_of(all, chunk_rows)), partition(rows)};
  }

  std::unique_ptr<device::FullBatchDevice> device_;
  objective::FullBatchObjective objective_;
  std::unique_ptr<Method> method_;
};

class MiniBatchRun final : public TrainingRun {
 public:
  static constexpr std::uint64_t rows = 133;

  MiniBatchRun(const RunSetting& setting, const MakeDevices& make, const comm::Communicator& ranks)
      : TrainingRun(ranks, setting.network()) {
    if (ranks.size() > 1) exchange_.emplace(ranks, times_);
    RankExchange* const exchange = exchange_ ? &*exchange_ : nullptr;
    const data::BatchOrder order(rows, setting.batch_rows, 5);
    device_ = make.mini_batch(setting, {order.batch_rows(), 1.0 / 255}, ranks, exchange);
    set_parameters(*device_, initial_theta());
    training_ = held(rows, 1);
    monitored_ = held(40, 2);
    objective_.emplace(*device_, ranks, exchange, order, training_, &monitored_,
                       objective::MiniBatchObjectiveOptions{
                           .l2 = l2, .stop_requested = [this] { return stopping; }},
                       times_);
    StochasticMethod method = *setting.stochastic;
    method.rate.steps_per_epoch = objective_->steps_per_epoch();
    method_.emplace(*objective_, method);
  }

  [[nodiscard]] Method& method() override { return *method_; }
  [[nodiscard]] const objective::TrainingState& state() const override { return *objective_; }
  void visit_objective(StateVisitor& visitor) override { objective_->visit_state(visitor); }

 private:
  [[nodiscard]] objective::LoadedSet held(std::uint64_t number, std::uint32_t seed) const {
    const Samples all = samples(number, seed);
    return {device_->hold(own_rows(all), facts_of(all, chunk_rows)), partition(number)};
  }

  std::optional<comm::Exchange> exchange_;
  std::unique_ptr<device::MiniBatchDevice> device_;
  objective::LoadedSet training_, monitored_;
  std::optional<objective::MiniBatchObjective> objective_;
  std::optional<StochasticDescent> method_;
};

[[nodiscard]] inline std::unique_ptr<TrainingRun> make_run(const RunSetting& setting,
                                                           const MakeDevices& make,
                                                           const comm::Communicator& ranks) {
  if (setting.stochastic) return std::make_unique<MiniBatchRun>(setting, make, ranks);
  return std::make_unique<FullBatchRun>(setting, make, ranks);
}

/// A new run with gathered state restored, except for the value at the path `skipped`.
[[nodiscard]] inline std::unique_ptr<TrainingRun> restored_run(const RunSetting& setting,
                                                               const MakeDevices& make,
                                                               const comm::Communicator& ranks,
                                                               const SavedState& saved,
                                                               std::string_view skipped = {}) {
  auto run = make_run(setting, make, ranks);
  StateRestorer restorer(saved, skipped);
  run->visit_state(restorer);
  return run;
}

/// A point of a run at which its state is moved.
struct Moment {
  int iterations;             ///< or epochs
  bool within_epoch = false;  ///< then an epoch that is left early
};

/// The moments for a run. Full batches use refreshes, where Z is recomputed from the features.
[[nodiscard]] inline std::vector<Moment> moments_of(const RunSetting& setting) {
  if (!setting.stochastic)
    return {{0}, {FullBatchRun::refresh_interval}, {2 * FullBatchRun::refresh_interval}};
  // Stop requests are checked every 64 steps, 3 steps before the end of an epoch.
  if (setting.batch_rows == 2) return {{0, true}};
  return {{0}, {1}};
}

inline void run_up_to(const Moment& moment, TrainingRun& run) {
  (void)run.method().start();
  for (int i = 0; i < moment.iterations; ++i) (void)run.method().iterate();
  if (!moment.within_epoch) return;
  run.stopping = true;
  (void)run.method().iterate();
  run.stopping = false;
}

/// Enough iterations to compare two runs: past a refresh, or into the next epoch.
[[nodiscard]] inline int iterations_to_compare(const RunSetting& setting) {
  return setting.stochastic ? 2 : FullBatchRun::refresh_interval + 2;
}

/// Runs of all methods with one and three layers; some ranks own no blocks of parameters.
[[nodiscard]] inline std::vector<RunSetting> run_settings() {
  using config::Precision;
  const std::vector<std::int64_t> flat{40, 3}, deep{40, 33, 17, 3};
  const auto stochastic = [](StochasticMethod method) {
    method.rate = {.base = method.rule == UpdateRule::sgd ? 0.02 : 0.002,
                   .schedule = rules::Schedule::cosine,
                   .epochs = 5,
                   .warmup_epochs = 0.5};
    method.penalty = 0.7 / MiniBatchRun::rows;
    return method;
  };
  const auto plain = stochastic({});
  const auto momentum = stochastic({.constants = {.momentum = 0.9}});
  const auto nesterov = stochastic({.constants = {.momentum = 0.9, .nesterov = true}});
  const auto adam = stochastic({.rule = UpdateRule::adam});
  const auto clipped =
      stochastic({.rule = UpdateRule::adam, .constants = {.weight_decay = 0.01}, .clip_norm = 0.5});
  std::vector<RunSetting> settings{
      {.name = "cg", .sizes = deep},
      {.name = "cg, one layer, mixed", .sizes = flat, .precision = Precision::mixed},
      {.name = "cg, trials by gradient, mixed",
       .sizes = deep,
       .precision = Precision::mixed,
       .tangent_trials = false},
      {.name = "cg, plain sums", .sizes = deep, .deterministic = false},
      {.name = "lbfgs", .sizes = deep, .memory = 3},
      {.name = "lbfgs, one layer", .sizes = flat, .tangent_trials = false, .memory = 3},
      {.name = "lbfgs, mixed", .sizes = deep, .precision = Precision::mixed, .memory = 3},
      {.name = "lbfgs, plain sums, mixed",
       .sizes = deep,
       .precision = Precision::mixed,
       .deterministic = false,
       .memory = 3},
      {.name = "sgd, one layer, mixed",
       .sizes = flat,
       .precision = Precision::mixed,
       .stochastic = plain},
      {.name = "momentum", .sizes = deep, .stochastic = momentum},
      {.name = "momentum, within an epoch", .sizes = deep, .stochastic = momentum, .batch_rows = 2},
      {.name = "momentum, one layer, mixed",
       .sizes = flat,
       .precision = Precision::mixed,
       .stochastic = momentum},
      {.name = "nesterov, mixed",
       .sizes = deep,
       .precision = Precision::mixed,
       .stochastic = nesterov},
      {.name = "nesterov, plain sums",
       .sizes = deep,
       .deterministic = false,
       .stochastic = nesterov},
      {.name = "adam, one layer", .sizes = flat, .stochastic = adam},
      {.name = "adam, mixed", .sizes = deep, .precision = Precision::mixed, .stochastic = adam},
      {.name = "adam, one layer, mixed, within an epoch",
       .sizes = flat,
       .precision = Precision::mixed,
       .stochastic = adam,
       .batch_rows = 2},
      {.name = "clipped adam", .sizes = deep, .stochastic = clipped},
      {.name = "adam, plain sums, mixed",
       .sizes = deep,
       .precision = Precision::mixed,
       .deterministic = false,
       .stochastic = adam},
  };
  for (std::size_t i = 0; i < rules::update_rule_names.size(); ++i) {
    const auto rule = static_cast<UpdateRule>(i);
    rules::UpdateConstants constants = rules::defaults_of(rule).constants;
    constants.momentum = 0.9;  // of the rules that use it
    settings.push_back({.name = fmt::format("{} as a rule", rules::update_rule_names[i]),
                        .sizes = deep,
                        .stochastic = stochastic({.rule = rule, .constants = constants})});
  }
  return settings;
}

}  // namespace annmpi::tests
