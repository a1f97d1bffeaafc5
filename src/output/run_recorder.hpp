#pragma once

#include <optional>
#include <string>

#include "annmpi/config/configuration.hpp"
#include "annmpi/output/run_folder.hpp"
#include "annmpi/trainer/record.hpp"

#include "output/metrics_file.hpp"

namespace annmpi::output {

/// Writes a run's folder during training: config.toml as resolved, then metrics.csv.
///
/// The folder is created with the first record, after all checks, so that a refused run leaves
/// nothing behind.
class RunRecorder final : public trainer::Observer {
 public:
  RunRecorder(RunFolder folder, const config::Configuration& configuration);

  /// @throws Error if the folder or its files cannot be written.
  void observe(const trainer::Record& record) override;

 private:
  void open();

  RunFolder folder_;
  std::string configuration_text_;
  bool with_epochs_;
  std::optional<MetricsFile> metrics_;
};

}  // namespace annmpi::output
