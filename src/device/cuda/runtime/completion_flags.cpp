#include "device/cuda/runtime/completion_flags.hpp"

#include <atomic>
#include <chrono>
#include <utility>

namespace annmpi::device::cuda {
namespace {

/// Polls between two queries of the driver, about 10 us.
constexpr int polls = 4096;
/// Longer waits go through the driver, as its latency no longer matters.
constexpr std::chrono::microseconds longest_poll{200};

}  // namespace

CompletionFlags::CompletionFlags(cudaStream_t stream, std::function<void()> wait)
    : stream_(stream), wait_(std::move(wait)), last_(1) {
  *last_.data() = 0;
}

bool CompletionFlags::is_set(std::uint64_t number) const {
  return std::atomic_ref(*last_.data()).load(std::memory_order_acquire) >= number;
}

void CompletionFlags::wait_for(std::uint64_t number) const {
  using Clock = std::chrono::steady_clock;
  if (is_set(number)) return;
  const Clock::time_point start = Clock::now();
  do {
    for (int poll = 0; poll < polls; ++poll)
      if (is_set(number)) return;
    if (cudaStreamQuery(stream_) != cudaErrorNotReady) break;  // complete, or an error
  } while (Clock::now() - start < longest_poll);
  if (!is_set(number)) wait_();
}

}  // namespace annmpi::device::cuda
