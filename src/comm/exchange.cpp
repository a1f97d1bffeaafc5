#include "annmpi/comm/exchange.hpp"

#include <climits>

#include "annmpi/base/error.hpp"

namespace annmpi::comm {
namespace {

/// MPI counts in int.
int count_of(std::size_t count) {
  require(count <= INT_MAX,
          "a message of a mini-batch has {} elements (MPI takes {} at most); take a smaller "
          "optimizer.batch_size",
          count, INT_MAX);
  return static_cast<int>(count);
}

}  // namespace

Exchange::Exchange(const Communicator& communicator, PhaseTimes& times)
    : handle_(communicator.duplicate()),
      times_(times),
      rank_(static_cast<std::size_t>(communicator.rank())),
      size_(static_cast<std::size_t>(communicator.size())) {}

Exchange::~Exchange() {
  for (auto& [bytes, type] : pieces_) MPI_Type_free(&type);
  MPI_Comm_free(&handle_);
}

RankExchange::Ticket Exchange::free_request() {
  Ticket ticket = 0;
  while (ticket < requests_.size() && requests_[ticket].busy) ++ticket;
  if (ticket == requests_.size()) requests_.emplace_back().counts.resize(size_);
  requests_[ticket].begins.resize(size_);
  requests_[ticket].busy = true;
  return ticket;
}

MPI_Datatype Exchange::pieces_of(std::size_t bytes) {
  const auto [found, is_new] = pieces_.try_emplace(bytes, MPI_DATATYPE_NULL);
  if (is_new) {
    MPI_Type_contiguous(count_of(bytes), MPI_BYTE, &found->second);
    MPI_Type_commit(&found->second);
  }
  return found->second;
}

RankExchange::Ticket Exchange::start_gather(std::span<std::byte> all, std::size_t piece_bytes,
                                            std::span<const std::size_t> begins) {
  return times_.measure(Phase::wait, [&] {
    const Ticket ticket = free_request();
    Request& request = requests_[ticket];
    for (std::size_t r = 0; r < size_; ++r) {
      request.begins[r] = count_of(begins[r]);
      request.counts[r] = count_of(begins[r + 1] - begins[r]);
    }
    MPI_Iallgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all.data(), request.counts.data(),
                    request.begins.data(), pieces_of(piece_bytes), handle_, &request.handle);
    return ticket;
  });
}

RankExchange::Ticket Exchange::start_sum(void* values, std::size_t count, MPI_Datatype type) {
  return times_.measure(Phase::wait, [&] {
    const Ticket ticket = free_request();
    MPI_Iallreduce(MPI_IN_PLACE, values, count_of(count), type, MPI_SUM, handle_,
                   &requests_[ticket].handle);
    return ticket;
  });
}

RankExchange::Ticket Exchange::start_sum(std::span<float> values) {
  return start_sum(values.data(), values.size(), MPI_FLOAT);
}
RankExchange::Ticket Exchange::start_sum(std::span<double> values) {
  return start_sum(values.data(), values.size(), MPI_DOUBLE);
}

void Exchange::finish(Ticket ticket) {
  times_.measure(Phase::wait, [&] { MPI_Wait(&requests_[ticket].handle, MPI_STATUS_IGNORE); });
  requests_[ticket].busy = false;
}

void Exchange::sum(std::span<std::int64_t> values) {
  times_.measure(Phase::wait, [&] {
    MPI_Allreduce(MPI_IN_PLACE, values.data(), count_of(values.size()), MPI_INT64_T, MPI_SUM,
                  handle_);
  });
}

}  // namespace annmpi::comm
