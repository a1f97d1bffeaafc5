#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "device/cuda/collectives/device_sums.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::tests {

/// The values that a rank passed to its sums, recorded per call.
struct Written {
  std::vector<std::vector<double>> doubles;
  std::vector<std::vector<std::int64_t>> integers;
};

/// Simulates two ranks: adds the recorded values of `other`, and records this rank's in `written`.
class TestSums final : public device::cuda::DeviceSums {
 public:
  explicit TestSums(Written* written = nullptr, const Written* other = nullptr)
      : written_(written), other_(other) {}

  [[nodiscard]] std::string description() const override { return "the test"; }
  void sum(double* values, std::size_t size, cudaStream_t stream) override {
    const std::size_t call = doubles_++;
    add(values, size, stream, written_ != nullptr ? &written_->doubles : nullptr,
        other_ != nullptr ? &other_->doubles.at(call) : nullptr);
  }
  void sum(std::int64_t* values, std::size_t size, cudaStream_t stream) override {
    const std::size_t call = integers_++;
    add(values, size, stream, written_ != nullptr ? &written_->integers : nullptr,
        other_ != nullptr ? &other_->integers.at(call) : nullptr);
  }
  void wait(cudaStream_t stream) override { device::cuda::wait_for(stream); }
  void wait(const device::cuda::Event& event) override { event.wait(); }

 private:
  template <class Number>
  void add(Number* values, std::size_t size, cudaStream_t stream,
           std::vector<std::vector<Number>>* written, const std::vector<Number>* other) {
    if (written == nullptr && other == nullptr) return;
    std::vector<Number> mine(size);
    device::cuda::copy(values, mine.data(), size, cudaMemcpyDeviceToHost, stream);
    device::cuda::wait_for(stream);
    if (written != nullptr) written->push_back(mine);
    if (other == nullptr) return;
    for (std::size_t i = 0; i < size; ++i) mine[i] += other->at(i);
    device::cuda::copy(mine.data(), values, size, cudaMemcpyHostToDevice, stream);
    device::cuda::wait_for(stream);
  }

  Written* written_;
  const Written* other_;
  std::size_t doubles_ = 0;
  std::size_t integers_ = 0;
};

}  // namespace annmpi::tests
