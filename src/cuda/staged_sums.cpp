#include "cuda/staged_sums.hpp"

#include <span>
#include <utility>

#include "cuda/check.hpp"

namespace annmpi::cuda {
namespace {

struct FreePinned {
  void operator()(void* memory) const { cudaFreeHost(memory); }
};

class StagedSums final : public DeviceSums {
 public:
  StagedSums(model::SumOverRanks sum, std::string why)
      : sum_(std::move(sum)), why_(std::move(why)) {}

  [[nodiscard]] std::string description() const override {
    return "MPI through host memory (" + why_ + ")";
  }

  void sum(double* values, std::size_t size, cudaStream_t stream) override {
    stage(values, size, stream);
  }
  void sum(std::int64_t* values, std::size_t size, cudaStream_t stream) override {
    stage(values, size, stream);
  }

  void wait(cudaStream_t stream) override {
    check(cudaStreamSynchronize(stream), "waiting for the GPU");
  }

 private:
  template <class T>
  void stage(T* values, std::size_t size, cudaStream_t stream) {
    if (size == 0) return;
    const std::size_t bytes = size * sizeof(T);
    if (bytes > bytes_) allocate(bytes, stream);
    T* staged = static_cast<T*>(buffer_.get());
    check(cudaMemcpyAsync(staged, values, bytes, cudaMemcpyDeviceToHost, stream),
          "copying sums to the host");
    wait(stream);
    sum_(std::span(staged, size));
    // Left on its way: the next copy into the buffer comes after it in the stream.
    check(cudaMemcpyAsync(values, staged, bytes, cudaMemcpyHostToDevice, stream),
          "copying sums to the GPU");
  }

  void allocate(std::size_t bytes, cudaStream_t stream) {
    wait(stream);
    buffer_.reset();
    bytes_ = 0;
    void* memory = nullptr;
    check(cudaMallocHost(&memory, bytes), "allocating pinned memory");
    buffer_.reset(memory);
    bytes_ = bytes;
  }

  model::SumOverRanks sum_;
  std::string why_;
  std::unique_ptr<void, FreePinned> buffer_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<DeviceSums> make_staged_sums(model::SumOverRanks sum, std::string why) {
  return std::make_unique<StagedSums>(std::move(sum), std::move(why));
}

}  // namespace annmpi::cuda
