#include "annmpi/base/error.hpp"
#include "annmpi/comm/exchange.hpp"
#include "annmpi/device/gpu_device.hpp"
#include "annmpi/device/mini_batch_device.hpp"
#include "annmpi/objective/mini_batch_objective.hpp"
#include "annmpi/optimizer/stochastic_descent.hpp"
#include "annmpi/trainer/stop_signals.hpp"

#include "trainer/device_training.hpp"

namespace annmpi::trainer {
namespace {

using config::Configuration;

StochasticMethod method_of(const Configuration& configuration, const data::BatchOrder& order) {
  const Configuration::Optimizer& optimizer = configuration.optimizer;
  return {.rule = config::update_rule_of(optimizer.kind).value(),
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
  const std::uint64_t rows = setup.plan.sets.training.set.rows;
  const auto batch_rows = static_cast<std::uint64_t>(setup.configuration.optimizer.batch_size);
  if (batch_rows > rows)
    throw comm::AgreedError(
        fmt::format("optimizer.batch_size = {}: is larger than the training set ({} has {} rows); "
                    "use at most {}",
                    batch_rows, setup.plan.sets.training.set.path, rows, rows));
  return {rows, batch_rows, setup.configuration.model.seed};
}

/// Stochastic methods: every step uses one mini-batch.
class MiniBatchTraining final : public DeviceTraining<device::MiniBatchDevice> {
 public:
  explicit MiniBatchTraining(const TrainingSetup& setup)
      : DeviceTraining(setup), order_(order_of(setup)) {
    if (setup.communicator.size() > 1) exchange_.emplace(setup.communicator, setup.times);
    device_ = setup.communicator.all_agree([&] { return make_device(); });
  }

  void prepare(std::span<const double> theta) override {
    const std::unique_ptr<Vector> start = device_->space().zero();
    device_->space().upload(theta, *start);
    device_->set_parameters(*start);
    objective_.emplace(*device_, setup_.communicator, exchange(), order_, training_,
                       monitored_ ? &*monitored_ : nullptr,
                       objective::MiniBatchObjectiveOptions{.l2 = setup_.configuration.model.l2,
                                                            .stop_requested = stop_signal_received},
                       setup_.times);
    method_.emplace(*objective_, method_of(setup_.configuration, order_));
  }
  [[nodiscard]] Method& method() override { return *method_; }
  [[nodiscard]] const objective::TrainingState& state() const override { return *objective_; }
  [[nodiscard]] std::int64_t max_iterations() const override {
    return setup_.configuration.optimizer.epochs * static_cast<std::int64_t>(order_.steps());
  }

  [[nodiscard]] objective::PhaseWork work() const override {
    const auto rows = static_cast<double>(order_.rows()) / static_cast<double>(order_.steps());
    objective::PhaseWork work{};
    work[static_cast<std::size_t>(Phase::steps)] =
        rows / setup_.communicator.size() *
        (network::pass_work(setup_.problem.network,
                            io::bytes_of(setup_.plan.sets.training.set.type)) +
         network::gradient_work(setup_.problem.network,
                                io::bytes_of(setup_.plan.sets.training.set.type)));
    return work;
  }

 private:
  [[nodiscard]] std::unique_ptr<device::MiniBatchDevice> make_device() {
    const data::Dataset& set = setup_.plan.sets.training.set;
    const device::BatchFacts facts{order_.batch_rows(), set.feature_scale};
    if (setup_.gpu() != nullptr)
      return device::make_gpu_mini_batch_device(*setup_.gpu(), setup_.problem.network, set.type,
                                                facts, setup_.rank(), setup_.device_options());
    return device::make_cpu_mini_batch_device(setup_.problem.network, facts,
                                              setup_.device_options(), exchange());
  }
  [[nodiscard]] RankExchange* exchange() { return exchange_ ? &*exchange_ : nullptr; }

  data::BatchOrder order_;
  std::optional<comm::Exchange> exchange_;
  std::optional<objective::MiniBatchObjective> objective_;
  std::optional<StochasticDescent> method_;
};

}  // namespace

std::unique_ptr<Training> make_mini_batch_training(const TrainingSetup& setup) {
  return std::make_unique<MiniBatchTraining>(setup);
}

}  // namespace annmpi::trainer
