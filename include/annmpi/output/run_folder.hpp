#pragma once

#include <string>

namespace annmpi::output {

/// What to do if the folder already holds a run.
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

/// Checks that a run may use the folder, without changing anything.
/// @throws Error if it holds a run that must be kept, or is not a folder.
void require_usable(const RunFolder& folder);

/// Creates the folder and removes the files of a run to be replaced.
/// @throws Error if the folder cannot be created or written to, or an old file cannot be removed.
void prepare(const RunFolder& folder);

}  // namespace annmpi::output
