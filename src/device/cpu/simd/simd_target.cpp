#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/simd/simd_target.cpp"
#include <cstddef>
#include <cstdlib>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "annmpi/base/error.hpp"

#include "device/cpu/int8/amx.hpp"
#include "device/cpu/simd/simd_target.hpp"

HWY_BEFORE_NAMESPACE();
namespace annmpi::device::cpu::kernels::HWY_NAMESPACE {

const char* name_of_target() {
  return hwy::TargetName(HWY_TARGET);
}

}  // namespace annmpi::device::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace annmpi::device::cpu::kernels {
namespace {

HWY_EXPORT(name_of_target);

constexpr auto variable = "ANNMPI_SIMD_TARGET";

/// A bit unused by Highway's targets, of which the better ones have lower bits.
constexpr std::int64_t amx = 1;
static_assert((HWY_TARGETS & amx) == 0);

bool amx_is_disabled = false;

/// The targets that the kernels are compiled for, best first.
std::vector<std::int64_t> compiled_targets() {
  std::vector<std::int64_t> targets;
  for (std::int64_t rest = HWY_TARGETS | amx; rest != 0; rest &= rest - 1)
    targets.push_back(rest & -rest);
  return targets;
}

std::string name_of(std::int64_t target) {
  return target == amx ? "AMX" : hwy::TargetName(target);
}

/// Targets of this processor that are not disabled. hwy::SupportedTargets() of Highway 1.0.3 resets
/// the dispatch to all targets of the processor, so it is updated again.
std::int64_t usable_targets() {
  const std::int64_t targets = hwy::SupportedTargets();
  hwy::GetChosenTarget().Update(targets);
  return uses_amx() ? targets | amx : targets;
}

/// 0 for the usable targets from `first` on, 1 for all others.
std::vector<std::int64_t> limits_from(std::size_t first, const std::vector<std::int64_t>& targets,
                                      std::int64_t usable) {
  std::vector<std::int64_t> limits;
  for (std::size_t index = 0; index < targets.size(); ++index)
    limits.push_back(index >= first && (usable & targets[index]) != 0 ? 0 : 1);
  return limits;
}

}  // namespace

std::vector<std::int64_t> simd_target_limits() {
  const std::vector<std::int64_t> targets = compiled_targets();
  const std::int64_t usable = usable_targets();
  const char* asked = std::getenv(variable);
  if (asked == nullptr || *asked == '\0') return limits_from(0, targets, usable);
  std::string names;
  for (std::size_t index = 0; index < targets.size(); ++index) {
    const std::string name = name_of(targets[index]);
    const bool runs_here = (usable & targets[index]) != 0;
    if (name == asked && runs_here) return limits_from(index, targets, usable);
    require(name != asked, "{}={}: this processor lacks its instructions; unset the variable",
            variable, asked);
    if (runs_here) names += (names.empty() ? "" : ", ") + name;
  }
  throw Error("{}={}: is unknown; write one of {}", variable, asked, names);
}

std::size_t simd_target_count() {
  return compiled_targets().size();
}

void choose_simd_target(std::span<const std::int64_t> limits) {
  std::int64_t disabled = 0;
  const std::vector<std::int64_t> targets = compiled_targets();
  for (std::size_t index = 0; index < targets.size() && limits[index] != 0; ++index)
    disabled |= targets[index];
  amx_is_disabled = (disabled & amx) != 0;
  hwy::DisableTargets(disabled & ~amx);
  (void)usable_targets();
}

std::string simd_target() {
  return uses_amx() ? name_of(amx) : HWY_DYNAMIC_DISPATCH(name_of_target)();
}

bool uses_amx() {
  return !amx_is_disabled && amx_is_usable();
}

}  // namespace annmpi::device::cpu::kernels
#endif
