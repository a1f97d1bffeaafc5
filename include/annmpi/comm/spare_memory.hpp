#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace annmpi::comm {

/// Bytes that processes on this host may still allocate: the kernel's estimate of available memory,
/// or less where a control group (version 1 or 2) of this process or a parent group has a limit.
/// The page cache counts as free. Empty where the system reports nothing. Not collective.
/// @param root is prepended to the paths /proc and /sys, for tests
[[nodiscard]] std::optional<std::uint64_t> spare_memory(const std::string& root = "");

}  // namespace annmpi::comm
