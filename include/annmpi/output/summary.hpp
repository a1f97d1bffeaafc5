#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "annmpi/base/memory_use.hpp"
#include "annmpi/base/phase_times.hpp"
#include "annmpi/comm/communicator.hpp"
#include "annmpi/config/configuration.hpp"
#include "annmpi/device/memory_plan.hpp"
#include "annmpi/objective/phase_work.hpp"
#include "annmpi/trainer/execution_plan.hpp"
#include "annmpi/trainer/train.hpp"

namespace annmpi::output {

/// A figure over the ranks.
struct Spread {
  double minimum = 0;
  double median = 0;
  double maximum = 0;
};
[[nodiscard]] Spread spread_of(std::vector<double> values);

struct PhaseSummary {
  std::string name;
  std::int64_t calls = 0;  ///< of the rank that made most
  Spread seconds;
  /// Of each rank by itself, in 1e9/s: operations and bytes of features, where they are counted
  /// (network/work.hpp).
  std::optional<Spread> gflops{};
  std::optional<Spread> gbytes{};
};

/// A quantity of memory on the ranks, in bytes.
struct MemorySummary {
  std::string name;
  Spread bytes;
};

/// What a rank could do, measured while all others were measured too, in 1e9/s: fused
/// multiply-adds in the precision of products with the features, bytes read from memory.
struct RankPeak {
  double gflops = 0;
  double gbytes = 0;
};
/// Measures it on all ranks at the same time. Collective.
[[nodiscard]] std::optional<RankPeak> measure_peak(config::Precision precision, int threads,
                                                   const comm::Communicator& communicator);

struct PeakSummary {
  Spread gflops;
  Spread gbytes;
};

/// How near a phase came to the peak: the larger one of two shares, of the median rank.
struct PeakShare {
  double share = 0;
  bool of_arithmetic = true;  ///< or of reading memory
};
[[nodiscard]] std::optional<PeakShare> peak_share(const PhaseSummary& phase,
                                                  const PeakSummary& peak);

/// What one rank knows of its own costs.
struct RankCosts {
  const PhaseTimes& times;
  const MemoryUse& memory;
  device::ShardMemory held{};      ///< for rows
  objective::PhaseWork work{};     ///< of one call of each phase
  std::optional<RankPeak> peak{};  ///< on all ranks or none
  std::string gpu{};               ///< what it computes on, for people; empty: its CPU
};

/// How the run was started, and what it took.
struct RunCosts {
  int ranks = 1;
  int hosts = 1;
  int threads = 1;                ///< per rank
  std::string device;             ///< of every rank
  std::vector<std::string> gpus;  ///< by rank, on rank 0; empty where the ranks compute on CPUs
  Spread features_bytes;          ///< rows as stored
  Spread cache_bytes;             ///< labels and carried values
  Spread peak_bytes;              ///< largest resident size of a rank
  /// Resident sizes at the moments of a run that came.
  std::vector<MemorySummary> resident;
  std::vector<PhaseSummary> phases;  ///< filled on rank 0
  std::optional<PeakSummary> peak;   ///< with --profile
  double loading_seconds = 0;        ///< slowest rank
  double whole_program_seconds = 0;  ///< on rank 0, since the process started
};

/// Collects the costs of all ranks on rank 0. Collective.
[[nodiscard]] RunCosts collect_costs(const comm::Communicator& communicator, const RankCosts& mine,
                                     const std::string& device, int threads);

/// What summary.json says of a run.
struct Summary {
  trainer::TrainingHistory history;
  std::string parameters_hash;  ///< of the last parameters
  std::string selected_hash;
  std::string configuration_hash;
  std::string data_hash;
  std::uint64_t chunk_rows = 0;  ///< of the training set
  trainer::RankWeights rank_weights{};
  /// Of the selected model on a test set that was not monitored.
  std::optional<objective::Measurement> test;
  RunCosts costs;
};

/// @throws Error if the file cannot be written.
void write_summary(const std::string& path, const Summary& summary);

/// Wall time since this process started, in seconds.
[[nodiscard]] double seconds_since_process_start();

}  // namespace annmpi::output
