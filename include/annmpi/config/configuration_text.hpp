#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "annmpi/config/configuration.hpp"

namespace annmpi::config {

/// A value from the command line that replaces one of the file.
struct Override {
  std::string key;     ///< section.key
  std::string value;   ///< TOML, or else a string without quotes
  std::string origin;  ///< the option as typed, for messages: "--set model.l2=1"
};

/// Splits "section.key=value".
/// @throws Error for anything else.
[[nodiscard]] Override parse_override(std::string_view assignment);

/// Parses a configuration from TOML: defaults, then the text, then the overrides; of several
/// overrides of one key the last one counts. A key that the text gives twice is an error. Values in
/// use are checked, alone and together; of replaced ones only the keys are.
/// @param source the name of the text in messages
/// @throws Error with source, line, key and remedy for invalid TOML, unknown keys, wrong types, and
/// values that are not allowed, alone or together.
[[nodiscard]] Configuration read(std::string_view text, std::string_view source,
                                 const std::vector<Override>& overrides = {});

/// Every key with a comment, as TOML; `read` restores the same configuration, bit for bit.
[[nodiscard]] std::string to_toml(const Configuration& configuration);

/// A commented file of all defaults, as a template.
[[nodiscard]] std::string print_config();

/// Identifies what a run computes: XXH3 (128 bits, 32 hexadecimal digits) of all values except the
/// section `output`.
[[nodiscard]] std::string configuration_hash(const Configuration& configuration);

}  // namespace annmpi::config
