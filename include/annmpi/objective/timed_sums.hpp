#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/comm/communicator.hpp"

namespace annmpi::objective {

/// Times sums over ranks, and separates waiting from summing without an extra message per sum.
///
/// No rank leaves a sum before the last one has entered it. The shortest time of any rank is
/// therefore the cost of the sum itself, and the rest of a rank's time is waiting. The ranks
/// compare the times of many sums at once. (A barrier before each sum would double the cost of a
/// small sum.)
class TimedSums {
 public:
  /// The references must outlive it.
  TimedSums(const comm::Communicator& communicator, PhaseTimes& times)
      : communicator_(communicator), times_(times) {}

  /// Runs and times sum(), a sum over all ranks. Collective.
  template <class Sum>
  void measure(Sum&& sum) {
    if (communicator_.size() == 1) {
      times_.measure(Phase::reduce, std::forward<Sum>(sum));
      return;
    }
    const double before = times_[Phase::reduce].seconds;
    times_.measure(Phase::reduce, std::forward<Sum>(sum));
    durations_[count_++] = times_[Phase::reduce].seconds - before;
    if (count_ == durations_.size()) separate_waiting();
  }

  /// Moves the waiting time since the last comparison from `reduce` to `wait`. Collective.
  void separate_waiting();

 private:
  const comm::Communicator& communicator_;
  PhaseTimes& times_;
  std::array<double, 512> durations_{};  ///< seconds in each sum since the last comparison
  std::size_t count_ = 0;
};

}  // namespace annmpi::objective
