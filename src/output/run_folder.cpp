#include "annmpi/output/run_folder.hpp"

#include <filesystem>
#include <vector>

#include <unistd.h>

#include "annmpi/base/error.hpp"
#include "annmpi/base/log.hpp"

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

/// The folder that exists already on the way to `path`.
fs::path nearest_existing(const std::string& path) {
  fs::path folder = fs::absolute(path);
  std::error_code ignored;
  while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
  return folder;
}

}  // namespace

void require_usable(const RunFolder& folder, Existing existing) {
  std::error_code ignored;
  require(!fs::exists(folder.path, ignored) || fs::is_directory(folder.path, ignored),
          "{}: is a file (the run needs a folder); choose another with --output", folder.path);
  const fs::path parent = nearest_existing(folder.path);
  require(fs::is_directory(parent, ignored) && ::access(parent.c_str(), W_OK | X_OK) == 0,
          "{}: the run's folder cannot be made ({} is no folder that can be written to); choose "
          "another with --output",
          folder.path, parent.string());
  require(existing != Existing::refuse || files_of_a_run(folder).empty(),
          "{}: holds a run already; choose another folder with --output, or replace it with "
          "--overwrite",
          folder.path);
}

void prepare(const RunFolder& folder, Existing existing) {
  require_usable(folder, existing);
  const std::vector<std::string> old_files = files_of_a_run(folder);
  if (existing == Existing::resume && !old_files.empty())
    log::info("{}: holds no checkpoint; training begins anew and replaces its files", folder.path);
  std::error_code error;
  fs::create_directories(folder.path, error);
  require(!error && ::access(folder.path.c_str(), W_OK) == 0,
          "{}: the run's folder cannot be made or written to ({}); choose another with --output",
          folder.path, error ? error.message() : "no permission");
  for (const std::string& file : old_files) {
    fs::remove(file, error);
    require(!error, "{}: an old run's file cannot be removed ({})", file, error.message());
  }
}

}  // namespace annmpi::output
