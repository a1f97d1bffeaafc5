#include "output/run_recorder.hpp"

#include <filesystem>
#include <utility>

#include "annmpi/config/configuration_text.hpp"
#include "annmpi/io/pending_file.hpp"

namespace annmpi::output {

RunRecorder::RunRecorder(RunFolder folder, const config::Configuration& configuration)
    : folder_(std::move(folder)),
      configuration_text_(config::to_toml(configuration)),
      with_epochs_(configuration.optimizer.takes_batches()) {}

void RunRecorder::observe(const trainer::Record& record) {
  if (!metrics_) open();
  metrics_->observe(record);
}

void RunRecorder::open() {
  const bool folder_is_new = !std::filesystem::exists(folder_.path);
  prepare(folder_);
  try {
    io::write_text_file(folder_.config(), configuration_text_, true);
    metrics_.emplace(folder_.metrics(), with_epochs_);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(folder_.config(), ignored);
    std::filesystem::remove(folder_.metrics(), ignored);
    if (folder_is_new) std::filesystem::remove(folder_.path, ignored);
    throw;
  }
}

}  // namespace annmpi::output
