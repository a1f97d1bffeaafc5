#pragma once

#include <fstream>
#include <string>

#include "annmpi/trainer/record.hpp"

namespace annmpi::output {

/// metrics.csv: a header and one row per record, 17 significant digits, flushed row by row. With
/// epochs there is a column for them at the end, and no gradient_norm at the start.
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
