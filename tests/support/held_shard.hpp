#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "annmpi/device/device.hpp"

namespace annmpi::tests {

/// A device with the one shard that it holds.
class HeldShard {
 public:
  HeldShard(std::unique_ptr<device::Device> device, data::RowSource rows,
            const data::SetFacts& facts)
      : device_(std::move(device)), shard_(device_->hold(std::move(rows), facts)) {}

  /// Another one instead.
  void hold(std::unique_ptr<device::DeviceShard> shard) { shard_ = std::move(shard); }

  [[nodiscard]] device::Device& device() { return *device_; }
  [[nodiscard]] device::DeviceShard& shard() { return *shard_; }

  [[nodiscard]] std::unique_ptr<Vector> vector(const std::vector<double>& values) {
    auto made = device_->space().zero();
    device_->upload(values, *made);
    return made;
  }
  [[nodiscard]] std::vector<double> values(const Vector& vector) {
    std::vector<double> out(device_->space().dimension());
    device_->download(vector, out);
    return out;
  }

 private:
  std::unique_ptr<device::Device> device_;
  std::unique_ptr<device::DeviceShard> shard_;
};

}  // namespace annmpi::tests
