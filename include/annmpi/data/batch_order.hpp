#pragma once

#include <cstdint>

#include "annmpi/data/partition.hpp"
#include "annmpi/data/row_permutation.hpp"

namespace annmpi::data {

/// The rows of each mini-batch: a pure function of (seed, epoch, step, number of rows), independent
/// of the number of ranks.
///
/// Each epoch visits every row once, in its own order: row_at(epoch, .) is a permutation of all
/// rows, so files sorted by class do no harm. Step s of an epoch takes the positions [s batch_rows,
/// (s + 1) batch_rows) of that order. The last step takes the remaining rows, which may be fewer;
/// its gradient is their mean.
///
/// The permutation is computed, not stored (RowPermutation): a position follows from (seed, epoch),
/// so resuming needs no saved order.
class BatchOrder {
 public:
  /// @param rows of the training set, at least 1
  /// @param batch_rows over all ranks, from 1 to `rows`
  BatchOrder(std::uint64_t rows, std::uint64_t batch_rows, std::uint64_t seed);

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint64_t batch_rows() const { return batch_rows_; }
  /// Batches per epoch.
  [[nodiscard]] std::uint64_t steps() const { return (rows_ + batch_rows_ - 1) / batch_rows_; }

  /// The positions of a step, from 0, within the epoch's order.
  [[nodiscard]] Range positions(std::uint64_t step) const;

  /// The row order of an epoch.
  [[nodiscard]] RowPermutation permutation(std::uint64_t epoch) const {
    return {rows_, seed_, epoch};
  }
  /// The row at a position, from 0 to rows() - 1, of an epoch's order.
  [[nodiscard]] std::uint64_t row_at(std::uint64_t epoch, std::uint64_t position) const {
    return permutation(epoch).row_at(position);
  }

 private:
  std::uint64_t rows_;
  std::uint64_t batch_rows_;
  std::uint64_t seed_;
};

/// The position of a batch in training.
struct BatchPlace {
  std::uint64_t epoch;
  std::uint64_t step;
  friend bool operator==(const BatchPlace&, const BatchPlace&) = default;
};

/// Part `part` of `count` items in `parts` contiguous parts whose sizes differ by at most one: the
/// work of a rank in a step.
[[nodiscard]] constexpr Range part_of(std::uint64_t count, std::uint64_t part,
                                      std::uint64_t parts) {
  return {count * part / parts, count * (part + 1) / parts};
}

}  // namespace annmpi::data
