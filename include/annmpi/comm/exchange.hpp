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

/// RankExchange by MPI's collectives that do not block. The time spent in it is booked as `wait`.
/// To be called by the thread that initialised MPI.
class Exchange final : public RankExchange {
 public:
  /// Of the communicator's ranks, over a communicator of its own, so that what is on its way never
  /// meets other calls. Collective. `times` must outlive it.
  Exchange(const Communicator& communicator, PhaseTimes& times);
  /// Frees its communicator: before MPI ends, with nothing on its way.
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
  /// Something on its way, and the counts that MPI reads until it has arrived.
  struct Journey {
    MPI_Request request = MPI_REQUEST_NULL;
    bool busy = false;
    std::vector<int> counts;
    std::vector<int> begins;
  };

  Ticket free_journey();
  [[nodiscard]] MPI_Datatype pieces_of(std::size_t bytes);
  Ticket start_sum(void* values, std::size_t count, MPI_Datatype type);

  MPI_Comm handle_ = MPI_COMM_NULL;
  PhaseTimes& times_;
  std::size_t rank_;
  std::size_t size_;
  std::vector<Journey> journeys_;
  std::map<std::size_t, MPI_Datatype> pieces_;  ///< by bytes
};

}  // namespace annmpi::comm
