#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "annmpi/device/device.hpp"

#include "support/activations.hpp"
#include "support/held_shard.hpp"
#include "support/samples.hpp"
#include "support/set_facts.hpp"

// Networks, data and a CPU device for tests of the full-batch passes.
namespace annmpi::tests {

inline constexpr std::uint64_t rows = 37;  // with chunks of 10, the last holds 7
inline constexpr std::uint64_t chunk_rows = 10;

/// A network and the type of its features.
struct Case {
  network::Network network;
  Samples samples;

  [[nodiscard]] std::string name() const {
    return network::describe(network) + ", " + std::string(io::name_of(samples.type));
  }
};

/// Every activation x output x depth x type of features with a narrow first layer, and one network
/// with a wide first layer.
inline std::vector<Case> all_cases() {
  std::vector<Case> cases;
  const std::vector<std::vector<std::int64_t>> shapes{
      {5, 3}, {5, 4, 3}, {5, 4, 3, 3}, {5, 4, 3, 4, 3}};
  for (const auto activation : all_activations())
    for (const auto output : {config::OutputUnit::sigmoid, config::OutputUnit::softmax})
      for (const auto& sizes : shapes)
        for (const auto type :
             {io::ElementType::uint8, io::ElementType::float32, io::ElementType::float64})
          cases.push_back({network::make_network(sizes, activation, output),
                           random_samples(rows, 5, 3, type, 11)});
  for (const auto type :
       {io::ElementType::uint8, io::ElementType::float32, io::ElementType::float64})
    cases.push_back({network::make_network({5, 100, 3}, config::Activation::sigmoid,
                                           config::OutputUnit::sigmoid),
                     random_samples(rows, 5, 3, type, 11)});
  return cases;
}

/// A CPU device with one block of rows, on a single rank.
class CpuBench : public HeldShard {
 public:
  explicit CpuBench(const Case& made_of, std::uint64_t rows_per_chunk = chunk_rows,
                    const device::DeviceOptions& options = {})
      : HeldShard(device::make_cpu_device(
                      made_of.network, [](auto) {}, options),
                  shard_of(made_of.samples), facts_of(made_of.samples, rows_per_chunk)) {}

  /// Sums of losses and hits at theta, from the features.
  [[nodiscard]] device::LossAndHits measure(const std::vector<double>& theta) {
    const auto point = vector(theta);
    device().project(shard(), *point);
    return device().measure(shard(), {*point});
  }

  /// J and its gradient, combined as in the objective.
  [[nodiscard]] double cost(const std::vector<double>& theta, double l2) {
    const double loss = measure(theta).loss.value();
    const double squares = device().penalty_dots(*vector(theta), nullptr).weights_weights;
    return (loss + l2 / 2 * squares) / static_cast<double>(shard().rows());
  }
  [[nodiscard]] std::vector<double> gradient(const std::vector<double>& theta, double l2) {
    const auto m = static_cast<double>(shard().rows());
    const auto point = vector(theta);
    const auto gradient = device().space().zero();
    device().project(shard(), *point);
    (void)device().sum_gradient(shard(), {*point});
    device().finish_gradient({*point}, 1 / m, l2 / m, *gradient);
    return values(*gradient);
  }
};

/// Step of central differences: eps^(1/3) balances truncation and rounding errors.
constexpr double difference_step = 6e-6;

/// Error bound of (f(x + h) - f(x - h)) / 2h: h^2/6 |f'''| for truncation, about eps |f| / h for
/// rounding. `third` bounds |f'''| along a coordinate or a direction for these networks.
inline double difference_tolerance(double largest_value, double third) {
  return difference_step * difference_step / 6 * third +
         8 * std::numeric_limits<double>::epsilon() * largest_value / difference_step;
}

}  // namespace annmpi::tests
