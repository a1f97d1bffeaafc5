#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "annmpi/base/superaccumulator.hpp"
#include "annmpi/comm/communicator.hpp"

namespace annmpi::objective {

/// Exact sums and counts that are added over ranks in one message: a few hundred integers.
class ExactSums {
 public:
  ExactSums(std::initializer_list<Superaccumulator> sums,
            std::initializer_list<std::int64_t> counts);

  /// Adds those of all ranks. Collective.
  void sum_over(const comm::Communicator& communicator) { communicator.sum(numbers_); }

  /// The sum of this number, rounded once.
  [[nodiscard]] double value(std::size_t index) const;
  [[nodiscard]] std::int64_t count(std::size_t index) const {
    return numbers_[first_count_ + index];
  }

 private:
  std::size_t first_count_;
  std::vector<std::int64_t> numbers_;
};

}  // namespace annmpi::objective
