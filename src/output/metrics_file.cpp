#include "output/metrics_file.hpp"

#include <cerrno>
#include <cmath>
#include <cstring>

#include "annmpi/base/error.hpp"

namespace annmpi::output {

MetricsFile::MetricsFile(std::string path, bool with_epochs)
    : path_(std::move(path)), file_(path_, std::ios::binary | std::ios::trunc) {
  write(
      fmt::format("iteration,evaluations,seconds,train_cost,train_accuracy,monitor_cost,"
                  "monitor_accuracy,gradient_norm,step{}\n",
                  with_epochs ? ",epoch" : ""));
}

void MetricsFile::observe(const trainer::Record& record) {
  const std::string monitored =
      record.monitored
          ? fmt::format("{:.17g},{:.17g}", record.monitored->cost, record.monitored->accuracy)
          : ",";
  const std::string epoch = record.epoch ? fmt::format(",{:.17g}", *record.epoch) : "";
  // Stochastic methods have no gradient before the first step.
  const std::string norm = record.epoch && std::isnan(record.gradient_norm)
                               ? ""
                               : fmt::format("{:.17g}", record.gradient_norm);
  write(fmt::format("{},{},{:.17g},{:.17g},{:.17g},{},{},{:.17g}{}\n", record.iteration,
                    record.evaluations, record.seconds, record.training.cost,
                    record.training.accuracy, monitored, norm, record.step, epoch));
}

void MetricsFile::write(const std::string& line) {
  file_ << line << std::flush;
  require(file_.good(), "{}: cannot be written ({}); free space, then train again", path_,
          std::strerror(errno));
}

}  // namespace annmpi::output
