#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

#include "annmpi/base/superaccumulator.hpp"
#include "annmpi/comm/communicator.hpp"

namespace annmpi::objective {

/// Exact sums and counts, added over all ranks in one message of a few hundred integers.
/// Allocates nothing.
class ExactSums {
 public:
  static constexpr std::size_t most_sums = 2;
  static constexpr std::size_t most_counts = 3;

  /// Takes at most most_sums sums and most_counts counts.
  ExactSums(std::initializer_list<Superaccumulator> sums,
            std::initializer_list<std::int64_t> counts);

  /// Replaces each by its total over all ranks. Collective.
  void sum_over(const comm::Communicator& communicator) {
    communicator.sum(std::span(numbers_).first(size_));
  }

  /// The sum with this index, rounded once.
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
