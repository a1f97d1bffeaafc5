#include "annmpi/output/run_folder.hpp"

#include <filesystem>
#include <vector>

#include <unistd.h>

#include "annmpi/base/error.hpp"

namespace annmpi::output {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_of_a_run(const RunFolder& folder) {
  std::vector<std::string> found;
  std::error_code ignored;
  for (const std::string& file :
       {folder.config(), folder.metrics(), folder.model(), folder.summary()})
    if (fs::exists(file, ignored)) found.push_back(file);
  return found;
}

/// The deepest existing folder on the way to `path`.
fs::path nearest_existing(const std::string& path) {
  fs::path folder = fs::absolute(path);
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

}  // namespace

void require_usable(const RunFolder& folder) {
  std::error_code ignored;
  require(!fs::exists(folder.path, ignored) || fs::is_directory(folder.path, ignored),
          "{}: is a file (the run needs a folder); choose another with --output", folder.path);
  const fs::path parent = nearest_existing(folder.path);
  require(fs::is_directory(parent, ignored) && ::access(parent.c_str(), W_OK | X_OK) == 0,
          "{}: the run's folder cannot be created ({} is not a writable folder); choose another "
          "with --output",
          folder.path, parent.string());
  require(folder.existing != Existing::refuse || files_of_a_run(folder).empty(),
          "{}: already holds a run; choose another folder with --output, or replace it with "
          "--overwrite",
          folder.path);
}

void prepare(const RunFolder& folder) {
  require_usable(folder);
  const std::vector<std::string> old_files = files_of_a_run(folder);
  std::error_code error;
  fs::create_directories(folder.path, error);
  require(!error && ::access(folder.path.c_str(), W_OK) == 0,
          "{}: the run's folder cannot be created or written to ({}); choose another with --output",
          folder.path, error ? error.message() : "no permission");
  for (const std::string& file : old_files) {
    fs::remove(file, error);
    require(!error,
            "{}: cannot be removed for the new run ({}); remove it, or choose another folder with "
            "--output",
            file, error.message());
  }
}

}  // namespace annmpi::output
