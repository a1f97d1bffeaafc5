#pragma once

#include <cstdint>

namespace annmpi::device::cuda {

/// What a kernel writes for the host when its results are where the host reads them; nothing where
/// `to` is null.
struct CompletionFlag {
  unsigned long long* to = nullptr;
  unsigned long long number = 0;
};

}  // namespace annmpi::device::cuda
