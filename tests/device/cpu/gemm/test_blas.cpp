#include <algorithm>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/device/instructions.hpp"

#include "device/cpu/gemm/blas.hpp"
#include "device/cpu/gemm/blas_core.hpp"
#include "device/cpu/gemm/blas_self_test.hpp"

namespace annmpi::tests {
namespace {

/// Sets or unsets OPENBLAS_CORETYPE until the end of the scope.
class CoreType {
 public:
  explicit CoreType(const char* value) {
    if (const char* before = std::getenv(name)) before_ = before;
    if (value == nullptr)
      ::unsetenv(name);
    else
      ::setenv(name, value, 1);
  }
  ~CoreType() {
    if (before_)
      ::setenv(name, before_->c_str(), 1);
    else
      ::unsetenv(name);
  }
  CoreType(const CoreType&) = delete;
  CoreType& operator=(const CoreType&) = delete;

 private:
  static constexpr auto name = "OPENBLAS_CORETYPE";
  std::optional<std::string> before_;
};

using Limits = std::vector<std::int64_t>;

Limits limits_with(const char* core_type) {
  const CoreType set(core_type);
  return device::cpu::blas_core_limits();
}

Limits maxima(Limits a, const Limits& b) {
  std::ranges::transform(a, b, a.begin(), std::ranges::max);
  return a;
}

/// The core type that is chosen if the variable is not set.
std::string chosen_from(const Limits& limits) {
  const CoreType unset(nullptr);
  device::cpu::choose_blas_core(limits);
  return device::cpu::chosen_blas_core();
}

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

#if defined(__x86_64__)
TEST(BlasCore, IsTheBestThatEveryRankCanRun) {
  Limits limits = limits_with(nullptr);
  const Limits mine = limits;
  std::fill(limits.begin() + 2, limits.end(), 0);
  EXPECT_EQ(chosen_from(limits), "SkylakeX");
  limits[2] = 1;  // a rank without AVX-512
  EXPECT_EQ(chosen_from(limits), "Zen");
  limits[3] = 1;  // and a rank that is not AMD
  EXPECT_EQ(chosen_from(limits), "Haswell");
  std::fill(limits.begin() + 2, limits.end() - 1, 1);
  EXPECT_EQ(chosen_from(maxima(limits, mine)), "Prescott");
}

TEST(BlasCore, EveryProcessorRunsThePlainest) {
  EXPECT_EQ(limits_with(nullptr).back(), 0);
}

TEST(BlasCore, WhatIsAskedForIsKept) {
  const Limits limits = limits_with("Prescott");
  const CoreType set("Prescott");
  device::cpu::choose_blas_core(limits);
  EXPECT_EQ(device::cpu::chosen_blas_core(), "Prescott");
}
#endif

TEST(BlasCore, IsNotToBeAskedForDifferentlyOnTwoRanks) {
  const Limits unset = limits_with(nullptr);
  const Limits prescott = limits_with("Prescott");
  const Limits nehalem = limits_with("Nehalem");
  ASSERT_EQ(unset.size(), prescott.size());
  const std::string words = "OPENBLAS_CORETYPE differs between the ranks";
  EXPECT_NE(message_of([&] { chosen_from(maxima(unset, prescott)); }).find(words),
            std::string::npos);
  EXPECT_NE(message_of([&] { chosen_from(maxima(prescott, nehalem)); }).find(words),
            std::string::npos);
  EXPECT_EQ(message_of([&] { chosen_from(maxima(prescott, prescott)); }), "");
}

TEST(Blas, IsLoadedForTheChosenCoreWithOneThread) {
  const device::cpu::Blas& blas = device::cpu::blas();
  const std::optional<device::BlasLibrary> loaded = device::loaded_blas();
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->core, blas.core);
  EXPECT_NE(loaded->configuration.find("OpenBLAS"), std::string::npos);
  const bool has_choice = loaded->configuration.find("DYNAMIC_ARCH") != std::string::npos;
  const std::string chosen = device::cpu::chosen_blas_core();
  EXPECT_TRUE(!has_choice || chosen.empty() || device::cpu::is_same_core(blas.core, chosen))
      << blas.core << ", not " << chosen;
  const double a[] = {1, 2, 3, 4};
  double c[] = {0, 0, 0, 0};
  blas.dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, 2, 2, 2, 1.0, a, 2, a, 2, 0.0, c, 2);
  EXPECT_EQ(std::vector<double>(c, c + 4), (std::vector<double>{5, 11, 11, 25}));
}

TEST(Blas, TheSelfTestRepeatsItself) {
  device::cpu::blas();
  const std::uint64_t hash = device::cpu::blas_fingerprint();
  EXPECT_NE(hash, 0);
  EXPECT_EQ(device::cpu::blas_fingerprint(), hash);
}

}  // namespace
}  // namespace annmpi::tests
