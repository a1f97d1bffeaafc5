#include "annmpi/trainer/shares.hpp"

namespace annmpi::trainer {

Shares shares_of_ranks(const config::Configuration::Compute& compute,
                       const comm::Communicator& communicator) {
  const std::size_t given = compute.shares.size();
  const int ranks = communicator.size();
  if (given != 0 && given != static_cast<std::size_t>(ranks))
    throw comm::AgreedError(fmt::format(
        "compute.shares: has {} number{} for {} rank{} (each rank needs one); write as many as the "
        "job has ranks, or leave it empty",
        given, given == 1 ? "" : "s", ranks, ranks == 1 ? "" : "s"));
  return {compute.shares};
}

}  // namespace annmpi::trainer
