#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "annmpi/device/device.hpp"

#include "device/cuda/full_batch/cuda_device.hpp"
#include "device/cuda/test_sums.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"

namespace annmpi::tests {

/// The galaxy network on a GPU, 1024-8-3 with 2,700 training rows and 675 monitored ones, and the
/// operations of a conjugate-gradient iteration (objective/full_batch_objective).
class GalaxyRig {
 public:
  static constexpr std::uint64_t training_rows = 2700, monitored_rows = 675;

  explicit GalaxyRig(config::Precision precision, io::ElementType type = io::ElementType::uint8)
      : type_(type),
        device_(device::cuda::make_cuda_device(network(), std::make_unique<TestSums>(),
                                               {.precision = precision,
                                                .bytes = type == io::ElementType::uint8,
                                                .training_rows = training_rows},
                                               "a GPU")),
        training_(hold(training_rows, 1)),
        monitored_(hold(monitored_rows, 2)),
        shards_{training_.get(), monitored_.get()},
        theta_(vector(network::initial_parameters(network(), 0.3, 917))),
        direction_(vector(network::initial_parameters(network(), 0.1, 5))),
        gradient_(device_->space().zero()),
        other_gradient_(device_->space().zero()) {
    device_->project(*training_, *theta_);
    device_->project(*monitored_, *theta_);
  }

  static network::Network network() {
    return network::make_network({1024, 8, 3}, config::Activation::sigmoid,
                                 config::OutputUnit::sigmoid);
  }
  static Samples samples(std::uint64_t rows, unsigned seed,
                         io::ElementType type = io::ElementType::uint8) {
    return random_samples(rows, 1024, 3, type, seed);
  }

  struct Operation {
    std::string name;
    std::function<void()> work;
    double least_bytes;  ///< bytes read and written, each array once
  };

  /// The operations, in the order of an iteration with one trial.
  [[nodiscard]] std::vector<Operation> operations() {
    const network::Network shape = network();
    const double n = 8.0 * static_cast<double>(shape.parameters());
    const double first = 8.0 * 8 * 1025;
    const double carried = 8.0 * 8;
    const double features = 1024 * static_cast<double>(io::bytes_of(type_));
    constexpr double m = training_rows, other = monitored_rows;
    return {
        {"turn: p = -g + beta p", [this] { turn(); }, 3 * n},
        {"penalty dots, launched",
         [this] { device_->start_penalty_dots(*theta_, direction_.get()); }, 2 * n},
        {"aim both sets", [this] { device_->aim(shards_, *direction_); },
         (m + other) * (features + carried) + first},
        {"probe, waited for", [this] { (void)device_->probe(*training_, along()); },
         m * (2 * carried + 4)},
        {"penalty dots read", [this] { (void)device_->penalty_dots(); }, 24},
        {"sums of the gradient", [this] { device_->start_gradient(*training_, along()); },
         m * (features + 2 * carried + 4) + 2 * n},
        {"measure the monitored set", [this] { device_->start_measure(*monitored_, along()); },
         other * (2 * carried + 4)},
        {"collect and finish the gradient",
         [this] { device_->finish_gradient(along(), 1.0 / m, 1.0 / m, *other_gradient_); }, 3 * n},
        {"three dots and the largest, synchronized", [this] { dots(); }, 3 * n},
        {"both losses read",
         [this] {
           (void)device_->measured(*training_);
           (void)device_->measured(*monitored_);
         },
         48},
        {"move theta and both Z", [this] { device_->move(1e-6, *direction_, *theta_, shards_); },
         3 * n + (m + other) * 3 * carried},
    };
  }

  /// Runs all operations in order, with so many trials.
  void iterate(int trials) {
    for (const Operation& operation : operations()) {
      operation.work();
      if (!operation.name.starts_with("probe")) continue;
      for (int more = 1; more < trials; ++more) operation.work();
    }
  }

  /// Synchronizes the stream.
  void synchronize() { (void)device_->space().max_abs(*theta_); }

 private:
  [[nodiscard]] std::unique_ptr<device::DeviceRows> hold(std::uint64_t rows, unsigned seed) {
    const Samples made = samples(rows, seed, type_);
    return device_->hold(shard_of(made), facts_of(made, 8192));
  }
  [[nodiscard]] std::unique_ptr<Vector> vector(const std::vector<double>& values) {
    auto made = device_->space().zero();
    device_->space().upload(values, *made);
    return made;
  }
  [[nodiscard]] device::Point along() const { return {*theta_, direction_.get(), 0.5}; }

  void turn() {
    const std::array coefficients{-1.0, 0.5};
    const std::array<const Vector*, 2> vectors{gradient_.get(), direction_.get()};
    device_->space().linear_combination(coefficients, vectors, *direction_);
  }
  void dots() {
    const std::array<DotPair, 3> pairs{{{other_gradient_.get(), other_gradient_.get()},
                                        {other_gradient_.get(), gradient_.get()},
                                        {other_gradient_.get(), direction_.get()}}};
    std::array<double, 3> found{};
    (void)device_->space().multi_dot_and_max_abs(pairs, found, *other_gradient_);
  }

  io::ElementType type_;
  std::unique_ptr<device::FullBatchDevice> device_;
  std::unique_ptr<device::DeviceRows> training_, monitored_;
  std::array<device::DeviceRows*, 2> shards_;
  std::unique_ptr<Vector> theta_, direction_, gradient_, other_gradient_;
};

}  // namespace annmpi::tests
