#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "annmpi/device/device.hpp"

namespace annmpi::tests {

/// Forwards all calls to another device. Base class for devices that change a single operation.
class ForwardingDevice : public device::FullBatchDevice {
 public:
  explicit ForwardingDevice(std::unique_ptr<device::FullBatchDevice> device)
      : device_(std::move(device)) {}

  [[nodiscard]] std::string description() const override { return device_->description(); }
  [[nodiscard]] std::uint64_t fingerprint() const override { return device_->fingerprint(); }
  [[nodiscard]] const VectorSpace& space() const override { return device_->space(); }
  [[nodiscard]] std::unique_ptr<device::DeviceRows> receive(
      const device::RowsToCome& rows, const device::ReadBlock& read) override {
    return device_->receive(rows, read);
  }
  [[nodiscard]] std::unique_ptr<device::DeviceRows> take(data::LocalSet rows) override {
    return device_->take(std::move(rows));
  }
  void complete(device::DeviceRows& rows, const data::SetFacts& facts) override {
    device_->complete(rows, facts);
  }
  void project(device::DeviceRows& shard, const Vector& theta) override {
    device_->project(shard, theta);
  }
  using FullBatchDevice::aim;
  void aim(std::span<device::DeviceRows* const> shards, const Vector& direction) override {
    device_->aim(shards, direction);
  }
  void move(double step, const Vector& direction, Vector& theta,
            std::span<device::DeviceRows* const> shards) override {
    device_->move(step, direction, theta, shards);
  }
  [[nodiscard]] device::LossAndSlope probe(device::DeviceRows& shard,
                                           const device::Point& point) override {
    return device_->probe(shard, point);
  }
  void start_measure(device::DeviceRows& shard, const device::Point& point) override {
    device_->start_measure(shard, point);
  }
  void start_gradient(device::DeviceRows& shard, const device::Point& point) override {
    device_->start_gradient(shard, point);
  }
  [[nodiscard]] device::LossAndHits measured(const device::DeviceRows& shard) override {
    return device_->measured(shard);
  }
  void logits(device::DeviceRows& shard, const device::Point& point,
              std::span<double> out) override {
    device_->logits(shard, point, out);
  }
  void finish_gradient(const device::Point& point, double scale, double penalty,
                       Vector& gradient) override {
    device_->finish_gradient(point, scale, penalty, gradient);
  }
  using FullBatchDevice::penalty_dots;
  void start_penalty_dots(const Vector& theta, const Vector* direction) override {
    device_->start_penalty_dots(theta, direction);
  }
  [[nodiscard]] device::PenaltyDots penalty_dots() override { return device_->penalty_dots(); }

 private:
  std::unique_ptr<device::FullBatchDevice> device_;
};

}  // namespace annmpi::tests
