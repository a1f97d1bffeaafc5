#pragma once

#include <map>
#include <string>
#include <string_view>

#include "annmpi/config/configuration.hpp"

#include "config/document.hpp"

namespace annmpi::config {

/// A value with the place that it was given at.
struct Given {
  Value value;
  std::string where;
};
using GivenValues = std::map<std::string, Given, std::less<>>;  // by section.key

/// Checks conditions between keys.
/// @throws Error that names the key, where it was given, and what it contradicts
void require_consistent(const Configuration& configuration, const GivenValues& given,
                        std::string_view source);

}  // namespace annmpi::config
