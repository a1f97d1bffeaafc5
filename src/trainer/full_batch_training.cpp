#include <utility>

#include <fmt/format.h>

#include "annmpi/device/device.hpp"
#include "annmpi/objective/agreement.hpp"
#include "annmpi/objective/full_batch_objective.hpp"
#include "annmpi/trainer/stop_signals.hpp"

#include "trainer/device_training.hpp"
#include "trainer/make_method.hpp"

namespace annmpi::trainer {
namespace {

/// Line-search methods: every step uses all rows.
class FullBatchTraining final : public DeviceTraining<device::FullBatchDevice> {
 public:
  /// Collective. Where GPUs and CPUs work together, each device sums over its own rank only.
  explicit FullBatchTraining(const TrainingSetup& setup) : DeviceTraining(setup) {
    const comm::Communicator& communicator = setup.communicator;
    device_ = communicator.all_agree([&] {
      const device::GpuRank alone{0, 1, [](auto) {}};
      return device::make_full_batch_device(setup.gpu(), setup.problem.network,
                                            setup.plan.devices.mixed() ? alone : setup.rank(),
                                            setup.device_options());
    });
    objective::require_equal_devices(communicator, *device_, setup.gpu() != nullptr);
  }

  /// "2 ranks on GPUs and 6 on CPUs; rank 0: GPU 0 (NVIDIA H100)" in mixed jobs.
  [[nodiscard]] std::string device() const override {
    const objective::ChosenDevices& devices = setup_.plan.devices;
    if (!devices.mixed()) return device_->description();
    return fmt::format("{} rank{} on GPUs and {} on CPUs; rank {}: {}", devices.gpus,
                       devices.gpus == 1 ? "" : "s", setup_.communicator.size() - devices.gpus,
                       setup_.communicator.rank(), device_->description());
  }

  void prepare(std::span<const double> theta) override {
    const auto& [data, model, optimizer, compute, output] = setup_.configuration;
    objective_.emplace(
        *device_, setup_.communicator, std::move(training_), std::move(monitored_), theta,
        objective::FullBatchObjectiveOptions{.l2 = model.l2,
                                             .refresh_interval = optimizer.refresh_interval,
                                             .tangent_trials = tangent_trials(),
                                             .mixed_ranks = setup_.plan.devices.mixed(),
                                             .stop_requested = stop_signal_received},
        setup_.times);
    method_ = make_method(optimizer, *objective_, setup_.communicator.decide(setup_.times));
  }
  [[nodiscard]] Method& method() override { return *method_; }
  [[nodiscard]] const objective::TrainingState& state() const override { return *objective_; }
  [[nodiscard]] std::int64_t max_iterations() const override {
    return setup_.configuration.optimizer.max_iterations;
  }

  void complete_times() override { objective_->complete_times(); }
  [[nodiscard]] objective::PhaseWork work() const override {
    return objective::work_of_phases(setup_.problem.network, setup_.plan.sets,
                                     setup_.communicator.rank(), tangent_trials());
  }

 private:
  [[nodiscard]] bool tangent_trials() const {
    return trials_by_tangent(setup_.configuration.optimizer.kind, setup_.problem.network);
  }

  std::optional<objective::FullBatchObjective> objective_;
  std::unique_ptr<Method> method_;
};

}  // namespace

std::unique_ptr<Training> make_full_batch_training(const TrainingSetup& setup) {
  return std::make_unique<FullBatchTraining>(setup);
}

}  // namespace annmpi::trainer
