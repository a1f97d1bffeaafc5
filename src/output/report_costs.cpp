#include <fmt/format.h>

#include "annmpi/base/log.hpp"
#include "annmpi/output/report.hpp"

namespace annmpi::output {

void report_phases(const RunCosts& costs) {
  log::info("  {:<9} {:>9}  {:>10}  {:>10}  {:>10}   seconds over ranks", "phase", "calls",
            "minimum", "median", "maximum");
  for (const PhaseSummary& phase : costs.phases)
    if (phase.calls > 0)
      log::info("  {:<9} {:>9}  {:>10.4f}  {:>10.4f}  {:>10.4f}", phase.name, phase.calls,
                phase.seconds.minimum, phase.seconds.median, phase.seconds.maximum);
}

void report_profile(const RunCosts& costs) {
  log::info("  peak memory of a rank: {:.0f} to {:.0f} MB", costs.peak_bytes.minimum / 1e6,
            costs.peak_bytes.maximum / 1e6);
}

}  // namespace annmpi::output
