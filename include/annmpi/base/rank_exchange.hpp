#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace annmpi {

/// Non-blocking communication between the ranks within a step. Every call is collective, in the
/// same order on all ranks. Each started operation must be finished before its memory is used again
/// and before the job ends.
class RankExchange {
 public:
  /// A started operation.
  using Ticket = std::size_t;

  RankExchange() = default;
  RankExchange(const RankExchange&) = delete;
  RankExchange& operator=(const RankExchange&) = delete;
  virtual ~RankExchange() = default;

  [[nodiscard]] virtual std::size_t rank() const = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;

  /// Starts an in-place allgather: of `all`, in pieces of `piece_bytes`, rank r contributes pieces
  /// [begins[r], begins[r + 1]) and receives the others. There are size() + 1 begins.
  [[nodiscard]] virtual Ticket start_gather(std::span<std::byte> all, std::size_t piece_bytes,
                                            std::span<const std::size_t> begins) = 0;

  /// Starts an element-wise sum over the ranks, in place and in unspecified order.
  [[nodiscard]] virtual Ticket start_sum(std::span<float> values) = 0;
  [[nodiscard]] virtual Ticket start_sum(std::span<double> values) = 0;

  virtual void finish(Ticket ticket) = 0;

  /// Blocking element-wise sum over the ranks, in place.
  virtual void sum(std::span<std::int64_t> values) = 0;
};

}  // namespace annmpi
