#pragma once

#include "device/cpu/simd/simd_targets.hpp"

#ifndef HWY_DISABLED_TARGETS
#error "the targets are chosen before Highway is read"
#endif

#include <cstdint>
#include <functional>
#include <vector>

#include <hwy/highway.h>

namespace annmpi::tests {

/// Calls `work` once for each SIMD target that the kernels are compiled for and this machine has,
/// the slow portable one included.
inline void for_each_simd_target(const std::function<void(const char* name)>& work) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(target);
    work(hwy::TargetName(target));
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

}  // namespace annmpi::tests
