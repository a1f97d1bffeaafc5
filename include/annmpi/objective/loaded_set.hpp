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

/// A data set spread over the ranks: this rank's rows, on its device, and facts of the whole.
struct LoadedSet {
  std::unique_ptr<device::DeviceRows> rows;
  data::Partition partition{0, 1, 1};
  std::uint64_t content_hash = 0;  ///< of all rows; the same for any number of ranks
  bool streamed = false;           ///< by all ranks: features stay in the file

  /// Rows on all ranks together.
  [[nodiscard]] std::uint64_t size() const { return partition.rows(); }
};

/// Reads each rank's rows, or, where they are to be streamed, reads them once to check them, and
/// hands them to its device. Collective.
/// @throws comm::AgreedError on all ranks if any rank finds its rows wrong or has no room for them.
[[nodiscard]] LoadedSet load(const data::DealtSet& dealt, device::Device& device,
                             const comm::Communicator& communicator);

/// Runs pass(), which goes through a rank's rows, and returns what it returns. Where they are
/// streamed, each rank may find that it can no longer read them, so all ranks agree afterwards:
/// collective then.
/// @throws comm::AgreedError on all ranks if one could not read its rows.
template <class Pass>
auto read_together(bool streamed, const comm::Communicator& communicator, Pass&& pass) {
  if (!streamed) return pass();
  return communicator.all_agree(std::forward<Pass>(pass));
}

struct Measurement {
  double cost = 0;      ///< with penalty, over the set's own number of rows
  double accuracy = 0;  ///< share of the rows put in the right class
};

/// What is known at a point, on all ranks.
struct PointState {
  Measurement training;
  std::optional<Measurement> monitored;
  bool stop_requested = false;  ///< by any rank
};

/// What a rank contributes to it: sums over its own rows.
struct OwnSums {
  device::LossAndHits training;
  device::LossAndHits monitored{};  ///< zeros where no set is monitored
  bool stop_requested = false;
};

/// J from its parts: loss / rows + l2 / (2 rows) ||W||^2.
[[nodiscard]] double penalised_cost(double loss, double l2, double squared_weights,
                                    std::uint64_t rows);

/// Adds the sums of all ranks: requests to stop travel with them, as one message. add(sums) adds
/// exact sums over ranks; `monitored` may be null. Collective.
[[nodiscard]] PointState reduce(const OwnSums& own, const LoadedSet& training,
                                const LoadedSet* monitored, double l2, double squared_weights,
                                const std::function<void(ExactSums& sums)>& add);

/// Cost and accuracy of the parameters theta on a set, from the features. Collective.
[[nodiscard]] Measurement measure(device::Device& device, const comm::Communicator& communicator,
                                  const LoadedSet& set, const Vector& theta, double l2);

}  // namespace annmpi::objective
