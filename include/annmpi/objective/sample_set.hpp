#pragma once

#include <cstdint>
#include <memory>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/device.hpp"

namespace annmpi::objective {

/// A data set spread over the ranks: this rank's part, on its device, and facts of the whole.
struct SampleSet {
  std::unique_ptr<device::DeviceRows> shard;
  std::uint64_t rows = 0;          ///< on all ranks together
  std::uint64_t content_hash = 0;  ///< of all rows; the same for any number of ranks
  bool streamed = false;           ///< by all ranks: features stay in the file
};

/// Reads each rank's rows, or opens them to be streamed, and hands them to its device. Collective.
/// @throws comm::AgreedError on all ranks if any rank finds its rows wrong or has no room for them.
[[nodiscard]] SampleSet load(const data::DealtSet& dealt, device::FullBatchDevice& device,
                             const comm::Communicator& communicator);

struct Measurement {
  double cost = 0;      ///< with penalty, over the set's own number of rows
  double accuracy = 0;  ///< share of the rows put in the right class
};

/// J from its parts: loss / rows + l2 / (2 rows) ||W||^2.
[[nodiscard]] double penalised_cost(double loss, double l2, double squared_weights,
                                    std::uint64_t rows);

/// Cost and accuracy of the parameters theta on a set, from scratch. Collective.
[[nodiscard]] Measurement measure(device::FullBatchDevice& device,
                                  const comm::Communicator& communicator, const SampleSet& set,
                                  const Vector& theta, double l2);

}  // namespace annmpi::objective
