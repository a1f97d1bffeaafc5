#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/comm/communicator.hpp"

namespace annmpi::objective {

/// Times sums over ranks, and tells waiting from summing without a message of its own per sum.
///
/// No rank leaves a sum before the last one has arrived, so the shortest stay in it on any rank is
/// what the sum itself cost, and the rest of a rank's stay is what it waited for others. The stays
/// are compared over the ranks for many sums at a time. (A barrier before each sum would tell the
/// same, at the price of a second message: it would double what a sum of a few numbers costs.)
class TimedSums {
 public:
  /// Both must outlive this.
  TimedSums(const comm::Communicator& communicator, PhaseTimes& times)
      : communicator_(communicator), times_(times) {}

  /// Runs sum(), which must be a sum over all ranks. Collective.
  template <class Sum>
  void measure(Sum&& sum) {
    if (communicator_.size() == 1) {
      times_.measure(Phase::reduce, std::forward<Sum>(sum));
      return;
    }
    const double before = times_[Phase::reduce].seconds;
    times_.measure(Phase::reduce, std::forward<Sum>(sum));
    stays_[count_++] = times_[Phase::reduce].seconds - before;
    if (count_ == stays_.size()) separate_waiting();
  }

  /// Books what is still booked as `reduce` but was spent waiting. Collective.
  void separate_waiting();

 private:
  const comm::Communicator& communicator_;
  PhaseTimes& times_;
  std::array<double, 512> stays_{};  ///< seconds in each sum since the last comparison
  std::size_t count_ = 0;
};

}  // namespace annmpi::objective
