#include "trainer/full_batch_training.hpp"

#include <utility>

#include <fmt/format.h>

#include "annmpi/device/device.hpp"
#include "annmpi/objective/agreement.hpp"
#include "annmpi/objective/full_batch_objective.hpp"

#include "trainer/make_method.hpp"
#include "trainer/rank_device.hpp"

namespace annmpi::trainer {
namespace {

/// Creates the device of this rank: its GPU if it has one, else its CPU. Collective.
std::unique_ptr<device::FullBatchDevice> make_full_batch_device(const TrainingSetup& setup) {
  const comm::Communicator& communicator = setup.communicator;
  const objective::ChosenDevices& devices = setup.devices;
  const RankDevice settings{
      setup.configuration.compute,           setup.network, setup.headers,
      devices.gpu ? &*devices.gpu : nullptr, setup.threads, setup.transposed_features};
  auto device = communicator.all_agree([&] {
    if (devices.mixed()) return make_lone_device(settings);
    return make_rank_device(settings, {communicator.rank(), communicator.size(),
                                       [&communicator](auto values) { communicator.sum(values); }});
  });
  objective::require_equal_devices(communicator, *device, devices.gpu.has_value());
  return device;
}

class FullBatchTraining final : public Training {
 public:
  explicit FullBatchTraining(const TrainingSetup& setup)
      : setup_(setup), device_(make_full_batch_device(setup)) {}

  /// "2 ranks on GPUs and 6 on CPUs; rank 0: GPU 0 (NVIDIA H100)" in mixed jobs.
  [[nodiscard]] std::string device() const override {
    const objective::ChosenDevices& devices = setup_.devices;
    if (!devices.mixed()) return device_->description();
    return fmt::format("{} rank{} on GPUs and {} on CPUs; rank {}: {}", devices.gpus,
                       devices.gpus == 1 ? "" : "s", setup_.communicator.size() - devices.gpus,
                       setup_.communicator.rank(), device_->description());
  }

  void load() override {
    training_ = load(setup_.sets.training);
    data_hash_ = training_.content_hash;
    if (setup_.sets.monitored) monitored_ = load(*setup_.sets.monitored);
    if (setup_.sets.test) test_ = load(*setup_.sets.test);
  }
  [[nodiscard]] std::uint64_t data_hash() const override { return data_hash_; }

  void prepare(std::span<const double> theta) override {
    const auto& [data, model, optimizer, compute, output] = setup_.configuration;
    objective_.emplace(
        *device_, setup_.communicator, std::move(training_), std::move(monitored_), theta,
        objective::FullBatchObjectiveOptions{.l2 = model.l2,
                                             .refresh_interval = optimizer.refresh_interval,
                                             .tangent_trials = tangent_trials(),
                                             .mixed_ranks = setup_.devices.mixed(),
                                             .stop_requested = setup_.stop_requested},
        setup_.times);
    method_ = make_method(optimizer, *objective_, setup_.communicator.decide(setup_.times));
  }
  [[nodiscard]] Method& method() override { return *method_; }
  [[nodiscard]] const objective::TrainingState& state() const override { return *objective_; }
  [[nodiscard]] std::int64_t max_iterations() const override {
    return setup_.configuration.optimizer.max_iterations;
  }

  void complete_times() override { objective_->complete_times(); }
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
    return objective::work_of_phases(setup_.network, setup_.sets, setup_.communicator.rank(),
                                     tangent_trials());
  }

 private:
  [[nodiscard]] bool tangent_trials() const {
    return trials_by_tangent(setup_.configuration.optimizer.kind, setup_.network);
  }
  [[nodiscard]] objective::LoadedSet load(const data::DealtSet& own) {
    return objective::load(own, *device_, setup_.communicator);
  }

  TrainingSetup setup_;
  std::unique_ptr<device::FullBatchDevice> device_;
  objective::LoadedSet training_;
  std::optional<objective::LoadedSet> monitored_;
  std::optional<objective::LoadedSet> test_;
  std::uint64_t data_hash_ = 0;
  std::optional<objective::FullBatchObjective> objective_;
  std::unique_ptr<Method> method_;
};

}  // namespace

std::unique_ptr<Training> make_full_batch_training(const TrainingSetup& setup) {
  return std::make_unique<FullBatchTraining>(setup);
}

}  // namespace annmpi::trainer
