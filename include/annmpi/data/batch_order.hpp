#pragma once

#include <cstdint>

#include "annmpi/data/partition.hpp"
#include "annmpi/data/row_permutation.hpp"

namespace annmpi::data {

/// Which rows the mini-batches hold: a pure function of (seed, epoch, step, number of rows), never
/// of the number of ranks.
///
/// Each epoch visits every row once, in an order of its own: row_at(epoch, .) is a permutation of
/// all rows, so files that are sorted by class do no harm. Step s of an epoch takes the positions
/// [s batch_rows, (s + 1) batch_rows) of that order; the last step of an epoch takes what is left,
/// which may be fewer rows: its gradient is the mean over those.
///
/// The permutation is computed, not stored (RowPermutation): a position is found from (seed, epoch)
/// alone, and nothing has to be saved for a resume.
class BatchOrder {
 public:
  /// @param rows of the training set, at least 1
  /// @param batch_rows of a batch on all ranks together, from 1 to `rows`
  BatchOrder(std::uint64_t rows, std::uint64_t batch_rows, std::uint64_t seed);

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint64_t batch_rows() const { return batch_rows_; }
  /// Batches in an epoch.
  [[nodiscard]] std::uint64_t steps() const { return (rows_ + batch_rows_ - 1) / batch_rows_; }

  /// The positions of step 0, 1, ... within an epoch's order.
  [[nodiscard]] Range positions(std::uint64_t step) const;

  /// The order of an epoch.
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

/// Where a batch stands in training.
struct BatchPlace {
  std::uint64_t epoch;
  std::uint64_t step;
  friend bool operator==(const BatchPlace&, const BatchPlace&) = default;
};

/// Part r of `count` things dealt to `parts` in runs that differ by one at most: what a rank works
/// on in a step, for any number of ranks.
[[nodiscard]] constexpr Range part_of(std::uint64_t count, std::uint64_t part,
                                      std::uint64_t parts) {
  return {count * part / parts, count * (part + 1) / parts};
}

}  // namespace annmpi::data
