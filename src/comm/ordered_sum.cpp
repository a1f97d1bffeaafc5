#include <algorithm>

#include "annmpi/comm/communicator.hpp"

namespace annmpi::comm {
namespace {

/// Compensated summation: the sum and its rounding error (D. E. Knuth, The Art of Computer
/// Programming 2, 4.2.2).
struct CompensatedSum {
  double sum = 0;
  double lost = 0;

  void add(double value) {
    const double before = sum;
    sum += value;
    const double added = sum - before;
    lost += (before - (sum - added)) + (value - added);
  }
};

}  // namespace

OrderedSum::OrderedSum(std::size_t numbers, int ranks)
    : counts_(static_cast<std::size_t>(ranks)),
      begins_(counts_.size()),
      received_counts_(counts_.size()),
      received_begins_(counts_.size()),
      received_(std::min(numbers, longest_message) + counts_.size()) {}

void Communicator::sum_in_order(std::span<double> values, OrderedSum& space) const {
  if (size_ == 1) return;
  const auto ranks = static_cast<std::size_t>(size_);
  const auto own = static_cast<std::size_t>(rank_);
  for (std::size_t first = 0; first < values.size(); first += longest_message) {
    const auto message = values.subspan(first, std::min(longest_message, values.size() - first));
    const auto begin_of = [&](std::size_t rank) { return message.size() * rank / ranks; };
    const std::size_t count = begin_of(own + 1) - begin_of(own);
    for (std::size_t rank = 0; rank < ranks; ++rank) {
      space.begins_[rank] = static_cast<int>(begin_of(rank));
      space.counts_[rank] = static_cast<int>(begin_of(rank + 1) - begin_of(rank));
      space.received_counts_[rank] = static_cast<int>(count);
      space.received_begins_[rank] = static_cast<int>(rank * count);
    }
    MPI_Alltoallv(message.data(), space.counts_.data(), space.begins_.data(), MPI_DOUBLE,
                  space.received_.data(), space.received_counts_.data(),
                  space.received_begins_.data(), MPI_DOUBLE, handle_);
    for (std::size_t i = 0; i < count; ++i) {
      CompensatedSum sum;
      for (std::size_t rank = 0; rank < ranks; ++rank) sum.add(space.received_[rank * count + i]);
      message[begin_of(own) + i] = sum.sum + sum.lost;
    }
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DOUBLE, message.data(), space.counts_.data(),
                   space.begins_.data(), MPI_DOUBLE, handle_);
  }
}

}  // namespace annmpi::comm
