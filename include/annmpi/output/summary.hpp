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

/// Distribution of a quantity over the ranks.
struct Spread {
  double minimum = 0;
  double median = 0;
  double maximum = 0;
};
[[nodiscard]] Spread spread_of(std::vector<double> values);

struct PhaseSummary {
  std::string name;
  std::int64_t calls = 0;  ///< maximum over the ranks
  Spread seconds;
  /// Per rank, in 1e9/s: operations and bytes of features, for phases where they are counted
  /// (network/work.hpp).
  std::optional<Spread> gflops{};
  std::optional<Spread> gbytes{};
};

/// A quantity of memory on the ranks, in bytes.
struct MemorySummary {
  std::string name;
  Spread bytes;
};

/// Peak rates of a rank, measured on all ranks at the same time, in 1e9/s: fused multiply-adds in
/// the precision of products with the features, bytes read from memory.
struct RankPeak {
  double gflops = 0;
  double gbytes = 0;
};
/// Measures the peak on all ranks at the same time. Collective.
[[nodiscard]] std::optional<RankPeak> measure_peak(config::Precision precision, int threads,
                                                   const comm::Communicator& communicator);

struct PeakSummary {
  Spread gflops;
  Spread gbytes;
};

/// A phase's fraction of the peak: the larger of arithmetic and memory, on the median rank.
struct PeakShare {
  double share = 0;
  bool of_arithmetic = true;  ///< else of memory reads
};
[[nodiscard]] std::optional<PeakShare> peak_share(const PhaseSummary& phase,
                                                  const PeakSummary& peak);

/// The costs of one rank.
struct RankCosts {
  const PhaseTimes& times;
  const MemoryUse& memory;
  device::ShardMemory held{};      ///< for rows
  objective::PhaseWork work{};     ///< of one call of each phase
  std::optional<RankPeak> peak{};  ///< on all ranks or none
  std::string gpu{};               ///< its GPU, for people; empty: it computes on its CPU
};

/// The set-up and the costs of the run.
struct RunCosts {
  int ranks = 1;
  int hosts = 1;
  int threads = 1;                ///< per rank
  std::string device;             ///< of every rank
  std::vector<std::string> gpus;  ///< by rank, on rank 0; empty where the ranks compute on CPUs
  Spread features_bytes;          ///< rows as stored
  Spread cache_bytes;             ///< labels and carried values
  Spread peak_bytes;              ///< largest resident size of a rank
  /// Resident memory at each point of the run that was reached.
  std::vector<MemorySummary> resident;
  std::vector<PhaseSummary> phases;  ///< filled on rank 0
  std::optional<PeakSummary> peak;   ///< with --profile
  double loading_seconds = 0;        ///< slowest rank
  double whole_program_seconds = 0;  ///< on rank 0, since the process started
};

/// Collects the costs of all ranks on rank 0. Collective.
[[nodiscard]] RunCosts collect_costs(const comm::Communicator& communicator, const RankCosts& mine,
                                     const std::string& device, int threads);

/// The contents of summary.json.
struct Summary {
  trainer::TrainingHistory history;
  std::string parameters_hash;  ///< of the last parameters
  std::string selected_hash;
  std::string configuration_hash;
  std::string data_hash;
  std::uint64_t chunk_rows = 0;  ///< of the training set
  trainer::RankWeights rank_weights{};
  /// The selected model on a test set that was not monitored.
  std::optional<objective::Measurement> test;
  RunCosts costs;
};

/// @throws Error if the file cannot be written.
void write_summary(const std::string& path, const Summary& summary);

/// Wall time since this process started, in seconds.
[[nodiscard]] double seconds_since_process_start();

}  // namespace annmpi::output
