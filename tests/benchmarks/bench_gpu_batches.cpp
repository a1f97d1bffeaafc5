// Benchmarks mini-batch steps: build/release/tests/bench_gpu_batches on an idle GPU.
//
// Estimates, not measured, for Adam on 784-512-256-10 on an H100 (132 multiprocessors, 1.7 GHz;
// mma.sync in bfloat16 at about 62 % of 512 multiply-adds per clock and tensor core, 67e12 flop/s
// of doubles through mma). A product of two floats takes six of bfloat16s, of a byte and a float
// three. Each kernel of a graph adds about 2 us before and after its products:
//
//   batch 1024, mixed               products             blocks   expected
//     rows                          1.6 MB read and written 1024  3 us
//     values 1                      3 x 0.41e9              128   6
//     values 2                      6 x 0.13e9              128   5
//     logits, deltas 3              6 x 2.6e6               16    5 + 3
//     deltas 2, with gradient 3     6 x 2.6e6               128   4
//     deltas 1                      6 x 0.13e9              128   5
//     gradient 1                    3 x 0.41e9              104   9
//     gradient 2, concurrent        6 x 0.13e9              68    (9)
//     total                                                       40 to 50 us
//   batch 128, mixed                                              25 to 35 us, of launches
//   batch 1024, float64             1.2e9 multiply-adds           90 to 120 us
//
// An epoch of 60,000 rows: 59 steps, 2.4 to 3 ms, and 0.3 to 0.5 ms for measuring.
//
// With rows in host memory (like those of a streamed file), one core gathers 1024 rows in 0.1 to
// 0.2 ms, and the copy takes 0.03 ms, concurrent with the kernels. So the host is the bottleneck.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <vector>

#include <cuda_runtime.h>

#include "device/cuda/mini_batch/cuda_mini_batch_device.hpp"
#include "device/cuda/test_sums.hpp"
#include "support/batch_rows.hpp"

namespace annmpi::tests {
namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr std::uint64_t rows = 60'000;

const ParameterUpdate adam{.rule = UpdateRule::adam,
                           .rate = 0.001,
                           .constants = {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8}};

/// Microseconds per step, and those of the host: the best of several epochs of whole batches, the
/// first of which capture the graphs.
struct StepTimes {
  double whole = 1e300;
  double host = 1e300;
};

template <class Step>
StepTimes time_steps(device::MiniBatchDevice& device, std::uint64_t steps, Step&& step) {
  StepTimes best;
  for (std::uint64_t epoch = 0; epoch < 6; ++epoch) {
    const auto begin = Clock::now();
    for (std::uint64_t s = 0; s < steps; ++s) step(data::BatchPlace{epoch, s});
    const Microseconds asked = Clock::now() - begin;
    device.synchronize();
    const Microseconds passed = Clock::now() - begin;
    best.whole = std::min(best.whole, passed.count() / static_cast<double>(steps));
    best.host = std::min(best.host, asked.count() / static_cast<double>(steps));
  }
  return best;
}

void bench(const network::Network& network, BatchesOf& data, std::uint64_t batch_rows,
           config::Precision precision, const ParameterUpdate& update) {
  const auto make_full_batch_device = [&] {
    auto device = device::cuda::make_cuda_mini_batch_device(
        network, data.shard().type(), {batch_rows, data.feature_scale()}, {.precision = precision},
        {}, std::make_unique<TestSums>(), "");
    set_parameters(*device, network::initial_parameters(network, 0.05, 7));
    return device;
  };
  const data::BatchOrder order(rows, batch_rows, 1);
  const std::uint64_t steps = std::min<std::uint64_t>(rows / batch_rows, 200);
  const auto device = make_full_batch_device();
  const auto training = data.held_by(*device, 8192);
  (void)device->draw_batches_from(*training, order);
  const StepTimes held = time_steps(
      *device, steps, [&](const data::BatchPlace& place) { device->step(place, update); });
  const auto other = make_full_batch_device();
  const StepTimes brought = time_steps(*other, steps, [&](const data::BatchPlace& place) {
    other->step(data.at(order, place), update);
  });
  const bool is_same = parameters_of(*device) == parameters_of(*other);
  double measured = 1e300;
  for (int i = 0; i < 4; ++i) {
    const auto begin = Clock::now();
    (void)device->measure(*training);
    const Microseconds passed = Clock::now() - begin;
    measured = std::min(measured, passed.count());
  }
  double products = -static_cast<double>(network.layers[0].inputs * network.layers[0].outputs);
  for (const network::Layer& layer : network.layers)
    products += 3.0 * static_cast<double>(layer.inputs * layer.outputs);
  std::printf(
      "  batch %5llu, %-7s%s %8.1f us a step (host %5.1f), %6.1f TFLOP/s; of rows that are brought "
      "%.1f (host %.1f), %s parameters; measured in %.0f us\n",
      static_cast<unsigned long long>(batch_rows),
      precision == config::Precision::mixed ? "mixed" : "float64",
      update.clip_norm > 0 ? ", clipped" : "", held.whole, held.host,
      2e-6 * static_cast<double>(batch_rows) * products / held.whole, brought.whole, brought.host,
      is_same ? "the same" : "OTHER", measured);
}

int run() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
    std::puts("no GPU on this host: nothing was measured");
    return 0;
  }
  for (const auto& sizes :
       {std::vector<std::int64_t>{784, 512, 256, 10}, std::vector<std::int64_t>{784, 128, 10},
        std::vector<std::int64_t>{784, 2048, 2048, 10}}) {
    const BatchCase one{sizes, rows, config::Activation::relu};
    BatchesOf data(random_samples(rows, 784, 10, one.type, 1));
    std::printf("%s\n", describe(one.network()).c_str());
    for (const auto precision : {config::Precision::mixed, config::Precision::float64})
      for (const std::uint64_t batch_rows : {128, 512, 1024, 4096})
        bench(one.network(), data, batch_rows, precision, adam);
    ParameterUpdate clipped = adam;
    clipped.clip_norm = 1;
    bench(one.network(), data, 1024, config::Precision::mixed, clipped);
  }
  return 0;
}

}  // namespace
}  // namespace annmpi::tests

int main() {
  return annmpi::tests::run();
}
