#include <vector>

#include "device/cpu/full_batch/thread_sums.hpp"
#include "device/cpu/int8/byte_backward.hpp"
#include "device/cpu/int8/byte_forward.hpp"
#include "device/cpu/layers/first_layer.hpp"

namespace annmpi::device::cpu {
namespace {

/// Products of bytes in integers. All sums are exact, asked for or not: exactness is free here.
class ByteFirstLayer final : public FirstLayer {
 public:
  ByteFirstLayer(const network::Layer& layer, const FirstLayerOptions& options)
      : layer_(layer),
        precision_(options.precision),
        weights_(layer.outputs, layer.inputs, options.precision),
        bounds_(layer.outputs) {}

  void reserve(int threads, std::size_t) override {
    threads_.clear();
    for (int thread = 0; thread < threads; ++thread)
      threads_.emplace_back(layer_.outputs, layer_.inputs, precision_);
  }

  void prepare_forward(std::span<const double> parameters, double feature_scale) override {
    weights_.pack(parameters.first(layer_.size()), feature_scale);
  }

  void forward(int, const FeatureRows& X, std::span<double> out) override {
    const std::size_t inputs = layer_.inputs;
    kernels::byte_forward(bytes_of(X.shard).subspan(X.first * inputs, X.rows * inputs), X.rows,
                          weights_, out);
  }

  [[nodiscard]] std::unique_ptr<kernels::TransposedFeatures> transposed(
      const data::HostBlock& shard, int threads) const override {
    const std::span<const std::uint8_t> X = bytes_of(shard);
    auto transposed = std::make_unique<kernels::TransposedFeatures>(shard.rows(), layer_.inputs);
#pragma omp parallel for schedule(static) num_threads(threads)
    for (std::size_t block = 0; block < transposed->blocks(); ++block)
      transposed->transpose(X, block);
    return transposed;
  }

  [[nodiscard]] bool needs_splits() const override {
    return true;
  }

  void start_gradient(std::span<const network::UnitSplit> splits, double feature_scale) override {
    feature_scale_ = feature_scale;
    for (std::size_t j = 0; j < splits.size(); ++j) bounds_[j] = splits[j].delta;
    for (kernels::ByteGradientSums& sums : threads_) sums.start(bounds_);
  }

  void add_gradient(int thread, const FeatureRows& X, std::span<const double> delta) override {
    threads_[static_cast<std::size_t>(thread)].add(bytes_of(X.shard), X.transposed, X.first, X.rows,
                                                   delta);
  }

  void finish_gradient(int thread) override {
    threads_[static_cast<std::size_t>(thread)].finish();
  }

  void collect_gradient(const SumOverRanks& sum, std::span<double> gradient) override {
    sum(sum_of_threads(threads_, [](auto& thread) { return thread.flat(); }));
    threads_.front().round_to(gradient.first(layer_.size()), feature_scale_);
  }

 private:
  [[nodiscard]] static std::span<const std::uint8_t> bytes_of(const data::HostBlock& shard) {
    if (shard.type() != io::ElementType::uint8)
      throw std::logic_error("features are not bytes, as the options promise");
    return shard.features<std::uint8_t>();
  }

  network::Layer layer_;
  config::Precision precision_;
  kernels::SlicedWeights weights_;
  std::vector<double> bounds_;  ///< of the units' deltas
  std::vector<kernels::ByteGradientSums> threads_;
  double feature_scale_ = 1;
};

}  // namespace

std::unique_ptr<FirstLayer> make_byte_first_layer(const network::Layer& layer,
                                                  const FirstLayerOptions& options) {
  return std::make_unique<ByteFirstLayer>(layer, options);
}

}  // namespace annmpi::device::cpu
