#include "device/cuda/collectives/staged_sums.hpp"

#include <span>
#include <utility>

#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {
namespace {

class StagedSums final : public DeviceSums {
 public:
  StagedSums(device::SumOverRanks sum, std::string why)
      : sum_(std::move(sum)), why_(std::move(why)) {}

  [[nodiscard]] std::string description() const override {
    return "MPI through host memory (" + why_ + ")";
  }

  void sum(double* values, std::size_t size, cudaStream_t stream) override {
    stage(values, size, stream, doubles_);
  }
  void sum(std::int64_t* values, std::size_t size, cudaStream_t stream) override {
    stage(values, size, stream, integers_);
  }

  void wait(cudaStream_t stream) override { wait_for(stream); }
  void wait(const Event& event) override { event.wait(); }

 private:
  template <class T>
  void stage(T* values, std::size_t size, cudaStream_t stream, PinnedBuffer<T>& buffer) {
    if (buffer.values().size() < size) {
      wait_for(stream);  // an earlier copy may still read the old buffer
      buffer.reserve(size);
    }
    copy(values, buffer.data(), size, cudaMemcpyDeviceToHost, stream);
    wait_for(stream);
    sum_(std::span(buffer.data(), size));
    // Asynchronous: the next copy into the buffer follows it in the stream.
    copy(buffer.data(), values, size, cudaMemcpyHostToDevice, stream);
  }

  device::SumOverRanks sum_;
  std::string why_;
  PinnedBuffer<double> doubles_;
  PinnedBuffer<std::int64_t> integers_;
};

}  // namespace

std::unique_ptr<DeviceSums> make_staged_sums(device::SumOverRanks sum, std::string why) {
  return std::make_unique<StagedSums>(std::move(sum), std::move(why));
}

}  // namespace annmpi::device::cuda
