#include <string>

#include <fmt/format.h>

#include "annmpi/base/log.hpp"
#include "annmpi/output/report.hpp"

namespace annmpi::output {
namespace {

/// "   48.70     3.04  37 % of FMA peak": the median rank's rates.
std::string speed_columns(const PhaseSummary& phase, const PeakSummary& peak) {
  const auto column = [](const std::optional<Spread>& rate) {
    return rate ? fmt::format("  {:>8.2f}", rate->median) : std::string(10, ' ');
  };
  std::string text = column(phase.gflops) + column(phase.gbytes);
  if (const auto near = peak_share(phase, peak))
    text += fmt::format("  {:.0f} % of {}", 100 * near->share,
                        near->of_arithmetic ? "FMA peak" : "memory's peak");
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// "24.1", or "24.1 to 25.3" where ranks differ, in MB (1e6 bytes).
std::string megabytes(const Spread& bytes) {
  const std::string least = fmt::format("{:.1f}", bytes.minimum / 1e6);
  const std::string most = fmt::format("{:.1f}", bytes.maximum / 1e6);
  return least == most ? least : fmt::format("{} to {}", least, most);
}

}  // namespace

void report_phases(const RunCosts& costs) {
  log::info("  {:<9} {:>9}  {:>10}  {:>10}  {:>10}{}", "phase", "calls", "minimum", "median",
            "maximum",
            costs.peak ? fmt::format("  {:>8}  {:>8}  of a rank", "GFLOP/s", "GB/s")
                       : "   seconds over ranks");
  for (const PhaseSummary& phase : costs.phases)
    if (phase.calls > 0)
      log::info("  {:<9} {:>9}  {:>10.4f}  {:>10.4f}  {:>10.4f}{}", phase.name, phase.calls,
                phase.seconds.minimum, phase.seconds.median, phase.seconds.maximum,
                costs.peak ? speed_columns(phase, *costs.peak) : "");
}

void report_profile(const RunCosts& costs) {
  if (costs.peak)
    log::info(
        "  peak of a rank: {:.1f} GFLOP/s by fused multiply-adds (AMX on bytes may pass it), "
        "memory read at {:.1f} GB/s",
        costs.peak->gflops.median, costs.peak->gbytes.median);
  std::string line;
  for (const MemorySummary& moment : costs.resident)
    line += fmt::format("{} {}, ", moment.name, megabytes(moment.bytes));
  log::info("  memory of a rank in MB: {}peak {}", line, megabytes(costs.peak_bytes));
}

}  // namespace annmpi::output
