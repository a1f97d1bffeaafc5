#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "annmpi/base/superaccumulator.hpp"
#include "annmpi/comm/communicator.hpp"

namespace annmpi::objective {

/// Exact sums and counts that are added over ranks in one message: a few hundred integers.
/// Allocates nothing.
class ExactSums {
 public:
  static constexpr std::size_t most_sums = 2;
  static constexpr std::size_t most_counts = 3;

  /// At most most_sums and most_counts of them.
  ExactSums(std::initializer_list<Superaccumulator> sums,
            std::initializer_list<std::int64_t> counts);

  /// Adds those of all ranks. Collective.
  void sum_over(const comm::Communicator& communicator) {
    communicator.sum(std::span(numbers_).first(size_));
  }

  /// The sum of this number, rounded once.
  [[nodiscard]] double value(std::size_t index) const;
  [[nodiscard]] std::int64_t count(std::size_t index) const {
    return numbers_[first_count_ + index];
  }

 private:
  std::size_t first_count_;
  std::size_t size_;
  std::array<std::int64_t, most_sums * Superaccumulator::size + most_counts> numbers_{};
};

}  // namespace annmpi::objective
