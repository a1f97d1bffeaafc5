#include "model/cpu/kernels/simd_targets.hpp"

#ifndef HWY_DISABLED_TARGETS
#error "the targets are chosen before Highway is read"
#endif

#include <cstddef>
#include <cstdlib>

#include <hwy/highway.h>

#include "annmpi/base/error.hpp"

#include "model/cpu/kernels/simd_target.hpp"

namespace annmpi::model::cpu::kernels {
namespace {

constexpr auto variable = "ANNMPI_SIMD_TARGET";

/// The targets that the kernels are compiled for, best first: the lowest bit of Highway's masks.
std::vector<std::int64_t> compiled_targets() {
  std::vector<std::int64_t> targets;
  for (std::int64_t rest = HWY_TARGETS; rest != 0; rest &= rest - 1)
    targets.push_back(rest & -rest);
  return targets;
}

/// Targets as compiled, whose limit is 0 from `first` on.
std::vector<std::int64_t> limits_from(std::size_t first, const std::vector<std::int64_t>& targets) {
  std::vector<std::int64_t> limits;
  for (std::size_t index = 0; index < targets.size(); ++index)
    limits.push_back(index >= first && (hwy::SupportedTargets() & targets[index]) != 0 ? 0 : 1);
  return limits;
}

}  // namespace

std::vector<std::int64_t> simd_target_limits() {
  const std::vector<std::int64_t> targets = compiled_targets();
  const char* asked = std::getenv(variable);
  if (asked == nullptr || *asked == '\0') return limits_from(0, targets);
  std::string names;
  for (std::size_t index = 0; index < targets.size(); ++index) {
    const std::string name = hwy::TargetName(targets[index]);
    const bool runs_here = (hwy::SupportedTargets() & targets[index]) != 0;
    if (name == asked && runs_here) return limits_from(index, targets);
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
  std::int64_t left_out = 0;
  for (const std::int64_t target : compiled_targets()) {
    if (limits.front() == 0) break;
    left_out |= target;
    limits = limits.subspan(1);
    if (limits.empty()) return;  // nothing is left: Highway's own choice stands
  }
  hwy::DisableTargets(left_out);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

std::string simd_target() {
  const std::int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(usable & -usable);
}

}  // namespace annmpi::model::cpu::kernels
