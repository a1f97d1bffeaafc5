#pragma once

#include <map>
#include <string>
#include <string_view>

#include "annmpi/config/configuration.hpp"

#include "config/document.hpp"

namespace annmpi::config {

/// A value that somebody gave, and where.
struct Given {
  Value value;
  std::string where;
};
using GivenValues = std::map<std::string, Given, std::less<>>;  // by section.key

/// Requires what no single key can say about itself.
/// @throws Error that names the key, where it was given, and what it does not fit to
void require_consistent(const Configuration& configuration, const GivenValues& given,
                        std::string_view source);

}  // namespace annmpi::config
