#pragma once

#include <cstddef>
#include <vector>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/device/device.hpp"

namespace annmpi::objective {

/// Combines the results of GPU and CPU ranks in one job, where each device sums only its own rows
/// (docs/decisions/0010-jobs-of-both-kinds.md).
///
/// Each rank rounds its part of the gradient, and the parts are added in rank order. GPUs and CPUs
/// may therefore sum differently, and the same distribution of rows gives the same bits. The dots
/// of the penalty depend on the summation order of the device, so all ranks use rank 0's.
class MixedRanks {
 public:
  /// `communicator` must outlive it.
  MixedRanks(const comm::Communicator& communicator, std::size_t parameters);

  /// FullBatchDevice::finish_gradient() over all ranks. Collective.
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
