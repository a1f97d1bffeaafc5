#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "annmpi/device/device.hpp"

namespace annmpi::device {

/// A device that leaves everything to another one, for those that do one thing differently.
class ForwardingDevice : public FullBatchDevice {
 public:
  explicit ForwardingDevice(std::unique_ptr<FullBatchDevice> device) : device_(std::move(device)) {}

  [[nodiscard]] std::string description() const override { return device_->description(); }
  [[nodiscard]] std::uint64_t fingerprint() const override { return device_->fingerprint(); }
  [[nodiscard]] const VectorSpace& space() const override { return device_->space(); }
  void upload(std::span<const double> from, Vector& to) const override {
    device_->upload(from, to);
  }
  void download(const Vector& from, std::span<double> to) const override {
    device_->download(from, to);
  }
  [[nodiscard]] std::unique_ptr<ReceivedRows> receive(const RowsToCome& rows,
                                                      const ReadBlock& read) override {
    return device_->receive(rows, read);
  }
  [[nodiscard]] std::unique_ptr<DeviceRows> hold(data::LocalSet rows,
                                                 const data::SetFacts& facts) override {
    return device_->hold(std::move(rows), facts);
  }
  void project(DeviceRows& shard, const Vector& theta) override { device_->project(shard, theta); }
  using FullBatchDevice::aim;
  void aim(std::span<DeviceRows* const> shards, const Vector& direction) override {
    device_->aim(shards, direction);
  }
  void move(double step, const Vector& direction, Vector& theta,
            std::span<DeviceRows* const> shards) override {
    device_->move(step, direction, theta, shards);
  }
  [[nodiscard]] LossAndSlope probe(DeviceRows& shard, const Point& point) override {
    return device_->probe(shard, point);
  }
  void start_measure(DeviceRows& shard, const Point& point) override {
    device_->start_measure(shard, point);
  }
  void start_gradient(DeviceRows& shard, const Point& point) override {
    device_->start_gradient(shard, point);
  }
  [[nodiscard]] LossAndHits measured(const DeviceRows& shard) override {
    return device_->measured(shard);
  }
  void logits(DeviceRows& shard, const Point& point, std::span<double> out) override {
    device_->logits(shard, point, out);
  }
  void collect_gradient(Vector& gradient) override { device_->collect_gradient(gradient); }
  void finish_gradient(const Point& point, double scale, double penalty,
                       Vector& gradient) override {
    device_->finish_gradient(point, scale, penalty, gradient);
  }
  using FullBatchDevice::penalty_dots;
  void start_penalty_dots(const Vector& theta, const Vector* direction) override {
    device_->start_penalty_dots(theta, direction);
  }
  [[nodiscard]] PenaltyDots penalty_dots() override { return device_->penalty_dots(); }

 private:
  std::unique_ptr<FullBatchDevice> device_;
};

}  // namespace annmpi::device
