#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "annmpi/device/device.hpp"
#include "annmpi/device/instructions.hpp"
#include "annmpi/network/gradient_bounds.hpp"

#include "device/cpu/full_batch/host_space.hpp"
#include "device/cpu/full_batch/workspace.hpp"
#include "device/cpu/gemm/blas_self_test.hpp"
#include "device/cpu/gemm/dot.hpp"
#include "device/cpu/layers/activations.hpp"
#include "device/cpu/layers/first_layer.hpp"
#include "device/cpu/layers/layer_sums.hpp"
#include "device/cpu/layers/upper_parameters.hpp"
#include "device/cpu/rows/chunk_loops.hpp"
#include "device/cpu/rows/cpu_rows.hpp"
#include "device/cpu/simd/thread_arithmetic.hpp"
#include "device/cpu/simd/vectors.hpp"

namespace annmpi::device {
namespace cpu {
namespace {

std::span<const double> direction_of(const Point& point) {
  return point.direction != nullptr ? elements(*point.direction) : std::span<const double>();
}

/// The full-batch device of a CPU. Upper layers are computed in `Real`.
template <class Real>
class CpuDevice : public FullBatchDevice {
  using CpuRows = cpu::CpuRows<Real>;
  using Workspace = cpu::Workspace<Real>;
  using LayerSums = cpu::LayerSums<Real>;

 public:
  CpuDevice(network::Network network, SumOverRanks sum, const DeviceOptions& options)
      : network_(std::move(network)),
        space_(network_.parameters()),
        sum_(std::move(sum)),
        options_(options),
        first_layer_(make_first_layer(
            network_.layers.front(),
            {.precision = options.precision,
             .exact = options.deterministic,
             .lows = options.precision == config::Precision::float64 || !options.bytes,
             .bytes = options.bytes,
             .training_rows = options.training_rows})),
        splits_(network_, options.precision),
        upper_parameters_(network_) {
    require_sound_arithmetic_on(options_.threads);
    make_workspaces(1);
  }

  [[nodiscard]] std::string description() const override {
    const std::optional<BlasLibrary> blas = loaded_blas();
    return fmt::format("CPU, {} thread{} a rank, {} kernels{}", options_.threads,
                       options_.threads == 1 ? "" : "s", simd_target(),
                       blas ? ", OpenBLAS for " + blas->core : "");
  }

  [[nodiscard]] std::uint64_t fingerprint() const override {
    return loaded_blas() ? blas_fingerprint() : 0;
  }

  [[nodiscard]] const VectorSpace& space() const override { return space_; }

  [[nodiscard]] std::unique_ptr<DeviceRows> take(data::LocalSet rows) override {
    return std::make_unique<CpuRows>(network_, std::move(rows));
  }
  void complete(DeviceRows& rows, const data::SetFacts& facts) override {
    own(rows).complete(facts);
    const std::size_t most_rows = own(rows).most_rows();
    if (most_rows > workspaces_.front()->rows) make_workspaces(most_rows);
  }

  void project(DeviceRows& shard, const Vector& theta) override {
    own(shard).leave_line();
    first_layer_->prepare_forward(elements(theta), own(shard).data().feature_scale());
    for_each_chunk_of_features(shard, [&](int thread, const typename CpuRows::Chunk& chunk) {
      first_layer_->forward(thread, chunk.features(), chunk.Z);
    });
  }

  using FullBatchDevice::aim;
  void aim(std::span<DeviceRows* const> shards, const Vector& direction) override {
    std::optional<double> prepared_for;  // scale of the features
    for (DeviceRows* const shard : shards) {
      own(*shard).leave_line();
      const double scale = own(*shard).data().feature_scale();
      if (prepared_for != scale) first_layer_->prepare_forward(elements(direction), scale);
      prepared_for = scale;
      for_each_chunk_of_features(*shard, [&](int thread, const typename CpuRows::Chunk& chunk) {
        first_layer_->forward(thread, chunk.features(), chunk.D);
      });
    }
  }

  void move(double step, const Vector& direction, Vector& theta,
            std::span<DeviceRows* const> shards) override {
    space_.axpy(step, direction, theta);
    for (DeviceRows* const shard : shards) {
      own(*shard).leave_line();
      for_each_chunk(*shard, [&](int, const typename CpuRows::Chunk& chunk) {
        kernels::move_along(chunk.Z, chunk.D, step, chunk.Z);  // the same bits as in trials
      });
    }
  }

  LossAndSlope probe(DeviceRows& shard, const Point& point) override {
    move_to(point);
    own(shard).expect_trial();
    for_each_chunk(shard, [&](int thread, const typename CpuRows::Chunk& chunk) {
      Workspace& work = workspace(thread);
      work.upper_layers.work_in(chunk.rows, chunk.kept);
      work.upper_layers.forward_along(chunk.Z, chunk.D, chunk.rows);
      sum_loss_and_hits(thread, work, chunk);
      work.slope.add(work.upper_layers.slope(chunk.rows));
    });
    const LossAndHits measured = loss_and_hits();
    own(shard).set_trial({point.step, measured});
    LossAndSlope sums{measured.loss, {}};
    for (const auto& work : workspaces_) sums.slope.add(work->slope);
    return sums;
  }

  void start_measure(DeviceRows& shard, const Point& point) override {
    at(shard, point, sum_loss_and_hits);
    own(shard).set_measured(loss_and_hits());
  }

  LossAndHits measured(const DeviceRows& shard) override {
    return static_cast<const CpuRows&>(shard).measured();
  }

  void logits(DeviceRows& shard, const Point& point, std::span<double> out) override {
    const std::size_t classes = network_.classes();
    at(shard, point, [&](int, Workspace& work, const typename CpuRows::Chunk& chunk) {
      std::ranges::copy(work.upper_layers.logits(chunk.rows),
                        out.subspan(chunk.first * classes).begin());
    });
  }

  void start_gradient(DeviceRows& shard, const Point& point) override {
    const double feature_scale = own(shard).data().feature_scale();
    if (options_.deterministic || first_layer_->needs_splits())
      splits_.hold_at(parameters_at(point), own(shard).facts(), feature_scale);
    if (options_.transposed_features)
      own(shard).hold_transposed([&](const data::HostBlock& rows) {
        return first_layer_->transposed(rows, options_.threads);
      });
    first_layer_->start_gradient(splits_.of_layer(0), feature_scale);
    for (const auto& work : workspaces_)
      for (LayerSums& sums : work->gradient) sums.clear();
    const auto pull_back = [&](int thread, Workspace& work, const typename CpuRows::Chunk& chunk) {
      const std::span<const double> delta =
          work.upper_layers.backward(chunk.rows, splits_, work.gradient);
      first_layer_->add_gradient(thread, chunk.features(), delta);
    };
    const auto finish = [&](int thread) { first_layer_->finish_gradient(thread); };
    move_to(point);
    if (const typename CpuRows::Trial* trial = own(shard).trial_at(point)) {
      for_each_chunk_of_features(
          shard,
          [&](int thread, const typename CpuRows::Chunk& chunk) {
            Workspace& work = workspace(thread);
            work.upper_layers.work_in(chunk.rows, chunk.kept);
            pull_back(thread, work, chunk);
          },
          finish);
      return own(shard).set_measured(trial->sums);
    }
    for_each_chunk_of_features(
        shard,
        [&](int thread, const typename CpuRows::Chunk& chunk) {
          Workspace& work = forward(thread, point, chunk);
          sum_loss_and_hits(thread, work, chunk);
          pull_back(thread, work, chunk);
        },
        finish);
    own(shard).set_measured(loss_and_hits());
  }

  using FullBatchDevice::penalty_dots;
  void start_penalty_dots(const Vector& theta, const Vector* direction) override {
    PenaltyDots dots;
    for_each_weight_row([&](std::size_t first, std::size_t count) {
      const auto W = elements(theta).subspan(first, count);
      dots.weights_weights += kernels::fixed_order_dot(W, W);
      if (direction == nullptr) return;
      const auto V = elements(*direction).subspan(first, count);
      dots.weights_direction += kernels::fixed_order_dot(W, V);
      dots.direction_direction += kernels::fixed_order_dot(V, V);
    });
    penalty_dots_ = dots;
  }
  PenaltyDots penalty_dots() override { return penalty_dots_; }

  void finish_gradient(const Point& point, double scale, double penalty,
                       Vector& gradient) override {
    const std::span<double> out = elements(gradient);
    collect_gradient(out);
    const std::span<const double> theta = elements(point.theta);
    const std::span<const double> direction = direction_of(point);
    for (const network::Layer& layer : network_.layers)
      for (std::size_t j = 0; j < layer.outputs; ++j)
        out[layer.offset + j * layer.row_length()] *= scale;
    for_each_weight_row([&](std::size_t first, std::size_t count) {
      kernels::scale_and_penalise(scale, penalty, theta.subspan(first, count),
                                  direction.empty() ? direction : direction.subspan(first, count),
                                  point.step, out.subspan(first, count));
    });
  }

 private:
  /// The rounded sums G over all ranks.
  void collect_gradient(std::span<double> out) {
    first_layer_->collect_gradient(sum_, out);
    std::vector<LayerSums>& sums = workspaces_.front()->gradient;
    for (std::size_t l = 1; l < network_.layers.size(); ++l) {
      for (std::size_t thread = 1; thread < workspaces_.size(); ++thread)
        sums[l - 1].add(workspaces_[thread]->gradient[l - 1]);
      sum_(sums[l - 1].flat());
      const network::Layer& layer = network_.layers[l];
      sums[l - 1].round_to(out.subspan(layer.offset, layer.size()));
    }
  }

  void make_workspaces(std::size_t chunk_rows) {
    first_layer_->reserve(options_.threads, chunk_rows);
    workspaces_.clear();
    for (int thread = 0; thread < options_.threads; ++thread)
      workspaces_.push_back(std::make_unique<Workspace>(network_, upper_parameters_, chunk_rows,
                                                        options_.deterministic));
  }

  template <class Work>
  void for_each_chunk(DeviceRows& shard, Work&& work) {
    cpu::for_each_chunk(own(shard), options_.threads, std::forward<Work>(work));
  }
  template <class Work, class Finish>
  void for_each_chunk_of_features(DeviceRows& shard, Work&& work, Finish&& finish) {
    cpu::for_each_chunk_of_features(own(shard), options_.threads, std::forward<Work>(work),
                                    std::forward<Finish>(finish));
  }
  template <class Work>
  void for_each_chunk_of_features(DeviceRows& shard, Work&& work) {
    for_each_chunk_of_features(shard, std::forward<Work>(work), [](int) {});
  }

  Workspace& workspace(int thread) { return *workspaces_[static_cast<std::size_t>(thread)]; }

  /// Moves the upper layers to `point`, and sets the scalar sums to zero.
  void move_to(const Point& point) {
    upper_parameters_.move_to(elements(point.theta), direction_of(point), point.step);
    for (const auto& own_work : workspaces_) {
      own_work->loss = own_work->slope = {};
      own_work->hits = 0;
    }
  }

  /// Runs the forward pass of the upper layers at `point`, then work(thread, workspace, chunk), on
  /// each chunk; sets the scalar sums to zero first.
  template <class Work>
  void at(DeviceRows& shard, const Point& point, Work&& work) {
    move_to(point);
    for_each_chunk(shard, [&](int thread, const typename CpuRows::Chunk& chunk) {
      work(thread, forward(thread, point, chunk), chunk);
    });
  }

  /// Runs the forward pass of the upper layers over a chunk, and returns the thread's workspace.
  Workspace& forward(int thread, const Point& point, const typename CpuRows::Chunk& chunk) {
    Workspace& own_work = workspace(thread);
    own_work.upper_layers.work_in(chunk.rows, {});
    own_work.upper_layers.forward(
        chunk.Z, point.direction != nullptr ? chunk.D : std::span<double>(), chunk.rows);
    return own_work;
  }

  static void sum_loss_and_hits(int, Workspace& work, const typename CpuRows::Chunk& chunk) {
    work.loss.add(work.upper_layers.loss(chunk.labels));
    work.hits += work.upper_layers.hits(chunk.labels);
  }

  [[nodiscard]] LossAndHits loss_and_hits() const {
    LossAndHits sums;
    for (const auto& work : workspaces_) {
      sums.loss.add(work->loss);
      sums.hits += work->hits;
    }
    return sums;
  }

  /// theta + step * direction, for the bounds.
  [[nodiscard]] std::span<const double> parameters_at(const Point& point) {
    const std::span<const double> theta = elements(point.theta);
    if (point.direction == nullptr) return theta;
    moved_.resize(theta.size());
    kernels::move_along<double>(theta, elements(*point.direction), point.step, moved_);
    return moved_;
  }

  /// Calls work(first, count) for the weights of each unit, which follow its bias in theta.
  template <class Work>
  void for_each_weight_row(Work&& work) const {
    for (const network::Layer& layer : network_.layers)
      for (std::size_t j = 0; j < layer.outputs; ++j)
        work(layer.offset + j * layer.row_length() + 1, layer.inputs);
  }

  static CpuRows& own(DeviceRows& shard) { return static_cast<CpuRows&>(shard); }

  network::Network network_;
  HostSpace space_;
  SumOverRanks sum_;
  DeviceOptions options_;
  std::unique_ptr<FirstLayer> first_layer_;
  network::GradientSplits splits_;
  UpperParameters<Real> upper_parameters_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;  ///< one per thread
  std::vector<double> moved_;
  PenaltyDots penalty_dots_;
};

}  // namespace
}  // namespace cpu

std::unique_ptr<FullBatchDevice> make_cpu_device(network::Network network, SumOverRanks sum,
                                                 const DeviceOptions& options) {
  if (options.precision == config::Precision::mixed)
    return std::make_unique<cpu::CpuDevice<float>>(std::move(network), std::move(sum), options);
  return std::make_unique<cpu::CpuDevice<double>>(std::move(network), std::move(sum), options);
}

}  // namespace annmpi::device
