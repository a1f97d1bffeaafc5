#pragma once

#include <cstdint>
#include <functional>

#include "device/cuda/runtime/completion_flag.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

/// Word from kernels that their results have come, in the order of the stream. The host looks for
/// it in its own memory, which takes 2 to 3 us where asking the driver takes 6 to 8 (estimates: no
/// GPU has run this). What takes longer, and whatever goes wrong, is left to the driver.
class CompletionFlags {
 public:
  /// `wait` returns when the stream has done what it had to, or throws.
  CompletionFlags(cudaStream_t stream, std::function<void()> wait);

  /// For the next kernel that reports.
  [[nodiscard]] CompletionFlag next() { return {last_.data(), ++given_}; }
  /// The number of the last one given.
  [[nodiscard]] std::uint64_t given() const { return given_; }

  /// Returns when the stream has completed all its work.
  void wait() const { wait_(); }
  /// Returns when the kernel with this number has reported.
  void wait_for(std::uint64_t number) const;

 private:
  [[nodiscard]] bool has_come(std::uint64_t number) const;

  cudaStream_t stream_;
  std::function<void()> wait_;
  PinnedBuffer<unsigned long long> last_;
  std::uint64_t given_ = 0;
};

}  // namespace annmpi::device::cuda
