#include "annmpi/device/gpu_self_test.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "annmpi/data/synthetic_rows.hpp"
#include "annmpi/device/gpu_device.hpp"

namespace annmpi::device {
namespace {

/// More than one kernel block of rows and of columns, the last blocks partly filled.
constexpr std::uint64_t rows = 200;
constexpr std::int64_t columns = 70;

/// Rounding errors of sums over 200 rows: some hundred units in the last place of doubles, or of
/// floats in mixed precision, where devices compute the upper layers in floats or doubles.
double tolerance(config::Precision precision) {
  return precision == config::Precision::mixed ? 1e-4 : 1e-9;
}

/// Loss, slope and gradient at half a step along a line.
std::vector<double> answers(FullBatchDevice& device, const network::Network& network,
                            io::ElementType type) {
  data::Dataset set;
  set.features = columns;
  set.type = type;
  set.feature_scale = 1 / data::largest_synthetic_feature;
  const auto shard = device.hold(data::synthetic_rows(set, rows, network.classes()),
                                 {rows, 1, data::largest_synthetic_feature});
  const auto vector = [&](std::uint32_t seed) {
    auto made = device.space().zero();
    device.space().upload(network::initial_parameters(network, 0.5, seed), *made);
    return made;
  };
  const auto theta = vector(1);
  const auto direction = vector(2);
  const auto gradient = device.space().zero();
  const Point point{*theta, direction.get(), 0.5};
  device.project(*shard, *theta);
  device.aim(*shard, *direction);
  const LossAndSlope probed = device.probe(*shard, point);
  (void)device.sum_gradient(*shard, point);
  device.finish_gradient(point, 1, 0.1, *gradient);
  std::vector<double> values(network.parameters());
  device.space().download(*gradient, values);
  values.push_back(probed.loss.value());
  values.push_back(probed.slope.value());
  return values;
}

/// The largest difference, relative to the largest correct value.
double difference(std::span<const double> values, std::span<const double> right) {
  double largest = 0;
  double off = 0;
  for (std::size_t i = 0; i < right.size(); ++i) {
    largest = std::max(largest, std::abs(right[i]));
    off = std::isfinite(values[i]) ? std::max(off, std::abs(values[i] - right[i])) : HUGE_VAL;
    if (std::isinf(off)) break;
  }
  return off / largest;
}

std::optional<std::string> trouble_with(const FoundGpu& found) {
  const network::Network network =
      network::make_network({columns, 9, 3}, config::Activation::tanh, config::OutputUnit::softmax);
  struct Way {
    config::Precision precision;
    io::ElementType type;
  };
  for (const auto [precision, type] : {Way{config::Precision::float64, io::ElementType::uint8},
                                       Way{config::Precision::mixed, io::ElementType::uint8},
                                       Way{config::Precision::float64, io::ElementType::float32}}) {
    const bool bytes = type == io::ElementType::uint8;
    const auto gpu =
        make_full_batch_device(&found, network, {0, 1, [](auto) {}},
                               {.precision = precision, .bytes = bytes, .training_rows = rows});
    const auto cpu = make_cpu_device(
        network, [](auto) {}, {.precision = precision, .bytes = bytes, .training_rows = rows});
    const double off = difference(answers(*gpu, network, type), answers(*cpu, network, type));
    if (off > tolerance(precision))
      return fmt::format("a test gradient differs by {:.2g} of its largest element", off);
  }
  return std::nullopt;
}

}  // namespace

FoundGpu tested(FoundGpu found) {
  if (!found) return found;
  std::optional<std::string> trouble;
  try {
    trouble = trouble_with(found);
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  if (trouble)
    found.trouble = fmt::format(
        "GPU {} ({}) fails its self-test against the CPU ({}); update the driver, or have the GPU "
        "checked",
        found.gpu.index, found.gpu.name, *trouble);
  return found;
}

}  // namespace annmpi::device
