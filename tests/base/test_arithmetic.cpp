#include <cfenv>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "annmpi/base/arithmetic.hpp"
#include "annmpi/base/error.hpp"

#include "support/arithmetic_mode.hpp"

namespace annmpi::tests {
namespace {

std::string complaint() {
  try {
    require_sound_arithmetic("in a test");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Arithmetic, IsSoundAsAProgramStarts) {
  EXPECT_TRUE(observe_arithmetic().is_sound());
  EXPECT_EQ(complaint(), "");
}

TEST(Arithmetic, EveryOtherRoundingModeIsFound) {
  for (const int mode : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    ArithmeticMode arithmetic;
    arithmetic.round(mode);
    const Arithmetic observed = observe_arithmetic();
    EXPECT_FALSE(observed.rounds_to_nearest) << mode;
    EXPECT_TRUE(observed.keeps_subnormal_results && observed.keeps_subnormal_operands) << mode;
  }
  EXPECT_TRUE(observe_arithmetic().is_sound());
}

TEST(Arithmetic, FlushedResultsAndIgnoredOperandsAreToldApart) {
  {
    ArithmeticMode arithmetic;
    if (!arithmetic.flush_results()) GTEST_SKIP() << "no switch for this on this processor";
    const Arithmetic observed = observe_arithmetic();
    EXPECT_FALSE(observed.keeps_subnormal_results);
    EXPECT_TRUE(observed.keeps_subnormal_operands && observed.rounds_to_nearest);
  }
  ArithmeticMode arithmetic;
  arithmetic.ignore_operands();
  const Arithmetic observed = observe_arithmetic();
  EXPECT_FALSE(observed.keeps_subnormal_operands);
  EXPECT_TRUE(observed.keeps_subnormal_results && observed.rounds_to_nearest);
}

TEST(Arithmetic, TheMessageNamesThePlaceTheFaultsAndTheRegister) {
  ArithmeticMode arithmetic;
  if (!arithmetic.flush_results()) GTEST_SKIP() << "no switch for this on this processor";
  arithmetic.ignore_operands();
  const std::string message = complaint();
  EXPECT_NE(message.find("in a test: subnormal results are flushed to zero, subnormal operands are "
                         "read as zero (MXCSR is 0x9fc0)"),
            std::string::npos)
      << message;
}

TEST(Arithmetic, ThreadsInheritTheMode) {
  // A check on the starting thread covers new threads: a mode changed by a library on the first
  // thread is inherited by all later ones.
  ArithmeticMode arithmetic;
  arithmetic.round(FE_UPWARD);
  Arithmetic observed;
  std::thread([&] { observed = observe_arithmetic(); }).join();
  EXPECT_FALSE(observed.rounds_to_nearest);
}

}  // namespace
}  // namespace annmpi::tests
