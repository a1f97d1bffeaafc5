#include <algorithm>
#include <utility>
#include <vector>

#include "model/cpu/affine.hpp"
#include "model/cpu/first_layer.hpp"
#include "model/cpu/layer_sums.hpp"
#include "model/cpu/stored_features.hpp"

namespace annmpi::model::cpu {
namespace {

/// BLAS on tiles of doubles that are converted from the features as stored.
class WideFirstLayer final : public FirstLayer {
 public:
  WideFirstLayer(const Layer& layer, bool exact) : layer_(layer), exact_(exact) {}

  void reserve(int threads, std::size_t rows) override {
    threads_.clear();
    for (int thread = 0; thread < threads; ++thread)
      threads_.push_back({std::vector<double>(rows * layer_.inputs), LayerSums(layer_, exact_)});
  }

  void prepare_forward(std::span<const double> parameters, double feature_scale) override {
    parameters_ = parameters.first(layer_.size());
    feature_scale_ = feature_scale;
  }

  void forward(int thread, const data::Shard& shard, std::size_t first, std::size_t rows,
               std::span<double> out) override {
    set_bias(layer_, parameters_, rows, out);
    add_product(layer_, feature_scale_, tile(thread, shard, first, rows), parameters_, rows, out);
  }

  void start_gradient(std::span<const UnitSplit> splits, double feature_scale) override {
    splits_.assign(splits.begin(), splits.end());
    feature_scale_ = feature_scale;
    for (Thread& thread : threads_) thread.sums.clear();
  }

  void add_gradient(int thread, const data::Shard& shard, std::size_t first, std::size_t rows,
                    std::span<const double> delta) override {
    LayerSums& sums = threads_[static_cast<std::size_t>(thread)].sums;
    cpu::add_gradient(layer_, tile(thread, shard, first, rows), delta, rows, sums.open_chunk());
    sums.close_chunk(splits_);
  }

  std::span<double> gather_gradient() override {
    for (std::size_t thread = 1; thread < threads_.size(); ++thread)
      threads_.front().sums.add(threads_[thread].sums);
    return threads_.front().sums.flat();
  }

  void round_gradient(std::span<double> gradient) const override {
    threads_.front().sums.round_to(gradient.first(layer_.size()), feature_scale_);
  }

 private:
  struct Thread {
    std::vector<double> tile;
    LayerSums sums;
  };

  std::span<const double> tile(int thread, const data::Shard& shard, std::size_t first,
                               std::size_t rows) {
    std::vector<double>& tile = threads_[static_cast<std::size_t>(thread)].tile;
    with_stored_rows(shard, first, rows, [&](auto X) { std::ranges::copy(X, tile.begin()); });
    return tile;
  }

  Layer layer_;
  bool exact_;
  std::span<const double> parameters_;
  std::vector<UnitSplit> splits_;
  std::vector<Thread> threads_;
  double feature_scale_ = 1;
};

}  // namespace

std::unique_ptr<FirstLayer> make_wide_first_layer(const Layer& layer, bool exact) {
  return std::make_unique<WideFirstLayer>(layer, exact);
}

}  // namespace annmpi::model::cpu
