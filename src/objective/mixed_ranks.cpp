#include "annmpi/objective/mixed_ranks.hpp"

#include <span>

namespace annmpi::objective {

MixedRanks::MixedRanks(const comm::Communicator& communicator, std::size_t parameters)
    : communicator_(communicator), on_host_(parameters), sum_(parameters, communicator.size()) {}

void MixedRanks::finish_gradient(device::FullBatchDevice& device, const device::Point& point,
                                 double scale, double penalty, Vector& gradient) {
  // Only rank 0 adds the penalty, so the sum contains it once.
  device.finish_gradient(point, scale, communicator_.is_root() ? penalty : 0, gradient);
  device.space().download(gradient, on_host_);
  communicator_.sum_in_order(on_host_, sum_);
  device.space().upload(on_host_, gradient);
}

device::PenaltyDots MixedRanks::penalty_dots(device::FullBatchDevice& device) const {
  device::PenaltyDots dots = device.penalty_dots();
  communicator_.from_root(std::as_writable_bytes(std::span(&dots, 1)));
  return dots;
}

}  // namespace annmpi::objective
