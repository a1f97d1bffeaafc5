#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "annmpi/device/machine_peak.hpp"
#include "annmpi/output/summary.hpp"

namespace annmpi::output {
namespace {

/// One row of figures per rank, reduced by columns on rank 0.
class Table {
 public:
  Table(const comm::Communicator& communicator, const std::vector<double>& mine)
      : rows_(communicator.gather(mine)) {}

  [[nodiscard]] bool empty() const { return rows_.empty(); }

  /// The next column.
  [[nodiscard]] std::vector<double> next() {
    std::vector<double> values;
    for (const auto& row : rows_) values.push_back(row[column_]);
    ++column_;
    return values;
  }
  [[nodiscard]] Spread next_spread() { return spread_of(next()); }

 private:
  std::vector<std::vector<double>> rows_;
  std::size_t column_ = 0;
};

/// `amounts` per `seconds` of each rank, in 1e9/s; nothing where nothing was counted.
std::optional<Spread> rates(std::vector<double> amounts, const std::vector<double>& seconds) {
  if (std::ranges::all_of(amounts, [](double amount) { return amount == 0; })) return {};
  for (std::size_t rank = 0; rank < amounts.size(); ++rank)
    amounts[rank] = seconds[rank] > 0 ? 1e-9 * amounts[rank] / seconds[rank] : 0;
  return spread_of(std::move(amounts));
}

std::vector<double> row_of(const RankCosts& mine) {
  std::vector<double> row;
  for (std::size_t phase = 0; phase < phase_names.size(); ++phase) {
    const PhaseTimes::Entry& entry = mine.times.entries()[phase];
    const auto calls = static_cast<double>(entry.calls);
    const network::Work work = calls * mine.work[phase];
    row.insert(row.end(), {calls, entry.seconds, work.operations, work.feature_bytes});
  }
  for (const std::uint64_t bytes : {mine.memory.peak(), mine.held.features, mine.held.caches})
    row.push_back(static_cast<double>(bytes));
  for (const std::uint64_t bytes : mine.memory.bytes()) row.push_back(static_cast<double>(bytes));
  const RankPeak peak = mine.peak.value_or(RankPeak{});
  row.insert(row.end(), {peak.gflops, peak.gbytes});
  return row;
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

std::optional<PeakShare> peak_share(const PhaseSummary& phase, const PeakSummary& peak) {
  if (!phase.gflops) return std::nullopt;
  const auto share = [](double rate, double most) { return most > 0 ? rate / most : 0; };
  const double arithmetic = share(phase.gflops->median, peak.gflops.median);
  const double reading = phase.gbytes ? share(phase.gbytes->median, peak.gbytes.median) : 0;
  return PeakShare{std::max(arithmetic, reading), arithmetic >= reading};
}

std::optional<RankPeak> measure_peak(config::Precision precision, int threads,
                                     const comm::Communicator& communicator) {
  communicator.barrier();
  const device::MachinePeak peak = device::measure_machine_peak(threads);
  return RankPeak{precision == config::Precision::mixed ? peak.gflops32 : peak.gflops64,
                  peak.read_gbytes};
}

RunCosts collect_costs(const comm::Communicator& communicator, const RankCosts& mine,
                       const std::string& device, int threads) {
  RunCosts costs;
  costs.ranks = communicator.size();
  costs.hosts = communicator.hosts();
  costs.device = device;
  costs.threads = threads;
  costs.gpus = communicator.gather_texts(mine.gpu);
  if (std::ranges::all_of(costs.gpus, &std::string::empty)) costs.gpus.clear();
  Table table(communicator, row_of(mine));
  if (table.empty()) return costs;
  for (const std::string_view name : phase_names) {
    const auto calls = static_cast<std::int64_t>(table.next_spread().maximum);
    const std::vector<double> seconds = table.next();
    const auto gflops = rates(table.next(), seconds);
    const auto gbytes = rates(table.next(), seconds);
    costs.phases.push_back({std::string(name), calls, spread_of(seconds), gflops, gbytes});
  }
  costs.peak_bytes = table.next_spread();
  costs.features_bytes = table.next_spread();
  costs.cache_bytes = table.next_spread();
  for (const std::string_view name : moment_names) {
    const Spread bytes = table.next_spread();
    if (bytes.maximum > 0) costs.resident.push_back({std::string(name), bytes});
  }
  const PeakSummary peak{table.next_spread(), table.next_spread()};
  if (mine.peak) costs.peak = peak;
  costs.loading_seconds = costs.phases[static_cast<std::size_t>(Phase::load)].seconds.maximum;
  costs.whole_program_seconds = seconds_since_process_start();
  return costs;
}

double seconds_since_process_start() {
  // Field 22 of /proc/self/stat is the start in clock ticks since boot; the name in parentheses
  // before it may contain anything.
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
