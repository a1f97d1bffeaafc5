#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/gpu_device.hpp"
#include "annmpi/objective/loaded_set.hpp"
#include "annmpi/trainer/training.hpp"

namespace annmpi::trainer {

/// Everything that a training needs except its rows. The references must outlive it.
struct TrainingSetup {
  const config::Configuration& configuration;
  const Problem& problem;
  const ExecutionPlan& plan;
  const comm::Communicator& communicator;
  PhaseTimes& times;

  [[nodiscard]] device::DeviceOptions device_options() const {
    device::DeviceOptions options =
        device::device_options(configuration.compute, problem.sets, plan.threads);
    options.transposed_features = plan.memory.transposed;
    return options;
  }
  /// This rank, where sums over all ranks are needed.
  [[nodiscard]] device::GpuRank rank() const {
    return {communicator.rank(), communicator.size(),
            [&ranks = communicator](auto values) { ranks.sum(values); }};
  }
  [[nodiscard]] const device::FoundGpu* gpu() const {
    return plan.devices.gpu ? &*plan.devices.gpu : nullptr;
  }
};

/// The common part of both kinds of training: the rows of all sets on the device of this rank, and
/// measurements of them.
template <class DeviceOfRank>
class DeviceTraining : public Training {
 public:
  [[nodiscard]] std::string device() const override { return device_->description(); }

  void load() override {
    const auto load = [&](const data::DealtSet& dealt) {
      return objective::load(dealt, *device_, setup_.communicator);
    };
    const data::DealtSets& sets = setup_.plan.sets;
    training_ = load(sets.training);
    data_hash_ = training_.content_hash;
    if (sets.monitored) monitored_ = load(*sets.monitored);
    if (sets.test) test_ = load(*sets.test);
  }
  [[nodiscard]] std::uint64_t data_hash() const override { return data_hash_; }

  [[nodiscard]] std::optional<objective::Measurement> test(const Vector& theta) override {
    if (!test_) return std::nullopt;
    return objective::measure(*device_, setup_.communicator, *test_, theta,
                              setup_.configuration.model.l2);
  }
  [[nodiscard]] std::vector<double> parameters(const Vector& theta) const override {
    std::vector<double> values(device_->space().dimension());
    device_->space().download(theta, values);
    return values;
  }

 protected:
  explicit DeviceTraining(const TrainingSetup& setup) : setup_(setup) {}

  TrainingSetup setup_;
  std::unique_ptr<DeviceOfRank> device_;
  objective::LoadedSet training_;
  std::optional<objective::LoadedSet> monitored_;

 private:
  std::optional<objective::LoadedSet> test_;
  std::uint64_t data_hash_ = 0;
};

[[nodiscard]] std::unique_ptr<Training> make_full_batch_training(const TrainingSetup& setup);
[[nodiscard]] std::unique_ptr<Training> make_mini_batch_training(const TrainingSetup& setup);

}  // namespace annmpi::trainer
