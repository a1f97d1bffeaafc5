#include "annmpi/rules/update_rule.hpp"

#include "annmpi/rules/updates-inl.hpp"

namespace annmpi::rules {

UpdateDefaults defaults_of(UpdateRule rule) {
  return scalar::with_update_rule(rule, [](auto found) { return found.defaults; });
}

bool uses(UpdateRule rule, std::string_view key) {
  return scalar::with_update_rule(rule, [key](auto found) { return found.uses(key); });
}

bool corrects_moments(UpdateRule rule) {
  return scalar::with_update_rule(rule, [](auto found) { return found.corrects_moments; });
}

int states_of(UpdateRule rule, const UpdateConstants& constants) {
  return scalar::with_update_rule(rule, [&](auto found) { return found.states(constants); });
}

}  // namespace annmpi::rules
