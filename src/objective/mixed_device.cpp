#include "annmpi/objective/mixed_device.hpp"

#include <span>
#include <utility>

#include <fmt/format.h>

namespace annmpi::objective {

MixedDevice::MixedDevice(std::unique_ptr<device::FullBatchDevice> device,
                         const comm::Communicator& communicator, int gpus)
    : ForwardingDevice(std::move(device)),
      communicator_(communicator),
      gpus_(gpus),
      on_host_(space().dimension()),
      sum_(on_host_.size(), communicator.size()) {}

std::string MixedDevice::description() const {
  return fmt::format("{} rank{} on GPUs and {} on CPUs; rank {}: {}", gpus_, gpus_ == 1 ? "" : "s",
                     communicator_.size() - gpus_, communicator_.rank(),
                     ForwardingDevice::description());
}

void MixedDevice::finish_gradient(const device::Point& point, double scale, double penalty,
                                  Vector& gradient) {
  // The penalty's part is in the sum once, with rank 0's part.
  ForwardingDevice::finish_gradient(point, scale, communicator_.is_root() ? penalty : 0, gradient);
  download(gradient, on_host_);
  communicator_.sum_in_order(on_host_, sum_);
  upload(on_host_, gradient);
}

device::PenaltyDots MixedDevice::penalty_dots() {
  device::PenaltyDots dots = ForwardingDevice::penalty_dots();
  communicator_.from_root(std::as_writable_bytes(std::span(&dots, 1)));
  return dots;
}

}  // namespace annmpi::objective
