// The loader of the GPU module, with a fake driver and fake modules.

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"

#include "device/gpu_module.hpp"
#include "support/arithmetic_mode.hpp"

namespace annmpi::device {
namespace {

void expect_none(const FoundGpu& found, const std::string& words, bool expected = true) {
  EXPECT_FALSE(found);
  EXPECT_NE(found.trouble.find(words), std::string::npos) << found.trouble;
  EXPECT_EQ(found.expected, expected) << found.trouble;
}

TEST(FindGpu, ReturnsTheGpuThatTheModuleFinds) {
  const FoundGpu found = find_gpu(3, ANNMPI_FAKE_MODULE);
  ASSERT_TRUE(found) << found.trouble;
  EXPECT_EQ(found.gpu.index, 1);
  EXPECT_EQ(found.gpu.name, "GPU of a test");
  ASSERT_NE(found.module, nullptr);
  EXPECT_STREQ(found.module->build, build_identity());
}

TEST(FindGpu, ReportsABuildWithoutModule) {
  expect_none(find_gpu(0, ""), "built without its GPU module", false);
}

TEST(FindGpu, ReportsWhyAModuleCannotBeLoaded) {
  expect_none(find_gpu(0, "/nowhere/libannmpi_cuda.so"),
              "the GPU module cannot be loaded (/nowhere/libannmpi_cuda.so: cannot open");
}

TEST(FindGpu, RefusesTheModuleOfAnotherBuild) {
  expect_none(find_gpu(0, ANNMPI_FAKE_MODULE_OF_ANOTHER_BUILD),
              "from another build than the program (" ANNMPI_FAKE_MODULE_OF_ANOTHER_BUILD ")");
  // A library that is not a GPU module: the fake driver.
  expect_none(find_gpu(0, ANNMPI_FAKE_DRIVER), "from another build than the program");
}

TEST(FindGpu, ChecksArithmeticAfterLoading) {
  const std::string library = ANNMPI_FAST_MATHEMATICS;
  if (library.empty()) GTEST_SKIP() << "this processor has no such switch";
  tests::ArithmeticMode mode;  // restored at the end
  try {
    (void)find_gpu(0, library);
    FAIL() << "not refused";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("after loading " + library), std::string::npos)
        << error.what();
  }
}

TEST(BuildIdentity, IsAHash) {
  EXPECT_EQ(std::string(build_identity()).size(), 32U);
  EXPECT_EQ(std::string(build_identity()).find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace annmpi::device
