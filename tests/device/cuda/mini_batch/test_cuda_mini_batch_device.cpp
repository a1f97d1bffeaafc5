#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/device/memory_plan.hpp"

#include "device/cuda/mini_batch/cuda_mini_batch_device.hpp"
#include "device/cuda/test_sums.hpp"
#include "support/batch_rows.hpp"
#include "support/saved_state.hpp"
#include "support/temporary_folder.hpp"

// Mini-batches on a GPU, compared with the CPU.
namespace annmpi::tests {
namespace {

using config::Activation;
using config::OutputUnit;
using config::Precision;
using device::MiniBatchDevice;
using io::ElementType;

/// Layers around the widths of tiles and their padding, batches around the rows of tiles; and each
/// activation.
const std::vector<BatchCase> cases = with_each_activation({
    {{5, 3}, 4},
    {{70, 40}, 9, Activation::tanh, OutputUnit::sigmoid},
    {{33, 16, 17, 2}, 65},
    {{40, 31, 10}, 130, Activation::sigmoid, OutputUnit::sigmoid},
    {{31, 70, 65, 20}, 21, Activation::tanh, OutputUnit::softmax, ElementType::float32},
    {{9, 64, 3}, 33, Activation::sigmoid, OutputUnit::softmax, ElementType::float64},
    {{20, 12, 9, 5, 4}, 64, Activation::relu},
});

struct Pair {
  Pair(const BatchCase& one, Precision precision, std::uint64_t batch_rows)
      : network(one.network()),
        rows(random_samples(one.rows, network.inputs(), static_cast<int>(network.classes()),
                            one.type, 3)),
        facts{batch_rows, rows.feature_scale()},
        cpu(device::make_cpu_mini_batch_device(network, facts, {.precision = precision})),
        gpu(device::cuda::make_cuda_mini_batch_device(network, one.type, facts,
                                                      {.precision = precision}, {},
                                                      std::make_unique<TestSums>(), "a GPU")),
        theta(network::initial_parameters(network, 0.3, 7)) {
    for (MiniBatchDevice* device : {cpu.get(), gpu.get()}) set_parameters(*device, theta);
  }

  [[nodiscard]] bool draw_from(const data::BatchOrder& order) {
    training = rows.held_by(*gpu);
    return gpu->draw_batches_from(*training, order);
  }
  [[nodiscard]] device::LossAndHits measured_by(MiniBatchDevice& device,
                                                std::uint64_t chunk_rows = 50) const {
    return device.measure(*rows.held_by(device, chunk_rows));
  }
  /// The largest difference of parameters, relative to the largest change since the start.
  [[nodiscard]] double distance() const {
    const std::vector<double> mine = parameters_of(*gpu), theirs = parameters_of(*cpu);
    double apart = 0, moved = 0;
    for (std::size_t i = 0; i < mine.size(); ++i) {
      if (!(std::abs(mine[i] - theirs[i]) <= apart)) apart = std::abs(mine[i] - theirs[i]);
      moved = std::max(moved, std::abs(theirs[i] - theta[i]));
    }
    return apart / moved;
  }

  network::Network network;
  BatchesOf rows;
  device::BatchFacts facts;
  std::unique_ptr<MiniBatchDevice> cpu, gpu;
  std::vector<double> theta;
  std::unique_ptr<device::DeviceRows> training;  ///< on the GPU
};

/// Rounding error of a step: of dot products of up to 130 terms, and of the parameters, 2^-24 of
/// 0.3, relative to changes of about 0.05 at rate 1.
double accuracy(Precision precision) {
  return precision == Precision::mixed ? 1e-5 : 1e-12;
}

constexpr Precision both[] = {Precision::float64, Precision::mixed};

TEST(CudaMiniBatchDevice, AgreesWithTheCpuAfterOneStep) {
  for (const BatchCase& one : cases)
    for (const Precision precision : both) {
      SCOPED_TRACE(one.name());
      Pair pair(one, precision, one.rows);
      const ParameterUpdate update{.rate = 1, .penalty = 0.01};
      for (MiniBatchDevice* device : {pair.cpu.get(), pair.gpu.get()})
        device->step(pair.rows.all(), update);
      EXPECT_LE(pair.distance(), accuracy(precision));
      const double largest = pair.cpu->largest_gradient();
      EXPECT_NEAR(pair.gpu->largest_gradient(), largest, accuracy(precision) * largest);
    }
}

const ParameterUpdate adam{
    .rule = UpdateRule::adam,
    .rate = 0.01,
    .penalty = 0.001,
    // A large epsilon: otherwise rounding errors of small gradients become large steps.
    .constants = {.beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-3},
    .correction1 = 0.1,
    .correction2 = 0.01};

ParameterUpdate with(ParameterUpdate update, auto change) {
  change(update);
  return update;
}

const std::vector<std::pair<std::string, ParameterUpdate>> updates{
    {"plain", {.rate = 0.1}},
    {"momentum", {.rate = 0.1, .penalty = 0.01, .constants = {.momentum = 0.9}}},
    {"nesterov", {.rate = 0.1, .constants = {.momentum = 0.9, .nesterov = true}}},
    {"adam", adam},
    {"adamw", with(adam, [](ParameterUpdate& u) { u.decay = 0.01; })},
    {"clipped adam", with(adam, [](ParameterUpdate& u) { u.clip_norm = 0.1; })},
    {"clipped momentum", {.rate = 0.1, .clip_norm = 0.01, .constants = {.momentum = 0.9}}},
};

/// These, and every rule with its defaults but for the large epsilon.
std::vector<std::pair<std::string, ParameterUpdate>> all_updates() {
  auto all = updates;
  for (std::size_t i = 0; i < rules::update_rule_names.size(); ++i) {
    const auto rule = static_cast<UpdateRule>(i);
    ParameterUpdate update{
        .rule = rule, .rate = 0.1, .constants = rules::defaults_of(rule).constants, .decay = 0.01};
    update.constants.epsilon = 1e-3;
    all.emplace_back(rules::update_rule_names[i], update);
  }
  return all;
}

/// Two epochs of three steps, the last with fewer rows: executed directly, captured and replayed.
TEST(CudaMiniBatchDevice, FollowsTheCpuWithEveryUpdateRule) {
  const BatchCase one{{20, 12, 9, 3}, 50};
  for (const auto& [name, update] : all_updates())
    for (const Precision precision : both) {
      SCOPED_TRACE(name);
      Pair pair(one, precision, 20);
      const data::BatchOrder order(one.rows, 20, 5);
      ASSERT_TRUE(pair.draw_from(order));
      for (std::uint64_t epoch = 0; epoch < 3; ++epoch)
        for (std::uint64_t step = 0; step < order.steps(); ++step) {
          pair.cpu->step(pair.rows.at(order, {epoch, step}), update);
          pair.gpu->step(data::BatchPlace{epoch, step}, update);
        }
      // Nine steps, each with the rounding of its initial parameters.
      EXPECT_LE(pair.distance(), 10 * accuracy(precision));
      // set_parameters() discards the state of earlier steps.
      for (MiniBatchDevice* device : {pair.cpu.get(), pair.gpu.get()})
        set_parameters(*device, pair.theta);
      pair.cpu->step(pair.rows.at(order, {0, 0}), update);
      pair.gpu->step(pair.rows.at(order, {0, 0}), update);
      EXPECT_LE(pair.distance(), accuracy(precision));
    }
}

/// Graphs captured for updates without a velocity must not be replayed.
TEST(CudaMiniBatchDevice, RestoresTheStateOfAnotherUpdateRule) {
  const ParameterUpdate plain{.rate = 0.1}, momentum = updates[1].second;
  for (const Precision precision : both) {
    Pair original({{20, 12, 9, 3}, 20}, precision, 20), moved({{20, 12, 9, 3}, 20}, precision, 20);
    for (auto device : {&Pair::cpu, &Pair::gpu}) {
      MiniBatchDevice &from = *(original.*device), &to = *(moved.*device);
      for (int step = 0; step < 3; ++step) {
        from.step(original.rows.all(), momentum);
        to.step(moved.rows.all(), plain);
      }
      SavedState saved;
      StateSaver saver(saved);
      from.visit_state(saver);
      StateRestorer restorer(saved);
      to.visit_state(restorer);
      for (int step = 0; step < 3; ++step) {
        from.step(original.rows.all(), momentum);
        to.step(moved.rows.all(), momentum);
      }
      EXPECT_EQ(parameters_of(to), parameters_of(from));
    }
  }
}

/// A step with rows in memory that is overwritten when step() returns.
void step_in_passing(MiniBatchDevice& device, const data::Batch& batch, std::size_t row_bytes,
                     const ParameterUpdate& update) {
  std::vector<std::byte> rows;
  for (const std::byte* row : batch.features) rows.insert(rows.end(), row, row + row_bytes);
  std::vector<const std::byte*> features;
  for (std::size_t i = 0; i < batch.features.size(); ++i)
    features.push_back(rows.data() + i * row_bytes);
  std::vector<std::int32_t> labels(batch.labels.begin(), batch.labels.end());
  device.step({batch.type, features, labels}, update);
  std::ranges::fill(rows, std::byte{1});
  std::ranges::fill(labels, 0);
}

/// More batches than staging buffers, without synchronization.
TEST(CudaMiniBatchDevice, GivesTheSameBitsForStagedRows) {
  for (const ElementType type : {ElementType::uint8, ElementType::float32, ElementType::float64})
    for (const Precision precision : both) {
      const BatchCase one{{13, 7, 3}, 40, Activation::relu, OutputUnit::sigmoid, type};
      Pair held(one, precision, 17), brought(one, precision, 17);
      const data::BatchOrder order(one.rows, 17, 5);
      ASSERT_TRUE(held.draw_from(order));
      for (std::uint64_t epoch = 0; epoch < 3; ++epoch)
        for (std::uint64_t step = 0; step < order.steps(); ++step) {
          held.gpu->step(data::BatchPlace{epoch, step}, adam);
          step_in_passing(*brought.gpu, brought.rows.at(order, {epoch, step}),
                          13 * io::bytes_of(type), adam);
        }
      EXPECT_EQ(parameters_of(*held.gpu), parameters_of(*brought.gpu));
    }
}

TEST(CudaMiniBatchDevice, MeasuresLikeTheCpu) {
  for (const BatchCase& one : cases)
    for (const Precision precision : both) {
      SCOPED_TRACE(one.name());
      Pair pair(one, precision, 8);
      const device::LossAndHits expected = pair.measured_by(*pair.cpu);
      const device::LossAndHits found = pair.measured_by(*pair.gpu);
      EXPECT_NEAR(found.loss.value(), expected.loss.value(),
                  (precision == Precision::mixed ? 1e-5 : 1e-13) * expected.loss.value());
      EXPECT_EQ(found.hits, expected.hits);
    }
}

/// Three groups of rows, some of which end inside a chunk; streamed in blocks of two chunks, the
/// last one short.
TEST(CudaMiniBatchDevice, MeasuresStreamedRowsLikeHeldRows) {
  constexpr std::uint64_t rows = 19'000, chunk_rows = 1'500;
  Pair pair({{3, 2}, rows}, Precision::mixed, 8);
  const TemporaryFolder folder;
  const std::string path = folder / "data.h5";
  write_data_file(path, random_samples(rows, 3, 2, ElementType::uint8, 3), {"a", "b"});
  const io::Hdf5File file = io::Hdf5File::open(path);
  const auto streamed = pair.gpu->hold(
      data::LocalSet(file, data::describe(file), {0, rows}, chunk_rows, 2 * chunk_rows * 3),
      {.chunk_rows = chunk_rows});
  EXPECT_FALSE(pair.gpu->draw_batches_from(*streamed, {rows, 8, 1}));
  const device::LossAndHits held = pair.measured_by(*pair.gpu, chunk_rows);
  for (int pass = 0; pass < 2; ++pass) {
    const device::LossAndHits passing = pair.gpu->measure(*streamed);
    EXPECT_EQ(passing.loss.value(), held.loss.value());
    EXPECT_EQ(passing.hits, held.hits);
  }
  const device::LossAndHits expected = pair.measured_by(*pair.cpu, chunk_rows);
  EXPECT_NEAR(held.loss.value(), expected.loss.value(), 1e-5 * expected.loss.value());
}

TEST(CudaMiniBatchDevice, ReturnsTheParametersThatWereSet) {
  Pair pair({{33, 17, 40, 3}, 4}, Precision::float64, 4);
  EXPECT_EQ(parameters_of(*pair.gpu), pair.theta);
  EXPECT_EQ(pair.gpu->squared_weights(pair.theta), pair.cpu->squared_weights(pair.theta));
}

/// A diverging step must be detectable.
TEST(CudaMiniBatchDevice, ReportsNanAndInfinity) {
  for (const Precision precision : both) {
    Pair pair({{20, 9, 3}, 30, Activation::relu}, precision, 30);
    std::vector<double> theta = pair.theta;
    theta[4] = std::numeric_limits<double>::infinity();
    set_parameters(*pair.gpu, theta);
    pair.gpu->step(pair.rows.all(), adam);
    EXPECT_FALSE(std::isfinite(pair.gpu->largest_gradient()));
    EXPECT_FALSE(std::isfinite(pair.measured_by(*pair.gpu).loss.value()));
  }
}

TEST(CudaMiniBatchDevice, AllocatesNoMemoryInLaterSteps) {
  const data::BatchOrder order(50, 20, 5);
  for (const bool holds : {true, false}) {
    Pair pair({{20, 9, 3}, 50}, Precision::mixed, 20);
    ASSERT_TRUE(!holds || pair.draw_from(order));
    const auto epochs = [&](std::uint64_t begin, std::uint64_t end) {
      for (std::uint64_t epoch = begin; epoch < end; ++epoch) {
        for (std::uint64_t step = 0; step < order.steps(); ++step) {
          if (holds)
            pair.gpu->step(data::BatchPlace{epoch, step}, adam);
          else
            pair.gpu->step(pair.rows.at(order, {epoch, step}), adam);
        }
        (void)pair.measured_by(*pair.gpu);
      }
    };
    epochs(0, 2);
    const std::uint64_t taken = pair.gpu->bytes();
    epochs(2, 3);
    EXPECT_EQ(pair.gpu->bytes(), taken);
    EXPECT_LE(taken, device::gpu_batch_memory(pair.network, 20, 1));
  }
}

}  // namespace
}  // namespace annmpi::tests
