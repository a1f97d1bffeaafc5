#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "device/cpu/full_batch/thread_sums.hpp"
#include "device/cpu/gemm/blas.hpp"
#include "device/cpu/gemm/matrix_product.hpp"
#include "device/cpu/gemm/wide_layer.hpp"
#include "device/cpu/gemm/wide_sums.hpp"
#include "device/cpu/layers/first_layer.hpp"
#include "device/cpu/rows/stored_features.hpp"
#include "device/cpu/simd/aligned_vector.hpp"

namespace annmpi::device::cpu {
namespace {

using kernels::AlignedVector;

/// BLAS in doubles, or in floats for mixed precision, on tiles converted from the stored features.
template <class Real>
class WideFirstLayer final : public FirstLayer {
 public:
  WideFirstLayer(const network::Layer& layer, const FirstLayerOptions& options)
      : layer_(layer),
        options_(options),
        bias_(layer.outputs),
        weights_(layer.outputs * layer.inputs) {
    blas();
  }

  void reserve(int threads, std::size_t rows) override {
    threads_.clear();
    for (int thread = 0; thread < threads; ++thread) threads_.emplace_back(layer_, options_, rows);
  }

  void prepare_forward(std::span<const double> parameters, double feature_scale) override {
    for (std::size_t j = 0; j < layer_.outputs; ++j) {
      const std::span<const double> row =
          parameters.subspan(j * layer_.row_length(), layer_.row_length());
      bias_[j] = row[0];
      for (std::size_t c = 0; c < layer_.inputs; ++c)
        weights_[j * layer_.inputs + c] = static_cast<Real>(feature_scale * row[1 + c]);
    }
  }

  void forward(int thread, const FeatureRows& X, std::span<double> out) override {
    const std::size_t rows = X.rows;
    Thread& own = threads_[static_cast<std::size_t>(thread)];
    Real* products = nullptr;
    if constexpr (std::is_same_v<Real, double>)
      products = out.data();
    else
      products = own.of_units.data();
    set_product_nt<Real>(rows, layer_.outputs, layer_.inputs, features(own, X),
                         {weights_.data(), layer_.inputs}, {products, layer_.outputs});
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < layer_.outputs; ++j)
        out[i * layer_.outputs + j] =
            static_cast<double>(products[i * layer_.outputs + j]) + bias_[j];
  }

  [[nodiscard]] bool needs_splits() const override { return options_.exact; }

  void start_gradient(std::span<const network::UnitSplit> splits, double feature_scale) override {
    splits_.assign(splits.begin(), splits.end());
    feature_scale_ = feature_scale;
    for (Thread& thread : threads_) thread.sums.clear();
  }

  void add_gradient(int thread, const FeatureRows& X, std::span<const double> delta) override {
    const std::size_t rows = X.rows;
    Thread& own = threads_[static_cast<std::size_t>(thread)];
    const Real* factors = nullptr;
    if constexpr (std::is_same_v<Real, double>) {
      factors = delta.data();
    } else {
      kernels::convert(delta.first(rows * layer_.outputs), own.of_units);
      factors = own.of_units.data();
    }
    own.sums.add_chunk(rows, features(own, X), delta, factors, splits_);
  }

  void finish_gradient(int) override {}

  void collect_gradient(const SumOverRanks& sum, std::span<double> gradient) override {
    sum(sum_of_threads(threads_, [](auto& thread) { return thread.sums.flat(); }));
    threads_.front().sums.round_to(gradient.first(layer_.size()), feature_scale_);
  }

 private:
  struct Thread {
    Thread(const network::Layer& layer, const FirstLayerOptions& options, std::size_t rows)
        : tile(rows * layer.inputs),
          of_units(std::is_same_v<Real, double> ? 0 : rows * layer.outputs),
          sums(layer, options.exact, options.lows) {}
    AlignedVector<Real> tile;      ///< features [rows, inputs]
    AlignedVector<Real> of_units;  ///< pre-activations or delta [rows, outputs], mixed precision
    WideSums<Real> sums;
  };

  /// Features as Reals: in place if stored as such, else in a converted tile.
  Matrix<const Real> features(Thread& own, const FeatureRows& from) {
    const Real* found = own.tile.data();
    with_stored_rows(from.shard, from.first, from.rows, [&]<class T>(std::span<const T> X) {
      if constexpr (std::is_same_v<T, Real>)
        found = X.data();
      else
        kernels::convert(X, own.tile);
    });
    return {found, layer_.inputs};
  }

  network::Layer layer_;
  FirstLayerOptions options_;
  std::vector<double> bias_;
  AlignedVector<Real> weights_;  ///< [outputs, inputs], the feature scale folded in
  std::vector<network::UnitSplit> splits_;
  std::vector<Thread> threads_;
  double feature_scale_ = 1;
};

}  // namespace

std::unique_ptr<FirstLayer> make_wide_first_layer(const network::Layer& layer,
                                                  const FirstLayerOptions& options) {
  if (options.precision == config::Precision::mixed)
    return std::make_unique<WideFirstLayer<float>>(layer, options);
  return std::make_unique<WideFirstLayer<double>>(layer, options);
}

}  // namespace annmpi::device::cpu
