#pragma once

#include <cstdint>
#include <limits>

#include "annmpi/base/state.hpp"

namespace annmpi::trainer {

/// Early stopping: counts consecutive records (iterations or epochs) without a new lowest judged
/// cost. (L. Prechelt, Early Stopping - But When?, 1998: criterion UP, compared with the lowest
/// cost instead of the previous one.)
class Patience {
 public:
  /// @param records the count that ends training; 0: never
  explicit Patience(std::int64_t records) : records_(records) {}

  void consider(double judged_cost) {
    const bool better = judged_cost < lowest_;
    if (better) lowest_ = judged_cost;
    without_progress_ = better ? 0 : without_progress_ + 1;
  }

  [[nodiscard]] bool is_exhausted() const { return records_ > 0 && without_progress_ >= records_; }

  void visit_state(StateVisitor& visitor) {
    visitor.counter("in_vain", without_progress_);
    visitor.scalar("lowest", lowest_);
  }

 private:
  std::int64_t records_;
  std::int64_t without_progress_ = 0;
  double lowest_ = std::numeric_limits<double>::infinity();
};

}  // namespace annmpi::trainer
