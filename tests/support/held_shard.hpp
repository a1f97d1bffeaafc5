#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "annmpi/device/device.hpp"

namespace annmpi::tests {

/// A device and the rows that it holds.
class HeldShard {
 public:
  HeldShard(std::unique_ptr<device::FullBatchDevice> device, data::LocalSet rows,
            const data::SetFacts& facts)
      : device_(std::move(device)), shard_(device_->hold(std::move(rows), facts)) {}

  /// Replaces the rows.
  void hold(std::unique_ptr<device::DeviceRows> shard) { shard_ = std::move(shard); }

  [[nodiscard]] device::FullBatchDevice& device() { return *device_; }
  [[nodiscard]] device::DeviceRows& shard() { return *shard_; }

  [[nodiscard]] std::unique_ptr<Vector> vector(const std::vector<double>& values) {
    auto made = device_->space().zero();
    device_->space().upload(values, *made);
    return made;
  }
  [[nodiscard]] std::vector<double> values(const Vector& vector) {
    std::vector<double> out(device_->space().dimension());
    device_->space().download(vector, out);
    return out;
  }

 private:
  std::unique_ptr<device::FullBatchDevice> device_;
  std::unique_ptr<device::DeviceRows> shard_;
};

}  // namespace annmpi::tests
