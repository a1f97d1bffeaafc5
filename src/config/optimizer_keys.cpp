#include "config/optimizer_keys.hpp"

#include <algorithm>
#include <array>

#include "annmpi/base/listed.hpp"

namespace annmpi::config {
namespace {

using namespace std::string_view_literals;

/// The keys of all methods with whole sets, and of all update rules.
constexpr std::array line_keys{
    "max_iterations"sv, "gradient_tolerance"sv, "gradient_norm"sv, "c1"sv, "c2"sv,
    "max_trials"sv,     "refresh_interval"sv};
constexpr std::array batch_keys{"batch_size"sv,  "epochs"sv,      "learning_rate"sv,
                                "clip_norm"sv,   "schedule"sv,    "warmup_epochs"sv,
                                "step_epochs"sv, "step_factor"sv, "final_factor"sv};

bool uses(OptimizerKind kind, std::string_view key) {
  if (const auto rule = update_rule_of(kind))
    return std::ranges::count(batch_keys, key) > 0 || rules::uses(*rule, key);
  return std::ranges::count(line_keys, key) > 0 ||
         (kind == OptimizerKind::lbfgs && key == "memory");
}

}  // namespace

std::vector<OptimizerKind> users_of(std::string_view key) {
  std::vector<OptimizerKind> users;
  for (std::size_t i = 0; i < names<OptimizerKind>.size(); ++i)
    if (const auto kind = static_cast<OptimizerKind>(i); uses(kind, key)) users.push_back(kind);
  return users;
}

std::string rules_with(std::string_view key) {
  std::vector<std::string_view> users;
  for (std::size_t i = 0; i < rules::update_rule_names.size(); ++i)
    if (rules::uses(static_cast<rules::UpdateRule>(i), key))
      users.push_back(rules::update_rule_names[i]);
  return users.empty() ? "" : listed(users, ", ") + ": ";
}

}  // namespace annmpi::config
