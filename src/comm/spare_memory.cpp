#include "annmpi/comm/spare_memory.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

#include <fmt/format.h>

namespace annmpi::comm {
namespace {

/// The number in a file; nothing where it holds none ("max").
std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (file >> number) return number;
  return std::nullopt;
}

/// The number after a word of a file.
std::optional<std::uint64_t> number_after(std::string_view name, const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  for (std::string word; file >> word;)
    if (word == name && file >> number) return number;
  return std::nullopt;
}

/// File names of one version of control groups.
struct Names {
  const char* limit;
  const char* usage;
  const char* inactive_file;
  const char* active_file;
};
constexpr Names version_1{"/memory.limit_in_bytes", "/memory.usage_in_bytes", "total_inactive_file",
                          "total_active_file"};
constexpr Names version_2{"/memory.max", "/memory.current", "inactive_file", "active_file"};

std::optional<std::uint64_t> spare_in_group(const std::string& folder, const Names& names) {
  const auto limit = number_in(folder + names.limit);
  const auto usage = number_in(folder + names.usage);
  if (!limit || !usage) return std::nullopt;
  const std::string statistics = folder + "/memory.stat";
  const std::uint64_t files = number_after(names.inactive_file, statistics).value_or(0) +
                              number_after(names.active_file, statistics).value_or(0);
  const std::uint64_t used = *usage - std::min(*usage, files);
  return *limit - std::min(*limit, used);
}

std::optional<std::uint64_t> least(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

/// The minimum over a group and its parents, each of which may have a limit.
std::optional<std::uint64_t> spare_up_from(const std::string& mount, std::string group,
                                           const Names& names) {
  std::optional<std::uint64_t> spare = spare_in_group(mount, names);
  for (; group.size() > 1; group.erase(group.rfind('/')))
    spare = least(spare, spare_in_group(mount + group, names));
  return spare;
}

/// Lines of /proc/self/cgroup: NUMBER:CONTROLLERS:PATH, without controllers for version 2.
std::optional<std::uint64_t> spare_in_groups(const std::string& root) {
  const std::string mount = root + "/sys/fs/cgroup";
  std::ifstream file(root + "/proc/self/cgroup");
  std::optional<std::uint64_t> spare;
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers =
        fmt::format(",{},", std::string_view(line).substr(first + 1, second - first - 1));
    const std::string group = line.substr(second + 1);
    if (controllers == ",,")
      spare = least(spare, spare_up_from(mount, group, version_2));
    else if (controllers.find(",memory,") != std::string::npos)
      spare = least(spare, spare_up_from(mount + "/memory", group, version_1));
  }
  return spare;
}

}  // namespace

std::optional<std::uint64_t> spare_memory(const std::string& root) {
  std::optional<std::uint64_t> available = number_after("MemAvailable:", root + "/proc/meminfo");
  if (available) *available *= 1024;  // given in kB
  return least(available, spare_in_groups(root));
}

}  // namespace annmpi::comm
