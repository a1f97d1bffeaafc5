#include "device/cuda/collectives/device_sums.hpp"

#include "device/cuda/collectives/nccl_sums.hpp"
#include "device/cuda/collectives/rank_facts.hpp"
#include "device/cuda/collectives/staged_sums.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {
namespace {

/// A single rank.
class SumsOfOne final : public DeviceSums {
 public:
  [[nodiscard]] std::string description() const override { return ""; }
  void sum(double*, std::size_t, cudaStream_t) override {}
  void sum(std::int64_t*, std::size_t, cudaStream_t) override {}
  void wait(cudaStream_t stream) override { wait_for(stream); }
  void wait(const Event& event) override { event.wait(); }
};

}  // namespace

std::unique_ptr<DeviceSums> make_device_sums(const device::Gpu& gpu, const device::GpuRank& rank) {
  if (rank.size == 1) return std::make_unique<SumsOfOne>();
  if (any_share(rank, gpu)) return make_staged_sums(rank.sum, "ranks share a GPU");
  NcclAttempt attempt = make_nccl_sums(rank);
  if (attempt.sums) return std::move(attempt.sums);
  return make_staged_sums(rank.sum, std::move(attempt.trouble));
}

}  // namespace annmpi::device::cuda
