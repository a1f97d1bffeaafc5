#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <mpi.h>

#include "annmpi/base/decide.hpp"
#include "annmpi/base/error.hpp"
#include "annmpi/base/phase_times.hpp"

namespace annmpi::comm {

/// An Error that every rank throws at the same place. No rank waits for another then, so the job
/// can end in an orderly way.
class AgreedError : public Error {
 public:
  explicit AgreedError(const std::string& message) : Error("{}", message) {}
};

/// MPI counts elements in int: longer arrays are split into several messages.
inline constexpr std::size_t longest_message = std::size_t{1} << 28;
static_assert(longest_message <= INT_MAX);

/// Buffers of Communicator::sum_in_order() for arrays of `numbers` elements.
class OrderedSum {
 public:
  OrderedSum(std::size_t numbers, int ranks);

 private:
  friend class Communicator;
  // Per rank, for one message: counts and offsets of the elements that the rank sums, and of what
  // this rank receives from it.
  std::vector<int> counts_, begins_, received_counts_, received_begins_;
  std::vector<double> received_;
};

/// The ranks of the job. Every member function except rank(), size() and is_root() is collective:
/// all ranks call it, in the same order. Copies refer to the same ranks.
class Communicator {
 public:
  explicit Communicator(MPI_Comm handle);

  [[nodiscard]] int rank() const { return rank_; }
  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] bool is_root() const { return rank_ == 0; }

  /// Returns when all ranks have called it.
  void barrier() const { MPI_Barrier(handle_); }

  /// Element-wise sum over all ranks, in place. Any length.
  void sum(std::span<double> values) const;
  void sum(std::span<std::int64_t> values) const;
  /// Element-wise, in place: adds the elements in the order of the ranks with compensated
  /// summation, so that the sum is rounded about once. Equal bits on all ranks, and in each call
  /// with the same numbers. Any length; `space` must have been made for it.
  void sum_in_order(std::span<double> values, OrderedSum& space) const;
  /// Modulo 2^64.
  void sum(std::span<std::uint64_t> values) const;

  /// Element-wise maximum over all ranks, in place.
  void max(std::span<std::int64_t> values) const;
  void max(std::span<double> values) const;
  /// Element-wise minimum over all ranks, in place.
  void min(std::span<double> values) const;

  /// Broadcasts rank 0's bytes into `bytes`.
  void from_root(std::span<std::byte> bytes) const;
  /// Rank 0's text, on every rank.
  [[nodiscard]] std::string from_root(std::string text) const;

  /// Row r holds rank r's values; empty except on rank 0. All ranks pass equally many.
  [[nodiscard]] std::vector<std::vector<double>> gather(std::span<const double> values) const;

  /// Element r is rank r's value, on every rank.
  template <class T>
  [[nodiscard]] std::vector<T> allgather(const T& mine) const {
    static_assert(std::is_trivially_copyable_v<T>);
    std::vector<T> all(static_cast<std::size_t>(size_));
    MPI_Allgather(&mine, sizeof(T), MPI_BYTE, all.data(), sizeof(T), MPI_BYTE, handle_);
    return all;
  }

  /// A duplicate communicator, whose messages cannot match those of this one. The caller frees it
  /// before MPI_Finalize.
  [[nodiscard]] MPI_Comm duplicate() const;

  /// Element r is rank r's text; empty except on rank 0.
  [[nodiscard]] std::vector<std::string> gather_texts(const std::string& mine) const;

  /// This rank's number among the ranks of its host.
  [[nodiscard]] int rank_on_host() const;
  /// Number of ranks on this host, itself included.
  [[nodiscard]] int ranks_on_host() const;
  /// Number of hosts of the job.
  [[nodiscard]] int hosts() const;

  /// Runs `local` on every rank and returns its result. If it throws Error (or runs out of memory)
  /// on any of them, all ranks throw AgreedError with the message of the lowest such rank.
  template <class Function>
  auto all_agree(Function&& local) const {
    using Result = std::invoke_result_t<Function>;
    if constexpr (std::is_void_v<Result>) {
      throw_if_any(trouble_of(std::forward<Function>(local)));
    } else {
      std::optional<Result> result;
      throw_if_any(trouble_of([&] { result.emplace(std::forward<Function>(local)()); }));
      return std::move(result).value();
    }
  }

  /// Runs `alone` on rank 0 only; if it throws Error there, all ranks throw AgreedError.
  template <class Function>
  void on_root(Function&& alone) const {
    throw_if_any(is_root() ? trouble_of(std::forward<Function>(alone)) : std::nullopt);
  }

  /// Decisions made by rank 0, for an optimizer.
  [[nodiscard]] Decide decide() const;
  /// The same, timing the broadcasts: on rank 0 as `reduce`, on others as `wait`.
  [[nodiscard]] Decide decide(PhaseTimes& times) const;

 private:
  template <class Function>
  static std::optional<std::string> trouble_of(Function&& function) {
    try {
      std::forward<Function>(function)();
    } catch (const Error& error) {
      return error.what();
    } catch (const std::bad_alloc&) {
      return "not enough memory for this rank's share of the rows; use more ranks or more hosts";
    }
    return std::nullopt;
  }

  /// Position of this rank among the ranks of its host.
  struct Place {
    int rank;
    int size;
  };
  [[nodiscard]] Place on_host() const;

  void throw_if_any(const std::optional<std::string>& trouble) const;
  void broadcast(std::string& text, int from) const;

  MPI_Comm handle_;
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace annmpi::comm
