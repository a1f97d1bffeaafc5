#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/device/gpu_self_test.hpp"

#include "device/gpu_module.hpp"
#include "support/forwarding_device.hpp"

// The self-test of GPUs, with CPU devices in place of GPUs.
namespace annmpi::device {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::unique_ptr<FullBatchDevice> right(const Gpu&, network::Network network, GpuRank rank,
                                       const DeviceOptions& options) {
  return make_cpu_device(std::move(network), std::move(rank.sum),
                         {.precision = options.precision,
                          .bytes = options.bytes,
                          .training_rows = options.training_rows});
}

/// Returns gradients with one wrong element.
class OffDevice : public tests::ForwardingDevice {
 public:
  OffDevice(std::unique_ptr<FullBatchDevice> device, double by)
      : ForwardingDevice(std::move(device)), by_(by) {}
  void finish_gradient(const Point& point, double scale, double penalty,
                       Vector& gradient) override {
    ForwardingDevice::finish_gradient(point, scale, penalty, gradient);
    std::vector<double> values(space().dimension());
    space().download(gradient, values);
    values[values.size() / 2] += by_;
    space().upload(values, gradient);
  }

 private:
  double by_;
};

template <int thousandths>
std::unique_ptr<FullBatchDevice> off(const Gpu& gpu, network::Network network, GpuRank rank,
                                     const DeviceOptions& options) {
  return std::make_unique<OffDevice>(
      right(gpu, std::move(network), std::move(rank), options),
      thousandths == 0 ? std::numeric_limits<double>::quiet_NaN() : 1e-3 * thousandths);
}

std::unique_ptr<FullBatchDevice> broken(const Gpu&, network::Network, GpuRank,
                                        const DeviceOptions&) {
  throw Error("its memory is gone");
}

template <class MakeDevice>
FoundGpu found(MakeDevice* make) {
  static GpuModule module;
  module = {.make_full_batch_device = make};
  FoundGpu gpu;
  gpu.gpu.index = 3;
  gpu.gpu.name = "GPU of a test";
  gpu.module = &module;
  return gpu;
}

TEST(GpuSelfTest, IsPassedByWhatComputesAsCpusDo) {
  EXPECT_EQ(tested(found(right)).trouble, "");
  EXPECT_EQ(tested(found(right)).gpu.index, 3);
}

TEST(GpuSelfTest, NamesAGpuThatIsWrong) {
  EXPECT_THAT(tested(found(off<5>)).trouble,
              AllOf(HasSubstr("GPU 3 (GPU of a test) fails its self-test against the CPU"),
                    HasSubstr("differs by")));
  EXPECT_THAT(tested(found(off<0>)).trouble, HasSubstr("differs by inf"));
  EXPECT_THAT(tested(found(broken)).trouble, HasSubstr("(its memory is gone)"));
}

TEST(GpuSelfTest, LeavesOtherTroubleAsItIs) {
  FoundGpu none;
  none.trouble = "no driver";
  EXPECT_EQ(tested(none).trouble, "no driver");
}

}  // namespace
}  // namespace annmpi::device
