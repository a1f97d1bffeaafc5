#pragma once

#include <string_view>

namespace annmpi::config {

/// @throws Error with the nearest section, or all sections, if there is no such section.
void require_known_section(std::string_view section, std::string_view where);

/// @throws Error with the nearest key, or all keys, if the section has no such key.
void require_known_key(std::string_view section, std::string_view key, std::string_view where);

}  // namespace annmpi::config
