#include "device/cpu/simd/simd_targets.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "device/cpu/simd/simd_target.cpp"
#include <cstddef>
#include <cstdlib>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "annmpi/base/error.hpp"

#include "device/cpu/int8/amx.hpp"
#include "device/cpu/int8/tile_unit.hpp"
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

/// Bits unused by Highway's targets, of which the better ones have lower bits.
constexpr std::int64_t amx = 1;
constexpr std::int64_t emulated_amx = 2;
constexpr std::int64_t tile_units = amx | emulated_amx;
static_assert((HWY_TARGETS & tile_units) == 0);

/// What multiplies bytes in integers: amx, where it is usable, emulated_amx, which has to be asked
/// for, or 0.
std::int64_t enabled_tile_unit = amx;

/// The targets that the kernels are compiled for, best first.
std::vector<std::int64_t> compiled_targets() {
  std::vector<std::int64_t> targets;
  for (std::int64_t rest = HWY_TARGETS | tile_units; rest != 0; rest &= rest - 1)
    targets.push_back(rest & -rest);
  return targets;
}

std::string name_of(std::int64_t target) {
  if (target == emulated_amx) return "AMX_EMULATED";
  return target == amx ? "AMX" : hwy::TargetName(target);
}

/// Targets of this processor that are not disabled. hwy::SupportedTargets() of Highway 1.0.3 resets
/// the dispatch to all targets of the processor, so it is updated again.
std::int64_t usable_targets() {
  const std::int64_t targets = hwy::SupportedTargets();
  hwy::GetChosenTarget().Update(targets);
  return enabled_tile_unit == amx && amx_is_usable() ? targets | amx : targets;
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
    if (name == asked && (runs_here || targets[index] == emulated_amx))
      return limits_from(index, targets, usable | targets[index]);
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
  const std::vector<std::int64_t> targets = compiled_targets();
  std::int64_t disabled = 0;
  std::size_t best = 0;
  for (; best < targets.size() && limits[best] != 0; ++best) disabled |= targets[best];
  enabled_tile_unit = best < targets.size() ? targets[best] & tile_units : 0;
  choose_tile_unit(enabled_tile_unit == emulated_amx ? TileUnit::plain : TileUnit::amx);
  hwy::DisableTargets(disabled & ~tile_units);
  (void)usable_targets();
}

std::string simd_target() {
  return uses_tiles() ? name_of(enabled_tile_unit) : HWY_DYNAMIC_DISPATCH(name_of_target)();
}

bool uses_tiles() {
  return enabled_tile_unit == emulated_amx || (enabled_tile_unit == amx && amx_is_usable());
}

}  // namespace annmpi::device::cpu::kernels
#endif
