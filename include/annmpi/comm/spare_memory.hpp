#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace annmpi::comm {

/// Bytes that processes on this host may still take: what the kernel believes to be available, or
/// less where a control group of this process (version 1 or 2) or one around it has a limit; what
/// files occupy in memory counts as free. Nothing where the system does not tell. Not collective.
/// @param root stands before the paths /proc and /sys, for tests
[[nodiscard]] std::optional<std::uint64_t> spare_memory(const std::string& root = "");

}  // namespace annmpi::comm
