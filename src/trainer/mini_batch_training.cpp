#include "trainer/mini_batch_training.hpp"

#include "annmpi/base/error.hpp"
#include "annmpi/comm/exchange.hpp"
#include "annmpi/device/gpu_device.hpp"
#include "annmpi/device/mini_batch_device.hpp"
#include "annmpi/objective/mini_batch_objective.hpp"
#include "annmpi/optimizer/stochastic_descent.hpp"

namespace annmpi::trainer {
namespace {

using config::Configuration;

StochasticMethod method_of(const Configuration& configuration, const data::BatchOrder& order) {
  const Configuration::Optimizer& optimizer = configuration.optimizer;
  return {.method = optimizer.kind == config::OptimizerKind::adam
                        ? ParameterUpdate::Method::adam
                        : ParameterUpdate::Method::momentum,
          .rate = {.base = optimizer.learning_rate,
                   .schedule = optimizer.schedule,
                   .steps_per_epoch = static_cast<std::int64_t>(order.steps()),
                   .epochs = optimizer.epochs,
                   .warmup_epochs = optimizer.warmup_epochs,
                   .step_epochs = optimizer.step_epochs,
                   .step_factor = optimizer.step_factor,
                   .final_factor = optimizer.final_factor},
          .constants = optimizer,
          .clip_norm = optimizer.clip_norm,
          .penalty = configuration.model.l2 / static_cast<double>(order.rows())};
}

data::BatchOrder order_of(const TrainingSetup& setup) {
  const std::uint64_t rows = setup.sets.training.set.rows;
  const auto batch_rows = static_cast<std::uint64_t>(setup.configuration.optimizer.batch_size);
  if (batch_rows > rows)
    throw comm::AgreedError(
        fmt::format("optimizer.batch_size = {}: is larger than the training set ({} has {} rows); "
                    "use at most {}",
                    batch_rows, setup.sets.training.set.path, rows, rows));
  return {rows, batch_rows, setup.configuration.model.seed};
}

class MiniBatchTraining final : public Training {
 public:
  explicit MiniBatchTraining(const TrainingSetup& setup) : setup_(setup), order_(order_of(setup)) {
    if (setup.communicator.size() > 1) exchange_.emplace(setup.communicator, setup.times);
    device_ = setup.communicator.all_agree([&] { return make_device(); });
  }

  [[nodiscard]] std::string device() const override { return device_->description(); }

  void load() override {
    training_ = load(setup_.sets.training);
    if (setup_.sets.monitored) monitored_ = load(*setup_.sets.monitored);
    if (setup_.sets.test) test_ = load(*setup_.sets.test);
  }
  [[nodiscard]] std::uint64_t data_hash() const override { return training_.content_hash; }

  void prepare(std::span<const double> theta) override {
    const std::unique_ptr<Vector> start = device_->space().zero();
    device_->space().upload(theta, *start);
    device_->set_parameters(*start);
    objective_.emplace(
        *device_, setup_.communicator, exchange(), order_, training_,
        monitored_ ? &*monitored_ : nullptr,
        objective::MiniBatchObjectiveOptions{.l2 = setup_.configuration.model.l2,
                                             .stop_requested = setup_.stop_requested},
        setup_.times);
    method_.emplace(*objective_, method_of(setup_.configuration, order_));
  }
  [[nodiscard]] Method& method() override { return *method_; }
  [[nodiscard]] const objective::TrainingState& state() const override { return *objective_; }
  [[nodiscard]] std::int64_t max_iterations() const override {
    return setup_.configuration.optimizer.epochs * static_cast<std::int64_t>(order_.steps());
  }

  [[nodiscard]] std::optional<objective::Measurement> test(const Vector& theta) override {
    if (!test_) return std::nullopt;
    return objective::measure(*device_, setup_.communicator, *test_, theta,
                              setup_.configuration.model.l2);
  }
  [[nodiscard]] std::vector<double> parameters(const Vector& theta) const override {
    std::vector<double> values(setup_.network.parameters());
    device_->space().download(theta, values);
    return values;
  }
  [[nodiscard]] objective::PhaseWork work() const override {
    const auto rows = static_cast<double>(order_.rows()) / static_cast<double>(order_.steps());
    objective::PhaseWork work{};
    work[static_cast<std::size_t>(Phase::steps)] =
        rows / setup_.communicator.size() *
        (network::pass_work(setup_.network, io::bytes_of(setup_.sets.training.set.type)) +
         network::gradient_work(setup_.network, io::bytes_of(setup_.sets.training.set.type)));
    return work;
  }

 private:
  [[nodiscard]] objective::LoadedSet load(const data::DealtSet& dealt) {
    return objective::load(dealt, *device_, setup_.communicator);
  }
  /// Creates the device of this rank: its GPU if it has one, else its CPU.
  [[nodiscard]] std::unique_ptr<device::MiniBatchDevice> make_device() {
    const auto& compute = setup_.configuration.compute;
    const comm::Communicator& communicator = setup_.communicator;
    const data::Dataset& set = setup_.sets.training.set;
    const device::BatchFacts facts{order_.batch_rows(), set.feature_scale};
    if (setup_.devices.gpu)
      return device::make_gpu_mini_batch_device(
          *setup_.devices.gpu, setup_.network, set.type, facts,
          {communicator.rank(), communicator.size(),
           [&communicator](auto values) { communicator.sum(values); }},
          device::gpu_options(compute, setup_.headers));
    return device::make_cpu_mini_batch_device(
        setup_.network, facts, device::cpu_options(compute, setup_.headers, setup_.threads),
        exchange());
  }
  [[nodiscard]] RankExchange* exchange() { return exchange_ ? &*exchange_ : nullptr; }

  TrainingSetup setup_;
  data::BatchOrder order_;
  std::optional<comm::Exchange> exchange_;
  std::unique_ptr<device::MiniBatchDevice> device_;
  objective::LoadedSet training_;
  std::optional<objective::LoadedSet> monitored_;
  std::optional<objective::LoadedSet> test_;
  std::optional<objective::MiniBatchObjective> objective_;
  std::optional<StochasticDescent> method_;
};

}  // namespace

std::unique_ptr<Training> make_mini_batch_training(const TrainingSetup& setup) {
  return std::make_unique<MiniBatchTraining>(setup);
}

}  // namespace annmpi::trainer
