#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "annmpi/config/configuration.hpp"

namespace annmpi::config {

/// A value that replaces one of the file, from the command line.
struct Override {
  std::string key;     ///< section.key
  std::string value;   ///< TOML, or else a text as it stands
  std::string origin;  ///< what people typed, for messages: "--set model.l2=1"
};

/// Takes "section.key=value" apart.
/// @throws Error where it has no such form.
[[nodiscard]] Override parse_override(std::string_view assignment);

/// Reads a configuration from TOML: defaults, then the text, then the overrides; of several
/// overrides of one key the last one counts. A key that the text gives twice is an error.
/// All values that count are checked, alone and together; of those that are replaced, the keys.
/// @param source the name of the text in messages
/// @throws Error with source, line, key and remedy for text that is not TOML, unknown keys, wrong
/// types and values that are not allowed, alone or together.
[[nodiscard]] Configuration read(std::string_view text, std::string_view source,
                                 const std::vector<Override>& overrides = {});

/// Every key with a comment, as TOML; `read` makes the same configuration of it, bit for bit.
[[nodiscard]] std::string to_toml(const Configuration& configuration);

/// A commented file with every default, to start one's own from.
[[nodiscard]] std::string print_config();

/// 32 hexadecimal digits (XXH3, 128 bits) that tell whether two runs computed the same: of every
/// value but the section `output`, whose keys do not change what is computed.
[[nodiscard]] std::string configuration_hash(const Configuration& configuration);

}  // namespace annmpi::config
