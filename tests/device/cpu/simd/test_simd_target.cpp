#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"

#include "device/cpu/int8/amx.hpp"
#include "device/cpu/int8/tile_unit.hpp"
#include "device/cpu/simd/each_simd_target.hpp"
#include "device/cpu/simd/simd_target.hpp"

namespace annmpi::tests {
namespace {

namespace kernels = device::cpu::kernels;
using Limits = std::vector<std::int64_t>;

/// Sets ANNMPI_SIMD_TARGET and the chosen targets for a test, and restores them.
class SimdTarget : public testing::Test {
 protected:
  SimdTarget() { ask_for(""); }
  ~SimdTarget() override {
    ::unsetenv("ANNMPI_SIMD_TARGET");
    leave_out(0);
  }
  SimdTarget(const SimdTarget&) = delete;
  SimdTarget& operator=(const SimdTarget&) = delete;

  /// Disables the best `count` targets and no others.
  static void leave_out(std::size_t count) {
    Limits limits(kernels::simd_target_count(), 0);
    std::fill_n(limits.begin(), count, 1);
    kernels::choose_simd_target(limits);
  }

  static void ask_for(const std::string& name) { ::setenv("ANNMPI_SIMD_TARGET", name.c_str(), 1); }
};

std::vector<std::string> usable_targets() {
  std::vector<std::string> names;
  for_each_simd_target([&](const char* name) { names.emplace_back(name); });
  return names;
}

/// AMX, where usable, ranks above them.
std::vector<std::string> all_targets() {
  std::vector<std::string> names = usable_targets();
  if (kernels::amx_is_usable()) names.insert(names.begin(), "AMX");
  return names;
}

TEST_F(SimdTarget, IsTheBestByDefault) {
  kernels::choose_simd_target(kernels::simd_target_limits());
  EXPECT_EQ(kernels::simd_target(), all_targets().front());
}

TEST_F(SimdTarget, IsWhatTheWeakestRankHas) {
  // A rank that is asked for a target has it and those below: the maximum with a rank that has all
  // of them leaves it.
  for (const std::string& name : all_targets()) {
    const Limits all = [] {
      ask_for("");
      return kernels::simd_target_limits();
    }();
    ask_for(name);
    Limits limits = kernels::simd_target_limits();
    ASSERT_EQ(limits.size(), kernels::simd_target_count());
    for (std::size_t i = 0; i < limits.size(); ++i) limits[i] = std::max(limits[i], all[i]);
    kernels::choose_simd_target(limits);
    EXPECT_EQ(kernels::simd_target(), name);
    // Asking again changes nothing.
    EXPECT_EQ(kernels::simd_target_limits().size(), limits.size());
    EXPECT_EQ(kernels::simd_target(), name);
    leave_out(0);
  }
}

TEST_F(SimdTarget, IsTheOneThatKernelsRunOn) {
  leave_out(2);  // AMX, which is above all of them, and its emulation
  for_each_simd_target([](const char* name) { EXPECT_EQ(kernels::simd_target(), name); });
}

/// Nothing chooses the emulation by itself: one rank of several that names it gets the best target
/// below.
TEST_F(SimdTarget, IsTheEmulationOfAmxIfAllRanksNameIt) {
  const Limits all = kernels::simd_target_limits();
  ask_for("AMX_EMULATED");
  const Limits emulated = kernels::simd_target_limits();
  kernels::choose_simd_target(emulated);
  EXPECT_EQ(kernels::simd_target(), "AMX_EMULATED");
  EXPECT_TRUE(kernels::uses_tiles());
  EXPECT_EQ(kernels::tile_unit(), kernels::TileUnit::plain);
  EXPECT_EQ(kernels::simd_target_limits(), emulated);
  Limits common = emulated;
  for (std::size_t i = 0; i < common.size(); ++i) common[i] = std::max(common[i], all[i]);
  kernels::choose_simd_target(common);
  EXPECT_EQ(kernels::simd_target(), usable_targets().front());
  EXPECT_FALSE(kernels::uses_tiles());
  leave_out(0);
  EXPECT_EQ(kernels::uses_tiles(), kernels::amx_is_usable());
  EXPECT_EQ(kernels::tile_unit(),
            kernels::amx_is_usable() ? kernels::TileUnit::amx : kernels::TileUnit::plain);
}

TEST_F(SimdTarget, MustBeKnown) {
  ask_for("MMX");
  try {
    (void)kernels::simd_target_limits();
    FAIL() << "no Error";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("ANNMPI_SIMD_TARGET=MMX: is unknown; write one of "))
        << message;
    EXPECT_NE(message.find(all_targets().front()), std::string::npos) << message;
  }
}

TEST_F(SimdTarget, MustBeSupportedByTheProcessor) {
  // A processor that has only the plainest one.
  const std::vector<std::string> names = usable_targets();
  if (names.size() == 1) GTEST_SKIP() << "this processor has only one";
  ask_for(names.front());
  hwy::SetSupportedTargetsForTest(hwy::SupportedAndGeneratedTargets().back());
  EXPECT_THROW((void)kernels::simd_target_limits(), Error);
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace
}  // namespace annmpi::tests
