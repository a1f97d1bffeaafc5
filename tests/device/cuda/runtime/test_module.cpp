// Messages of the GPU module without a GPU, with a fake driver and one process per fault.

#include <gtest/gtest.h>

#include "support/run_command.hpp"

namespace annmpi {
namespace {

std::string found_with(const std::string& environment) {
  const tests::Ending ending = tests::run_command("env " + environment +
                                                  " LD_LIBRARY_PATH=" ANNMPI_FAKE_DRIVER_FOLDER
                                                  " " ANNMPI_FINDING_PROGRAM " " ANNMPI_MODULE);
  EXPECT_EQ(ending.status, 0) << ending.text;
  EXPECT_EQ(tests::occurrences(ending.text, "\n"), 1) << ending.text;
  return ending.text;
}

void expect_words(const std::string& text, const std::string& words) {
  EXPECT_NE(text.find(words), std::string::npos) << text;
}

TEST(ModuleWithoutGpu, NamesADriverThatIsTooOld) {
  const std::string text = found_with("FAKE_CUDA_VERSION=11020");
  expect_words(text,
               "the NVIDIA driver is too old (it supports CUDA 11.2, the GPU module needs CUDA ");
  expect_words(text, "; update the driver");
}

TEST(ModuleWithoutGpu, NamesTheVariableThatHidesAllGpus) {
  expect_words(found_with("FAKE_CUDA_INIT=100 CUDA_VISIBLE_DEVICES="),
               "no GPU is visible (CUDA_VISIBLE_DEVICES=)");
}

TEST(ModuleWithoutGpu, ReportsThatTheDriverFindsNoGpu) {
  expect_words(found_with("-u CUDA_VISIBLE_DEVICES FAKE_CUDA_INIT=100"),
               "the NVIDIA driver finds no GPU on this host");
}

TEST(ModuleWithoutGpu, ForwardsUnknownErrors) {
  expect_words(found_with("FAKE_CUDA_INIT=999"), "CUDA initialization failed (cudaErrorUnknown: ");
}

}  // namespace
}  // namespace annmpi
