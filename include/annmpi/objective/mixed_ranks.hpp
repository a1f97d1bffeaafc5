#pragma once

#include <cstddef>
#include <vector>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/device/device.hpp"

namespace annmpi::objective {

/// Combines what ranks with devices of different kinds compute, GPUs and CPUs each of which adds up
/// its own rows alone (docs/decisions/0010-jobs-of-both-kinds.md).
///
/// Each rank rounds its own part of the gradient, and the parts are added in the order of the
/// ranks: the kinds need not sum in the same way, and the same dealing gives the same bits. Dots
/// that costs are made of are rank 0's on all ranks, as each kind adds them up in an order of its
/// own.
class MixedRanks {
 public:
  /// The communicator must outlive this.
  MixedRanks(const comm::Communicator& communicator, std::size_t parameters);

  /// FullBatchDevice::finish_gradient() for all ranks together. Collective.
  void finish_gradient(device::FullBatchDevice& device, const device::Point& point, double scale,
                       double penalty, Vector& gradient);
  /// FullBatchDevice::penalty_dots() of rank 0. Collective.
  [[nodiscard]] device::PenaltyDots penalty_dots(device::FullBatchDevice& device) const;

 private:
  const comm::Communicator& communicator_;
  std::vector<double> on_host_;  ///< a gradient
  comm::OrderedSum sum_;
};

}  // namespace annmpi::objective
