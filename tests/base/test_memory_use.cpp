#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/memory_use.hpp"

namespace annmpi {
namespace {

std::uint64_t noted(const MemoryUse& memory, Moment moment) {
  return memory.bytes()[static_cast<std::size_t>(moment)];
}

TEST(MemoryUse, SeesWhatIsTakenAndThePeakAfterItWasGivenBack) {
  constexpr std::size_t taken = 100'000'000;
  // Sanitizers use additional memory; the process may return some of its earlier memory.
  constexpr std::size_t other = 20'000'000;
  MemoryUse memory;
  memory.note(Moment::start);
  {
    const std::vector<char> block(taken, 'x');
    memory.note(Moment::loaded);
    EXPECT_EQ(block.back(), 'x');
  }
  memory.note(Moment::end);
  EXPECT_GT(noted(memory, Moment::start), 1'000'000U);
  EXPECT_GT(noted(memory, Moment::loaded) + other, noted(memory, Moment::start) + taken);
  EXPECT_GT(memory.peak() + other, noted(memory, Moment::start) + taken);
  EXPECT_EQ(noted(memory, Moment::first_iteration), 0U);
}

}  // namespace
}  // namespace annmpi
