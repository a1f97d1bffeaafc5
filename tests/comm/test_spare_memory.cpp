#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "annmpi/comm/spare_memory.hpp"

#include "support/temporary_folder.hpp"

namespace annmpi::comm {
namespace {

/// The contents of system files, by path.
class System {
 public:
  void write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root() + path).parent_path());
    std::ofstream(root() + path) << text;
  }
  [[nodiscard]] std::string root() const { return folder_ / "root"; }

 private:
  tests::TemporaryFolder folder_;
};

/// A kernel that reports 8000 kB, or 8'192'000 bytes, as available.
class System8000 : public System {
 public:
  System8000() {
    write("/proc/meminfo", "MemTotal:  16000 kB\nMemFree: 10 kB\nMemAvailable:    8000 kB\n");
  }
};

TEST(SpareMemory, IsWhatTheKernelBelievesToBeAvailable) {
  EXPECT_EQ(spare_memory(System8000().root()), 8'192'000U);
}

TEST(SpareMemory, IsUnknownWithoutKernelFiles) {
  EXPECT_FALSE(spare_memory(System().root()).has_value());
}

TEST(SpareMemory, IsLimitedByGroupsOfVersion2AndThoseAroundThem) {
  System8000 system;
  system.write("/proc/self/cgroup", "0::/job/step\n");
  const std::string step = "/sys/fs/cgroup/job/step";
  system.write(step + "/memory.max", "max\n");
  system.write(step + "/memory.current", "1\n");
  EXPECT_EQ(spare_memory(system.root()), 8'192'000U);
  // The parent group has a limit: the page cache counts as free.
  system.write("/sys/fs/cgroup/job/memory.max", "5000000\n");
  system.write("/sys/fs/cgroup/job/memory.current", "3000000\n");
  system.write("/sys/fs/cgroup/job/memory.stat",
               "anon 2\ninactive_file 600000\nactive_file 400000\n");
  EXPECT_EQ(spare_memory(system.root()), 3'000'000U);
  // A lower limit in the group itself.
  system.write(step + "/memory.max", "1000\n");
  EXPECT_EQ(spare_memory(system.root()), 999U);
  // More in use than allowed, after the limit was lowered.
  system.write(step + "/memory.current", "1001\n");
  EXPECT_EQ(spare_memory(system.root()), 0U);
}

TEST(SpareMemory, IsLimitedByTheGroupThatIsTheRootOfAContainer) {
  System8000 system;
  system.write("/proc/self/cgroup", "0::/\n");
  system.write("/sys/fs/cgroup/memory.max", "5000000\n");
  system.write("/sys/fs/cgroup/memory.current", "1000000\n");
  EXPECT_EQ(spare_memory(system.root()), 4'000'000U);
}

TEST(SpareMemory, IsLimitedByGroupsOfVersion1) {
  System8000 system;
  system.write("/proc/self/cgroup", "5:cpu,cpuacct:/other\n4:hugetlb,memory:/job\n0::/unified\n");
  const std::string job = "/sys/fs/cgroup/memory/job";
  system.write(job + "/memory.limit_in_bytes", "5000000\n");
  system.write(job + "/memory.usage_in_bytes", "3000000\n");
  system.write(job + "/memory.stat", "inactive_file 7\ntotal_inactive_file 500000\n");
  EXPECT_EQ(spare_memory(system.root()), 2'500'000U);
  // "No limit" is a very large number there.
  system.write(job + "/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(spare_memory(system.root()), 8'192'000U);
}

TEST(SpareMemory, IsKnownOnThisMachine) {
  const auto spare = spare_memory();
  ASSERT_TRUE(spare.has_value());
  EXPECT_GT(*spare, 1'000'000U);
}

}  // namespace
}  // namespace annmpi::comm
