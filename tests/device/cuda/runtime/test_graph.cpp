#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "device/cuda/runtime/graph.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::tests {
namespace {

using device::cuda::DeviceBuffer;
using device::cuda::Graph;
using device::cuda::Stream;

class GraphOfCopies : public testing::Test {
 protected:
  /// Shifts two numbers by one element.
  void work() {
    device::cuda::copy(numbers_.data() + 1, numbers_.data() + 2, 1, cudaMemcpyDeviceToDevice,
                       stream_);
    device::cuda::copy(numbers_.data(), numbers_.data() + 1, 1, cudaMemcpyDeviceToDevice, stream_);
  }
  void set(const std::vector<int>& values) {
    device::cuda::copy(values.data(), numbers_.data(), values.size(), cudaMemcpyHostToDevice,
                       stream_);
  }
  [[nodiscard]] std::vector<int> values() {
    std::vector<int> out(numbers_.size());
    device::cuda::copy(numbers_.data(), out.data(), out.size(), cudaMemcpyDeviceToHost, stream_);
    device::cuda::wait_for(stream_);
    return out;
  }

  Stream stream_;
  DeviceBuffer<int> numbers_{3};
  Graph graph_;
};

TEST_F(GraphOfCopies, IsCapturedInTheSecondRunAndReplaysTheSameWork) {
  for (int run = 0; run < 4; ++run) {
    set({run, 10 + run, 20 + run});
    graph_.run(stream_, [&] { work(); });
    EXPECT_EQ(values(), (std::vector{run, run, 10 + run}));
    EXPECT_EQ(graph_.is_recorded(), run >= 1);
  }
  graph_.forget();
  EXPECT_FALSE(graph_.is_recorded());
}

TEST_F(GraphOfCopies, ExecutesWorkDirectlyThatCannotBeCaptured) {
  for (int run = 0; run < 3; ++run) {
    set({1, 2, 3});
    int calls = 0;
    graph_.run(stream_, [&] {
      ++calls;
      work();
      (void)cudaStreamSynchronize(stream_);
    });
    EXPECT_EQ(calls, run == 1 ? 2 : 1);
    EXPECT_EQ(values(), (std::vector{1, 1, 2}));
    EXPECT_FALSE(graph_.is_recorded());
  }
}

TEST_F(GraphOfCopies, EndsTheCaptureWhenWorkThrows) {
  set({1, 2, 3});
  graph_.run(stream_, [&] { work(); });
  EXPECT_THROW(graph_.run(stream_,
                          [&] {
                            work();
                            throw std::runtime_error("trouble");
                          }),
               std::runtime_error);
  EXPECT_EQ(values(), (std::vector{1, 1, 2}));
}

}  // namespace
}  // namespace annmpi::tests
