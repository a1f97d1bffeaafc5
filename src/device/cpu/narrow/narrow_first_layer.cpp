#include <utility>
#include <vector>

#include "device/cpu/full_batch/thread_sums.hpp"
#include "device/cpu/layers/first_layer.hpp"
#include "device/cpu/narrow/narrow_backward.hpp"
#include "device/cpu/narrow/narrow_forward.hpp"
#include "device/cpu/rows/stored_features.hpp"

namespace annmpi::device::cpu {
namespace {

using kernels::Summation;

/// Kernels that convert the features in registers, one chunk in the second-level cache at a time.
class NarrowFirstLayer final : public FirstLayer {
 public:
  NarrowFirstLayer(const network::Layer& layer, const FirstLayerOptions& options)
      : layer_(layer),
        summation_(!options.exact ? Summation::plain
                   : options.lows ? Summation::exact
                                  : Summation::exact_highs),
        weights_(layer.outputs, layer.inputs, options.precision),
        weight_splits_(layer.outputs),
        bias_splits_(layer.outputs) {}

  void reserve(int threads, std::size_t rows) override {
    threads_.clear();
    for (int thread = 0; thread < threads; ++thread)
      threads_.emplace_back(layer_, weights_.precision(), summation_, rows);
  }

  void prepare_forward(std::span<const double> parameters, double feature_scale) override {
    weights_.pack(parameters.first(layer_.size()), feature_scale);
  }

  void forward(int, const FeatureRows& from, std::span<double> out) override {
    with_stored_rows(from.shard, from.first, from.rows,
                     [&](auto X) { kernels::narrow_forward(X, from.rows, weights_, out); });
  }

  [[nodiscard]] bool needs_splits() const override { return summation_ != Summation::plain; }

  void start_gradient(std::span<const network::UnitSplit> splits, double feature_scale) override {
    feature_scale_ = feature_scale;
    for (std::size_t j = 0; j < splits.size(); ++j) {
      weight_splits_[j] = splits[j].weights;
      bias_splits_[j] = splits[j].bias;
    }
    for (Thread& thread : threads_) thread.sums.start(weight_splits_, bias_splits_);
  }

  void add_gradient(int thread, const FeatureRows& from, std::span<const double> delta) override {
    Thread& own = threads_[static_cast<std::size_t>(thread)];
    with_stored_rows(from.shard, from.first, from.rows, [&](auto X) {
      kernels::narrow_backward(X, from.rows, delta, own.sums, own.scratch);
    });
  }

  void finish_gradient(int) override {}

  void collect_gradient(const SumOverRanks& sum, std::span<double> gradient) override {
    sum(sum_of_threads(threads_, [](auto& thread) { return thread.sums.flat(); }));
    threads_.front().sums.unpack(feature_scale_, gradient.first(layer_.size()));
  }

 private:
  struct Thread {
    Thread(const network::Layer& layer, config::Precision precision, Summation summation,
           std::size_t rows)
        : sums(layer.outputs, layer.inputs, precision, summation),
          scratch(layer.outputs, rows, precision) {}
    kernels::GradientSums sums;
    kernels::BackwardWorkspace scratch;
  };

  network::Layer layer_;
  Summation summation_;
  kernels::PackedWeights weights_;
  std::vector<exact_sum::Split> weight_splits_;
  std::vector<exact_sum::Split> bias_splits_;
  std::vector<Thread> threads_;
  double feature_scale_ = 1;
};

}  // namespace

std::unique_ptr<FirstLayer> make_narrow_first_layer(const network::Layer& layer,
                                                    const FirstLayerOptions& options) {
  return std::make_unique<NarrowFirstLayer>(layer, options);
}

}  // namespace annmpi::device::cpu
