#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/device/instructions.hpp"
#include "annmpi/objective/agreement.hpp"

#include "support/forwarding_device.hpp"
#include "support/world.hpp"

namespace annmpi::objective {
namespace {

using tests::world;

std::unique_ptr<device::FullBatchDevice> cpu_device(std::size_t hidden) {
  return device::make_cpu_device(
      network::make_network({6, static_cast<std::int64_t>(hidden), 3}, config::Activation::sigmoid,
                            config::OutputUnit::sigmoid),
      [](auto sums) { world().sum(sums); });
}

TEST(Agreement, HoldsAsRanksStart) {
  EXPECT_NO_THROW(agree_on_arithmetic(world()));
}

TEST(Agreement, DevicesOfOneMachineAreEqual) {
  const auto narrow = cpu_device(4);
  EXPECT_NO_THROW(require_equal_devices(world(), *narrow, false));
  const auto wide = cpu_device(100);
  ASSERT_TRUE(device::loaded_blas().has_value());
  EXPECT_NE(wide->fingerprint(), 0);
  EXPECT_NO_THROW(require_equal_devices(world(), *wide, false));
}

/// A device whose fingerprint differs on one rank.
class OddDevice : public tests::ForwardingDevice {
 public:
  using ForwardingDevice::ForwardingDevice;
  [[nodiscard]] std::uint64_t fingerprint() const override {
    return world().rank() == world().size() - 1 ? 2 : 1;
  }
};

TEST(Agreement, ADeviceThatComputesOtherBitsIsRefusedByAllRanks) {
  const OddDevice device(cpu_device(4));
  if (world().size() == 1) {
    EXPECT_NO_THROW(require_equal_devices(world(), device, false));
    return;
  }
  try {
    require_equal_devices(world(), device, false);
    FAIL() << "no error";
  } catch (const comm::AgreedError& error) {
    const std::string message = error.what();
    const std::string teller = "(seen by rank " + std::to_string(world().size() - 1) + " on ";
    EXPECT_TRUE(message.starts_with("matrix products differ from those of rank 0")) << message;
    EXPECT_NE(message.find(teller), std::string::npos) << message;
  }
}

TEST(Agreement, DevicesOfDifferentKindsAreNotCompared) {
  const OddDevice device(cpu_device(4));
  const bool is_last = world().rank() == world().size() - 1;
  EXPECT_NO_THROW(require_equal_devices(world(), device, is_last));
  // Rank 0 is of one kind, all others of the other; the last one differs.
  if (world().size() < 3) return;
  try {
    require_equal_devices(world(), device, !world().is_root());
    FAIL() << "no error";
  } catch (const comm::AgreedError& error) {
    EXPECT_NE(std::string(error.what()).find("from those of rank 1 ("), std::string::npos)
        << error.what();
  }
}

/// Expects `work` to throw on the last of several ranks, and only there.
template <class Work>
void expect_fault_on_the_last_rank(Work&& work) {
  if (world().size() > 1 && world().rank() == world().size() - 1) {
    try {
      work();
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      ADD_FAILURE() << "foreseen: " << error.what();
    } catch (const std::runtime_error& error) {
      EXPECT_TRUE(std::string(error.what())
                      .starts_with("the parameters of this rank differ from those of rank 0"))
          << error.what();
    }
  } else {
    EXPECT_NO_THROW(work());
  }
}

TEST(Agreement, OneBitOfOneParameterIsEnough) {
  std::vector<double> theta(1000, 0.1);
  EXPECT_NO_THROW(require_equal_parameters(world(), theta));
  if (world().rank() == world().size() - 1) theta[999] = std::nextafter(0.1, 1.0);
  expect_fault_on_the_last_rank([&] { require_equal_parameters(world(), theta); });
}

}  // namespace
}  // namespace annmpi::objective
