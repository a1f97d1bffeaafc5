#include "trainer/rank_weights.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/ranges.h>

#include "annmpi/base/log.hpp"
#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/device/gpu_device.hpp"

#include "trainer/calibration.hpp"
#include "trainer/make_method.hpp"

namespace annmpi::trainer {
namespace {

/// Rounds to three significant digits.
double rounded(double value) {
  const double digits = std::pow(10, 2 - std::floor(std::log10(value)));
  return std::round(value * digits) / digits;
}

std::vector<double> measured_rank_weights(const config::Configuration& configuration,
                                          const Problem& problem,
                                          const objective::ChosenDevices& devices, int threads,
                                          const comm::Communicator& communicator) {
  const config::Configuration::Compute& compute = configuration.compute;
  const auto& [headers, network] = problem;
  const data::DealtSet training =
      data::deal(headers, compute.chunk_rows, network.parameters(), 1, false, devices.hardware())
          .training;
  const bool is_gpu = devices.gpu.has_value();
  const auto device = communicator.all_agree([&] {
    return device::make_full_batch_device(is_gpu ? &*devices.gpu : nullptr, network,
                                          {0, 1, [](auto) {}},
                                          device::device_options(compute, headers, threads));
  });
  communicator.barrier();  // measure all ranks at once: they share hosts during training too
  const double mine = communicator.all_agree([&] {
    return rows_per_second(*device, network, training, calibration_rows(training, is_gpu, threads),
                           trials_by_tangent(configuration.optimizer.kind, network));
  });
  std::vector<double> speeds = communicator.allgather(mine);
  // log10 and pow may differ between hosts, so all ranks use rank 0's result.
  const double fastest = std::ranges::max(speeds);
  for (double& speed : speeds) speed = rounded(speed / fastest);
  communicator.from_root(std::as_writable_bytes(std::span(speeds)));
  return speeds;
}

}  // namespace

RankWeights choose_rank_weights(const config::Configuration& configuration, const Problem& problem,
                                const objective::ChosenDevices& devices, int threads,
                                const comm::Communicator& communicator) {
  const std::vector<double>& given = configuration.compute.shares;
  const auto ranks = static_cast<std::size_t>(communicator.size());
  if (!given.empty() && given.size() != ranks)
    throw comm::AgreedError(fmt::format(
        "compute.shares: has {} number{} for {} rank{} (each rank needs one); give one number per "
        "rank, or leave it empty",
        given.size(), given.size() == 1 ? "" : "s", ranks, ranks == 1 ? "" : "s"));
  if (!given.empty() || !devices.mixed()) return {given, false};
  const RankWeights weights{
      measured_rank_weights(configuration, problem, devices, threads, communicator), true};
  log::info("Note: rows are dealt by measured speed; compute.shares = [{}] deals them so again.",
            fmt::join(weights.of_ranks, ", "));
  return weights;
}

}  // namespace annmpi::trainer
