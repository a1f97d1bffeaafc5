#pragma once

#include <fstream>
#include <string>

#include "annmpi/trainer/record.hpp"

namespace annmpi::output {

/// metrics.csv: a header and one row per record, 17 significant digits, flushed after each row.
/// With epochs it has a column for them at the end, and no gradient_norm in row 0.
class MetricsFile final : public trainer::Observer {
 public:
  /// @throws Error if the file cannot be written, now or at any row.
  explicit MetricsFile(std::string path, bool with_epochs = false);
  void observe(const trainer::Record& record) override;

 private:
  void write(const std::string& line);

  std::string path_;
  std::ofstream file_;
};

}  // namespace annmpi::output
