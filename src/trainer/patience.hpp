#pragma once

#include <cstdint>
#include <limits>

#include "annmpi/base/state.hpp"

namespace annmpi::trainer {

/// Early stopping: counts consecutive records (iterations or epochs) whose judged cost was not
/// below the lowest one before (L. Prechelt, Early Stopping - But When?, 1998, criterion UP, with
/// the best cost instead of the previous one).
class Patience {
 public:
  /// @param records number of such records that ends training; 0: never
  explicit Patience(std::int64_t records) : records_(records) {}

  void consider(double judged_cost) {
    const bool better = judged_cost < lowest_;
    if (better) lowest_ = judged_cost;
    in_vain_ = better ? 0 : in_vain_ + 1;
  }

  [[nodiscard]] bool is_exhausted() const { return records_ > 0 && in_vain_ >= records_; }

  void visit_state(StateVisitor& visitor) {
    visitor.counter("in_vain", in_vain_);
    visitor.scalar("lowest", lowest_);
  }

 private:
  std::int64_t records_;
  std::int64_t in_vain_ = 0;
  double lowest_ = std::numeric_limits<double>::infinity();
};

}  // namespace annmpi::trainer
