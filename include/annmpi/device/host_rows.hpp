#pragma once

#include <memory>
#include <utility>

#include "annmpi/device/device.hpp"

namespace annmpi::device {

/// Received rows that are still the host's, in its memory or streamed: Device::hold() takes them.
class HostRows final : public ReceivedRows {
 public:
  HostRows(Device& device, data::RowSource rows) : device_(device), rows_(std::move(rows)) {}

  [[nodiscard]] std::unique_ptr<DeviceShard> hold(const data::SetFacts& facts) override {
    return device_.hold(std::move(rows_), facts);
  }

 private:
  Device& device_;
  data::RowSource rows_;
};

}  // namespace annmpi::device
