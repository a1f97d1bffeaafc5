#include "device/cuda/runtime/completion_flags.hpp"

#include <atomic>
#include <chrono>
#include <utility>

namespace annmpi::device::cuda {
namespace {

/// Between two questions to the driver, some 10 us.
constexpr int looks = 4096;
/// After it, what is waited for is long, and a report would gain nothing.
constexpr std::chrono::microseconds longest_look{200};

}  // namespace

CompletionFlags::CompletionFlags(cudaStream_t stream, std::function<void()> wait)
    : stream_(stream), wait_(std::move(wait)), last_(1) {
  *last_.data() = 0;
}

bool CompletionFlags::has_come(std::uint64_t number) const {
  return std::atomic_ref(*last_.data()).load(std::memory_order_acquire) >= number;
}

void CompletionFlags::wait_for(std::uint64_t number) const {
  using Clock = std::chrono::steady_clock;
  if (has_come(number)) return;
  const Clock::time_point start = Clock::now();
  do {
    for (int look = 0; look < looks; ++look)
      if (has_come(number)) return;
    if (cudaStreamQuery(stream_) != cudaErrorNotReady) break;  // done, or in trouble
  } while (Clock::now() - start < longest_look);
  if (!has_come(number)) wait_();
}

}  // namespace annmpi::device::cuda
