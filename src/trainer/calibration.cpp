#include "trainer/calibration.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "annmpi/data/synthetic_rows.hpp"

namespace annmpi::trainer {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/// Limits on the repetitions; the fastest one counts.
constexpr Seconds max_time{0.1};
constexpr int max_iterations = 50;

}  // namespace

std::uint64_t calibration_rows(const data::DealtSet& training, bool is_gpu, int threads) {
  constexpr std::uint64_t max_bytes = std::uint64_t{64} << 20;
  constexpr std::uint64_t rows_per_thread = 384;
  const std::uint64_t chunk = training.rows_at_a_time();
  const std::uint64_t chunks =
      is_gpu ? 8 : static_cast<std::uint64_t>(threads) * ((rows_per_thread - 1) / chunk + 1);
  const std::uint64_t fitting_chunks = max_bytes / training.set.row_bytes() / chunk;
  return std::min(training.set.rows, chunk * std::clamp<std::uint64_t>(fitting_chunks, 1, chunks));
}

double rows_per_second(device::FullBatchDevice& device, const network::Network& network,
                       const data::DealtSet& training, std::uint64_t rows, bool tangent_trials) {
  const std::uint64_t chunk_rows = training.rows_at_a_time();
  const auto shard = device.hold(
      data::synthetic_rows(training.set, rows, network.classes()),
      {chunk_rows, (rows + chunk_rows - 1) / chunk_rows, data::largest_synthetic_feature});
  const auto theta = device.space().zero();
  device.space().upload(network::initial_parameters(network, 0.2, 917), *theta);
  const auto iterate = [&] {
    const device::Point point{*theta, theta.get(), 0.5};
    device.aim(*shard, *theta);
    if (tangent_trials) (void)device.probe(*shard, point);
    (void)device.sum_gradient(*shard, point);
  };
  device.project(*shard, *theta);
  iterate();  // warm-up: allocations and library initialisation
  double fastest = std::numeric_limits<double>::infinity();
  const auto start = Clock::now();
  int iterations = 0;
  do {
    const auto begin = Clock::now();
    iterate();
    fastest = std::min(fastest, Seconds(Clock::now() - begin).count());
  } while (++iterations < max_iterations && Clock::now() - start < max_time);
  return static_cast<double>(rows) / std::max(fastest, 1e-9);
}

}  // namespace annmpi::trainer
