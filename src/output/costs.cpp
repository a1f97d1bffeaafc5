#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "annmpi/output/summary.hpp"

namespace annmpi::output {
namespace {

double peak_resident_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {values.front(), median, values.back()};
}

RunCosts collect_costs(const comm::Communicator& communicator, const PhaseTimes& times,
                       const std::string& device, int threads) {
  // One row per rank: calls and seconds of each phase, then the memory.
  std::vector<double> mine;
  for (const PhaseTimes::Entry& entry : times.entries()) {
    mine.push_back(static_cast<double>(entry.calls));
    mine.push_back(entry.seconds);
  }
  mine.push_back(peak_resident_bytes());

  RunCosts costs;
  costs.ranks = communicator.size();
  costs.hosts = communicator.hosts();
  costs.device = device;
  costs.threads = threads;
  const std::vector<std::vector<double>> rows = communicator.gather(mine);
  if (rows.empty()) return costs;
  const auto column = [&](std::size_t index) {
    std::vector<double> values;
    for (const auto& row : rows) values.push_back(row[index]);
    return spread_of(std::move(values));
  };
  for (std::size_t i = 0; i < phase_names.size(); ++i)
    costs.phases.push_back({std::string(phase_names[i]),
                            static_cast<std::int64_t>(column(2 * i).maximum), column(2 * i + 1)});
  costs.peak_bytes = column(2 * phase_names.size());
  costs.loading_seconds = costs.phases[static_cast<std::size_t>(Phase::load)].seconds.maximum;
  costs.whole_program_seconds = seconds_since_process_start();
  return costs;
}

double seconds_since_process_start() {
  // Field 22 of /proc/self/stat is the start in clock ticks since boot; the name in parentheses
  // before it may hold anything.
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double ticks = 0;
  fields >> ticks;
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec) -
         ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace annmpi::output
