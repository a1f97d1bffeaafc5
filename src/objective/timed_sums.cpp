#include "annmpi/objective/timed_sums.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <tuple>

namespace annmpi::objective {

void TimedSums::separate_waiting() {
  if (count_ == 0) return;
  std::array<double, std::tuple_size_v<decltype(durations_)>> shortest;
  const auto own = std::span(durations_).first(count_);
  const auto least = std::span(shortest).first(count_);
  std::ranges::copy(own, least.begin());
  communicator_.min(least);
  double waited = 0;
  for (std::size_t i = 0; i < count_; ++i) waited += own[i] - least[i];
  times_.move(Phase::reduce, Phase::wait, waited, static_cast<std::int64_t>(count_));
  count_ = 0;
}

}  // namespace annmpi::objective
