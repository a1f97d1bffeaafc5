#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace annmpi {

/// What the ranks of a job give each other in a step, without waiting where they need not. Every
/// call is collective, and all ranks make the calls in the same order; what was started must be
/// finished before its memory is touched again, and before the job ends.
class RankExchange {
 public:
  /// Something that was started.
  using Ticket = std::size_t;

  RankExchange() = default;
  RankExchange(const RankExchange&) = delete;
  RankExchange& operator=(const RankExchange&) = delete;
  virtual ~RankExchange() = default;

  [[nodiscard]] virtual std::size_t rank() const = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;

  /// Starts to bring together what the ranks hold: of `all`, in pieces of so many bytes, rank r has
  /// pieces [begins[r], begins[r + 1]) and gets the rest. There are size() + 1 begins.
  [[nodiscard]] virtual Ticket start_gather(std::span<std::byte> all, std::size_t piece_bytes,
                                            std::span<const std::size_t> begins) = 0;

  /// Starts to add up over the ranks, element by element, in place; in any order.
  [[nodiscard]] virtual Ticket start_sum(std::span<float> values) = 0;
  [[nodiscard]] virtual Ticket start_sum(std::span<double> values) = 0;

  virtual void finish(Ticket ticket) = 0;

  /// At once.
  virtual void sum(std::span<std::int64_t> values) = 0;
};

}  // namespace annmpi
