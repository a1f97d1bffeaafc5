#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "annmpi/comm/communicator.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/device.hpp"
#include "annmpi/objective/exact_sums.hpp"

namespace annmpi::objective {

/// A data set distributed over the ranks: this rank's rows, on its device, and facts about the set.
struct LoadedSet {
  std::unique_ptr<device::DeviceRows> rows;
  data::Partition partition{0, 1, 1};
  std::uint64_t content_hash = 0;  ///< of all rows; independent of the number of ranks
  bool streamed = false;           ///< features stay in the file; equal on all ranks

  /// Rows on all ranks.
  [[nodiscard]] std::uint64_t size() const { return partition.rows(); }
};

/// Reads this rank's rows into its device. Streamed rows are read once, to check them. Collective.
/// @throws comm::AgreedError on all ranks if the rows of one are invalid or exceed its memory.
[[nodiscard]] LoadedSet load(const data::DealtSet& dealt, device::Device& device,
                             const comm::Communicator& communicator);

/// Returns pass(), a pass over this rank's rows. Reading streamed rows may fail on one rank only,
/// so the ranks then agree on errors: collective if `streamed`.
/// @throws comm::AgreedError on all ranks if one could not read its rows.
template <class Pass>
auto read_together(bool streamed, const comm::Communicator& communicator, Pass&& pass) {
  if (!streamed) return pass();
  return communicator.all_agree(std::forward<Pass>(pass));
}

struct Measurement {
  double cost = 0;      ///< including the penalty, divided by the rows of this set
  double accuracy = 0;  ///< fraction of rows classified correctly
};

/// The measurements at a point, equal on all ranks.
struct PointState {
  Measurement training;
  std::optional<Measurement> monitored;
  bool stop_requested = false;  ///< by any rank
};

/// A rank's contribution to a PointState: sums over its own rows.
struct OwnSums {
  device::LossAndHits training;
  device::LossAndHits monitored{};  ///< zeros without a monitored set
  bool stop_requested = false;
};

/// The cost J = loss / rows + l2 / (2 rows) ||W||^2.
[[nodiscard]] double penalised_cost(double loss, double l2, double squared_weights,
                                    std::uint64_t rows);

/// Adds the sums and stop requests of all ranks in one message. add(sums) must add them over the
/// ranks; `monitored` may be null. Collective.
[[nodiscard]] PointState reduce(const OwnSums& own, const LoadedSet& training,
                                const LoadedSet* monitored, double l2, double squared_weights,
                                const std::function<void(ExactSums& sums)>& add);

/// Cost and accuracy of theta on a set, computed from its features. Collective.
[[nodiscard]] Measurement measure(device::Device& device, const comm::Communicator& communicator,
                                  const LoadedSet& set, const Vector& theta, double l2);

}  // namespace annmpi::objective
