#pragma once

#include <memory>
#include <utility>

#include "annmpi/device/device.hpp"

namespace annmpi::device {

/// Received rows that are still the host's, in its memory or streamed: FullBatchDevice::hold()
/// takes them.
class HostRows final : public ReceivedRows {
 public:
  HostRows(FullBatchDevice& device, data::LocalSet rows)
      : device_(device), rows_(std::move(rows)) {}

  [[nodiscard]] std::unique_ptr<DeviceRows> hold(const data::SetFacts& facts) override {
    return device_.hold(std::move(rows_), facts);
  }

 private:
  FullBatchDevice& device_;
  data::LocalSet rows_;
};

}  // namespace annmpi::device
