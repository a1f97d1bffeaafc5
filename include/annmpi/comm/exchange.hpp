#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

#include <mpi.h>

#include "annmpi/base/phase_times.hpp"
#include "annmpi/base/rank_exchange.hpp"
#include "annmpi/comm/communicator.hpp"

namespace annmpi::comm {

/// RankExchange by MPI's non-blocking collectives. The time spent in it counts as `wait`. To be
/// called by the thread that initialised MPI.
class Exchange final : public RankExchange {
 public:
  /// Uses a duplicate of the communicator, so that pending operations cannot match other calls.
  /// Collective. `times` must outlive the exchange.
  Exchange(const Communicator& communicator, PhaseTimes& times);
  /// Frees the duplicate: must run before MPI_Finalize, with no operation pending.
  ~Exchange() override;

  [[nodiscard]] std::size_t rank() const override { return rank_; }
  [[nodiscard]] std::size_t size() const override { return size_; }
  [[nodiscard]] Ticket start_gather(std::span<std::byte> all, std::size_t piece_bytes,
                                    std::span<const std::size_t> begins) override;
  [[nodiscard]] Ticket start_sum(std::span<float> values) override;
  [[nodiscard]] Ticket start_sum(std::span<double> values) override;
  void finish(Ticket ticket) override;
  void sum(std::span<std::int64_t> values) override;

 private:
  /// A pending operation, with the counts and offsets that MPI reads until it completes.
  struct Request {
    MPI_Request handle = MPI_REQUEST_NULL;
    bool busy = false;
    std::vector<int> counts;
    std::vector<int> begins;
  };

  Ticket free_request();
  [[nodiscard]] MPI_Datatype pieces_of(std::size_t bytes);
  Ticket start_sum(void* values, std::size_t count, MPI_Datatype type);

  MPI_Comm handle_ = MPI_COMM_NULL;
  PhaseTimes& times_;
  std::size_t rank_;
  std::size_t size_;
  std::vector<Request> requests_;
  std::map<std::size_t, MPI_Datatype> pieces_;  ///< by size in bytes
};

}  // namespace annmpi::comm
