#pragma once

#include <memory>
#include <vector>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/device/forwarding_device.hpp"

namespace annmpi::objective {

/// The device of a rank in a job whose ranks compute with devices of different kinds: a GPU or a
/// CPU that adds up over nobody but itself (docs/decisions/0010-jobs-of-both-kinds.md).
///
/// Each rank rounds its own part of the gradient, and the parts are added in the order of the
/// ranks: the kinds need not sum in the same way, and the same dealing gives the same bits. Dots
/// that costs are made of are rank 0's on all ranks, as each kind adds them up in an order of its
/// own.
class MixedDevice final : public device::ForwardingDevice {
 public:
  /// `device` must not communicate; of all ranks, so many compute on GPUs. The communicator must
  /// outlive this.
  MixedDevice(std::unique_ptr<device::FullBatchDevice> device,
              const comm::Communicator& communicator, int gpus);

  /// "2 ranks on GPUs and 6 on CPUs; rank 0: GPU 0 (NVIDIA H100)"
  [[nodiscard]] std::string description() const override;

  /// Collective, both of them, unlike those of other devices.
  void finish_gradient(const device::Point& point, double scale, double penalty,
                       Vector& gradient) override;
  using FullBatchDevice::penalty_dots;
  [[nodiscard]] device::PenaltyDots penalty_dots() override;

 private:
  const comm::Communicator& communicator_;
  int gpus_;
  std::vector<double> on_host_;  ///< a gradient
  comm::OrderedSum sum_;
};

}  // namespace annmpi::objective
