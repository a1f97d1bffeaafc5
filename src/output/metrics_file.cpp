#include "annmpi/output/metrics_file.hpp"

#include <cerrno>
#include <cstring>

#include "annmpi/base/error.hpp"

namespace annmpi::output {

MetricsFile::MetricsFile(std::string path)
    : path_(std::move(path)), file_(path_, std::ios::binary | std::ios::trunc) {
  write(
      "iteration,evaluations,seconds,train_cost,train_accuracy,monitor_cost,monitor_accuracy,"
      "gradient_norm,step\n");
}

void MetricsFile::observe(const trainer::Record& record) {
  const std::string monitored =
      record.monitored
          ? fmt::format("{:.17g},{:.17g}", record.monitored->cost, record.monitored->accuracy)
          : ",";
  write(fmt::format("{},{},{:.17g},{:.17g},{:.17g},{},{:.17g},{:.17g}\n", record.iteration,
                    record.evaluations, record.seconds, record.training.cost,
                    record.training.accuracy, monitored, record.gradient_norm, record.step));
}

void MetricsFile::write(const std::string& line) {
  file_ << line << std::flush;
  require(file_.good(), "{}: cannot be written ({}); free space, then train again", path_,
          std::strerror(errno));
}

}  // namespace annmpi::output
