#include "trainer/calibration.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "annmpi/data/synthetic_rows.hpp"

namespace annmpi::trainer {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

/// After so long or so many iterations the quickest one has been seen.
constexpr Seconds long_enough{0.1};
constexpr int most_iterations = 50;

}  // namespace

std::uint64_t calibration_rows(const data::DealtSet& training, bool is_gpu, int threads) {
  constexpr std::uint64_t most_bytes = std::uint64_t{64} << 20;
  constexpr std::uint64_t rows_of_thread = 384;
  const std::uint64_t chunk = training.rows_at_a_time();
  const std::uint64_t chunks =
      is_gpu ? 8 : static_cast<std::uint64_t>(threads) * ((rows_of_thread - 1) / chunk + 1);
  const std::uint64_t with_room = most_bytes / training.set.row_bytes() / chunk;
  return std::min(training.set.rows, chunk * std::clamp<std::uint64_t>(with_room, 1, chunks));
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
  iterate();  // memory is taken, and libraries wake up
  double quickest = std::numeric_limits<double>::infinity();
  const auto start = Clock::now();
  int iterations = 0;
  do {
    const auto begin = Clock::now();
    iterate();
    quickest = std::min(quickest, Seconds(Clock::now() - begin).count());
  } while (++iterations < most_iterations && Clock::now() - start < long_enough);
  return static_cast<double>(rows) / std::max(quickest, 1e-9);
}

}  // namespace annmpi::trainer
