#include "device/cuda/collectives/nccl_sums.hpp"

#include <array>
#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "device/cuda/collectives/nccl_library.hpp"
#include "device/cuda/collectives/rank_facts.hpp"
#include "device/cuda/runtime/check.hpp"

namespace annmpi::device::cuda {
namespace {

using Clock = std::chrono::steady_clock;

/// Time limit of connecting and of the first sums.
constexpr std::chrono::seconds longest_start{120};
/// Time limit of a sum in training: the slowest rank's part of an iteration, with a margin.
constexpr std::chrono::seconds longest_wait{1800};
/// A wait spins for this long, which covers most waits, then sleeps between polls.
constexpr std::chrono::milliseconds spin{2};
constexpr std::chrono::microseconds poll_interval{50};

/// Owns a non-blocking NCCL communicator: calls may return ncclInProgress.
class Connection {
 public:
  Connection(const NcclLibrary& nccl, const ncclUniqueId& id, const device::GpuRank& rank)
      : nccl_(nccl), handle_(nullptr, nccl.abort) {
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    config.blocking = 0;
    ncclComm_t handle = nullptr;
    const ncclResult_t result = nccl_.init(&handle, rank.size, id, rank.rank, &config);
    handle_.reset(handle);
    await(result, longest_start);
  }

  void sum(void* values, std::size_t size, ncclDataType_t type, cudaStream_t stream) {
    require_open();
    await(nccl_.all_reduce(values, values, size, type, ncclSum, handle_.get(), stream),
          longest_wait);
  }

  /// @throws std::runtime_error if an asynchronous operation has failed
  void check_async_error() {
    require_open();
    ncclResult_t state = ncclSuccess;
    const ncclResult_t asked = nccl_.get_state(handle_.get(), &state);
    if (asked != ncclSuccess) fail(asked);
    if (state != ncclSuccess && state != ncclInProgress) fail(state);
  }

  /// Aborts the communicator and throws. Kernels that wait for other ranks end at once; otherwise
  /// freeing memory while unwinding would wait for them.
  [[noreturn]] void abort(const std::string& why) {
    handle_.reset();
    throw std::runtime_error(why);
  }

 private:
  void require_open() const {
    if (!handle_) throw std::runtime_error("the NCCL communicator was aborted by an earlier error");
  }

  /// Waits until a call completes.
  void await(ncclResult_t result, std::chrono::seconds limit) {
    const Clock::time_point end = Clock::now() + limit;
    while (result == ncclInProgress) {
      if (Clock::now() > end)
        abort(fmt::format("NCCL has not answered for {} s (a rank or its network is gone)",
                          limit.count()));
      std::this_thread::sleep_for(poll_interval);
      if (const ncclResult_t asked = nccl_.get_state(handle_.get(), &result); asked != ncclSuccess)
        result = asked;
    }
    if (result != ncclSuccess) fail(result);
  }

  [[noreturn]] void fail(ncclResult_t result) {
    const char* words = nccl_.last_error(handle_.get());
    abort(fmt::format("NCCL failed ({}{}{}); a rank, its GPU or its network may be gone",
                      nccl_.error_string(result), words != nullptr && *words != '\0' ? ": " : "",
                      words != nullptr ? words : ""));
  }

  NcclLibrary nccl_;
  /// Destroyed by ncclCommAbort, which does not wait for other ranks: a failing rank must not hang.
  std::unique_ptr<ncclComm, decltype(&ncclCommAbort)> handle_;
};

class NcclSums final : public DeviceSums {
 public:
  NcclSums(std::unique_ptr<Connection> connection, int version)
      : connection_(std::move(connection)), version_(version) {}

  [[nodiscard]] std::string description() const override {
    return fmt::format("NCCL {}.{}.{}", version_ / 10000, version_ / 100 % 100, version_ % 100);
  }

  void sum(double* values, std::size_t size, cudaStream_t stream) override {
    if (size > 0) connection_->sum(values, size, ncclFloat64, stream);
  }
  void sum(std::int64_t* values, std::size_t size, cudaStream_t stream) override {
    if (size > 0) connection_->sum(values, size, ncclInt64, stream);
  }

  void wait(cudaStream_t stream) override {
    await([=] { return cudaStreamQuery(stream); }, longest_wait);
  }
  void wait(const Event& event) override {
    await([&] { return event.state(); }, longest_wait);
  }

  /// Whether sums of known numbers are right.
  [[nodiscard]] bool verify(const device::GpuRank& rank) {
    const int ranks = rank.size;
    std::array<std::int64_t, 512> integers{};
    std::array<double, 512> doubles{};
    for (std::size_t i = 0; i < integers.size(); ++i) {
      integers[i] = static_cast<std::int64_t>(i) * (rank.rank + 1);
      doubles[i] = static_cast<double>(integers[i]) / 2;
    }
    summed(std::span(integers));
    summed(std::span(doubles));
    for (std::size_t i = 0; i < integers.size(); ++i) {
      const auto expected = static_cast<std::int64_t>(i) * ranks * (ranks + 1) / 2;
      if (integers[i] != expected || doubles[i] != static_cast<double>(expected) / 2) return false;
    }
    return true;
  }

 private:
  /// Polls state() until it is cudaSuccess. If a rank is gone it never is; only NCCL detects that.
  template <class State>
  void await(State&& state, std::chrono::seconds limit) {
    const Clock::time_point start = Clock::now();
    for (;;) {
      for (int poll = 0; poll < 64; ++poll) {
        const cudaError_t status = state();
        if (status == cudaSuccess) return;
        if (status != cudaErrorNotReady) check(status, "waiting for the GPU");
      }
      connection_->check_async_error();
      const auto waited = Clock::now() - start;
      if (waited > limit)
        connection_->abort(
            fmt::format("the sums over the GPUs of all ranks have not completed for {} s (a rank "
                        "or its network is gone)",
                        limit.count()));
      if (waited > spin) std::this_thread::sleep_for(poll_interval);
    }
  }

  template <class T, std::size_t size>
  void summed(std::span<T, size> values) {
    T* memory = nullptr;
    check(cudaMalloc(&memory, values.size_bytes()), "verifying NCCL");
    const std::unique_ptr<T, decltype(&cudaFree)> owner(memory, cudaFree);
    check(cudaMemcpy(memory, values.data(), values.size_bytes(), cudaMemcpyHostToDevice),
          "verifying NCCL");
    sum(memory, values.size(), nullptr);
    await([] { return cudaStreamQuery(nullptr); }, longest_start);
    check(cudaMemcpy(values.data(), memory, values.size_bytes(), cudaMemcpyDeviceToHost),
          "verifying NCCL");
  }

  std::unique_ptr<Connection> connection_;
  int version_;
};

/// The result of `attempt` if it succeeds on every rank, else none and the reason.
template <class Attempt>
auto agreed(const device::GpuRank& rank, std::string& trouble, Attempt&& attempt) {
  decltype(attempt()) made{};
  try {
    made = attempt();
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  if (on_all(rank, static_cast<bool>(made))) return made;
  if (trouble.empty()) trouble = "NCCL failed on another rank";
  return decltype(attempt()){};
}

}  // namespace

NcclAttempt make_nccl_sums(const device::GpuRank& rank) {
  const std::optional<NcclLibrary> nccl = load_nccl();
  int version = 0;
  if (nccl) nccl->get_version(&version);
  // Different versions are incompatible.
  const auto versions = allgather_facts(rank, std::array<std::int64_t, 1>{version});
  for (const auto& other : versions)
    if (other[0] == 0 || other != versions[0])
      return {nullptr, other[0] == 0 ? "libnccl.so.2 cannot be loaded on all ranks"
                                     : "NCCL's version differs between ranks"};

  ncclUniqueId id{};
  const bool has_id = rank.rank != 0 || nccl->get_unique_id(&id) == ncclSuccess;
  if (!on_all(rank, has_id)) return {nullptr, "NCCL finds no network interface"};
  from_root(rank, std::as_writable_bytes(std::span(&id, 1)));

  NcclAttempt attempt;
  auto connection =
      agreed(rank, attempt.trouble, [&] { return std::make_unique<Connection>(*nccl, id, rank); });
  if (!connection) return attempt;
  attempt.sums = agreed(rank, attempt.trouble, [&] {
    auto sums = std::make_unique<NcclSums>(std::move(connection), version);
    if (!sums->verify(rank)) throw std::runtime_error("NCCL gives wrong sums between these GPUs");
    return std::unique_ptr<DeviceSums>(std::move(sums));
  });
  return attempt;
}

}  // namespace annmpi::device::cuda
