#pragma once

#include <string>

namespace annmpi::output {

/// What to do with a run that the folder holds already.
enum class Existing {
  refuse,   ///< an error
  replace,  ///< its files are removed
};

/// The folder of one run, and its files.
struct RunFolder {
  std::string path;
  Existing existing = Existing::refuse;

  [[nodiscard]] std::string config() const { return path + "/config.toml"; }
  [[nodiscard]] std::string metrics() const { return path + "/metrics.csv"; }
  [[nodiscard]] std::string model() const { return path + "/model.h5"; }
  [[nodiscard]] std::string summary() const { return path + "/summary.json"; }
};

/// Checks that a run may go into the folder, and changes nothing.
/// @throws Error if it holds a run that must be kept, or is no folder.
void require_usable(const RunFolder& folder);

/// Makes the folder and removes an old run's files where that was asked for.
/// @throws Error if the folder cannot be created or written to, or an old file cannot be removed.
void prepare(const RunFolder& folder);

}  // namespace annmpi::output
