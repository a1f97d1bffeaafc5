#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "annmpi/data/batch_order.hpp"
#include "annmpi/device/mini_batch_device.hpp"

#include "support/activations.hpp"
#include "support/samples.hpp"

namespace annmpi::tests {

/// A network, and the number and type of the rows that it is tested on.
struct BatchCase {
  std::vector<std::int64_t> sizes;
  std::uint64_t rows;
  config::Activation activation = config::Activation::tanh;
  config::OutputUnit output = config::OutputUnit::softmax;
  io::ElementType type = io::ElementType::uint8;

  [[nodiscard]] network::Network network() const {
    return network::make_network(sizes, activation, output);
  }
  [[nodiscard]] std::string name() const {
    return describe(network()) + ", " + std::to_string(rows) + " rows";
  }
};

/// The cases, and for each activation a network of two and one of three layers.
inline std::vector<BatchCase> with_each_activation(std::vector<BatchCase> cases) {
  for (const rules::Activation activation : all_activations()) {
    cases.push_back({{13, 7, 3}, 21, activation, config::OutputUnit::sigmoid});
    cases.push_back({{20, 18, 33, 4}, 40, activation});
  }
  return cases;
}

inline void set_parameters(device::MiniBatchDevice& device, std::span<const double> values) {
  const std::unique_ptr<Vector> theta = device.space().zero();
  device.space().upload(values, *theta);
  device.set_parameters(*theta);
}
inline std::vector<double> parameters_of(device::MiniBatchDevice& device) {
  const std::unique_ptr<Vector> theta = device.space().zero();
  device.get_parameters(*theta);
  std::vector<double> values(device.space().dimension());
  device.space().download(*theta, values);
  return values;
}

/// Samples in a HostBlock, and batches of its rows.
class BatchesOf {
 public:
  explicit BatchesOf(const Samples& samples)
      : samples_(samples), shard_(shard_of(samples)), feature_scale_(samples.feature_scale) {
    const std::size_t row_bytes = shard_.columns() * io::bytes_of(shard_.type());
    for (std::size_t i = 0; i < shard_.rows(); ++i)
      features_.push_back(std::as_const(shard_).bytes().data() + i * row_bytes);
  }

  [[nodiscard]] const data::HostBlock& shard() const { return shard_; }
  [[nodiscard]] double feature_scale() const { return feature_scale_; }

  /// The samples on a device.
  [[nodiscard]] std::unique_ptr<device::DeviceRows> held_by(device::Device& device,
                                                            std::uint64_t chunk_rows = 50,
                                                            double filled = 1) const {
    return device.hold(shard_of(samples_), {.chunk_rows = chunk_rows, .filled = filled});
  }

  [[nodiscard]] data::Batch all() const { return {shard_.type(), features_, shard_.labels()}; }
  /// The batch at a place of an order; valid until the next call.
  [[nodiscard]] data::Batch at(const data::BatchOrder& order, const data::BatchPlace& place) {
    const data::Range positions = order.positions(place.step);
    present_.clear();
    labels_.clear();
    for (std::uint64_t p = positions.begin; p < positions.end; ++p) {
      const std::uint64_t row = order.row_at(place.epoch, p);
      present_.push_back(features_[row]);
      labels_.push_back(std::as_const(shard_).labels()[row]);
    }
    return {shard_.type(), present_, labels_};
  }

 private:
  Samples samples_;
  data::HostBlock shard_;
  double feature_scale_;
  std::vector<const std::byte*> features_;
  std::vector<const std::byte*> present_;
  std::vector<std::int32_t> labels_;
};

}  // namespace annmpi::tests
