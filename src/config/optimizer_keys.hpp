#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "annmpi/config/configuration.hpp"

namespace annmpi::config {

/// The optimizers that use a key; none if it belongs to all of them.
[[nodiscard]] std::vector<OptimizerKind> users_of(std::string_view key);

/// "adam, lion: " for keys that belong to some of the update rules, before their meaning.
[[nodiscard]] std::string rules_with(std::string_view key);

}  // namespace annmpi::config
