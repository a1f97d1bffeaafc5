#include "cuda/cuda_device.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cuda/blas_self_test.hpp"
#include "cuda/bounds.hpp"
#include "cuda/cuda_shard.hpp"
#include "cuda/cuda_space.hpp"
#include "cuda/elementwise.hpp"
#include "cuda/first_layer.hpp"
#include "cuda/kinds.hpp"
#include "cuda/layer_table.hpp"
#include "cuda/upper_layers.hpp"

namespace annmpi::cuda {
namespace {

using model::Point;

/// Of deltas that are on their way from the upper layers to the first one.
constexpr long long most_delta_bytes = 256LL << 20;

CudaShard& own(model::DeviceShard& shard) {
  return static_cast<CudaShard&>(shard);
}

DevicePoint on_device(const Point& point) {
  return {elements(point.theta), point.direction != nullptr ? elements(*point.direction) : nullptr,
          point.step};
}

class CudaDevice final : public model::Device {
 public:
  CudaDevice(model::Network network, std::unique_ptr<DeviceSums> sums,
             const model::GpuOptions& options, std::string name)
      : name_(std::move(name)),
        layers_(layer_table(network)),
        unit_(unit_of(network.activation)),
        sums_(std::move(sums)),
        space_(network.parameters(), stream_, [this] { sums_->wait(stream_); }),
        splits_(static_cast<std::size_t>(layers_.units)) {
    const LayerShape& first = layers_.layers[0];
    const FirstLayerShape shape{first.outputs, first.inputs};
    const bool integers = options.bytes && suits_integers(shape, options.training_rows);
    const bool mixed = options.precision == model::Precision::mixed;
    if (!integers || !upper_way(layers_, 1).narrow) blas_.emplace(stream_);
    first_layer_ = integers ? make_byte_first_layer(shape, mixed ? 4 : 8, stream_)
                            : make_converting_first_layer(shape, mixed, *blas_, stream_);
    upper_layers_.emplace(layers_, unit_, output_of(network.output), blas_ ? &*blas_ : nullptr,
                          stream_);
  }

  [[nodiscard]] std::string description() const override {
    const std::string sums = sums_->description();
    return sums.empty() ? name_ : fmt::format("{}, sums by {}", name_, sums);
  }

  [[nodiscard]] std::uint64_t fingerprint() const override {
    return blas_ ? blas_fingerprint(*blas_, stream_) : 0;
  }

  [[nodiscard]] const VectorSpace& space() const override { return space_; }

  void upload(std::span<const double> from, Vector& to) const override {
    copy(from.data(), elements(to), from.size(), cudaMemcpyHostToDevice, stream_);
    sums_->wait(stream_);
  }
  void download(const Vector& from, std::span<double> to) const override {
    copy(elements(from), to.data(), to.size(), cudaMemcpyDeviceToHost, stream_);
    sums_->wait(stream_);
  }

  [[nodiscard]] std::unique_ptr<model::DeviceShard> hold(data::RowSource rows,
                                                         const model::SetFacts& facts) override {
    auto held = std::make_unique<CudaShard>(width(), std::move(rows), facts, stream_,
                                            [this] { sums_->wait(stream_); });
    const RowView all = held->view();
    upper_layers_->reserve(all.rows, all.chunk_rows);
    delta_.reserve(static_cast<std::size_t>(std::min(all.rows, group_rows(all.chunk_rows))) *
                   static_cast<std::size_t>(width()));
    return held;
  }

  void project(model::DeviceShard& shard, const Vector& theta) override {
    multiply(own(shard), elements(theta), own(shard).Z());
  }
  void aim(model::DeviceShard& shard, const Vector& direction) override {
    multiply(own(shard), elements(direction), own(shard).D());
  }
  void advance(model::DeviceShard& shard, double step) override {
    CudaShard& its = own(shard);
    move_along(Rounding::once, its.Z(), its.D(), step, its.Z(), its.carried_size(), stream_);
  }

  model::LossAndSlope probe(model::DeviceShard& shard, const Point& point) override {
    upper_layers_->probe(own(shard).view(), on_device(point));
    sums_->wait(stream_);
    model::LossAndSlope sums;
    for (const ChunkSums& piece : sums_of(own(shard))) {
      sums.loss.add(piece.loss);
      sums.slope.add(piece.slope);
    }
    return sums;
  }

  model::LossAndHits measure(model::DeviceShard& shard, const Point& point) override {
    upper_layers_->measure(own(shard).view(), on_device(point));
    return loss_and_hits(own(shard));
  }

  void logits(model::DeviceShard& shard, const Point& point, std::span<double> out) override {
    const DeviceBuffer<double> z(out.size());
    upper_layers_->logits(own(shard).view(), on_device(point), z.data());
    copy(z.data(), out.data(), out.size(), cudaMemcpyDeviceToHost, stream_);
    sums_->wait(stream_);
  }

  model::LossAndHits sum_gradient(model::DeviceShard& shard, const Point& point) override {
    CudaShard& its = own(shard);
    feature_scale_ = its.feature_scale();
    const DevicePoint where = on_device(point);
    bound_units(layers_, unit_, where, bound_facts(its), splits_.data(), stream_);
    first_layer_->start(splits_.data());
    upper_layers_->start();
    its.for_each_block([&](const Features& block, long long first) {
      const long long most = group_rows(block.chunk_rows);
      for (long long row = 0; row < block.rows; row += most) {
        Features group = block;
        group.rows = std::min(most, block.rows - row);
        group.data = static_cast<const std::byte*>(block.data) +
                     static_cast<std::size_t>(row) * block.row_bytes();
        upper_layers_->add_gradient(its.view(first + row, group.rows), first + row, where,
                                    splits_.data(), delta_.data());
        first_layer_->add(group, delta_.data());
      }
    });
    return loss_and_hits(its);
  }

  void collect_gradient(Vector& gradient) override {
    if (const auto sums = first_layer_->integer_sums(); !sums.empty())
      sums_->sum(sums.data(), sums.size(), stream_);
    if (const auto sums = first_layer_->double_sums(); !sums.empty())
      sums_->sum(sums.data(), sums.size(), stream_);
    if (upper_layers_->gradient_size() > 0)
      sums_->sum(upper_layers_->gradient(), upper_layers_->gradient_size(), stream_);
    first_layer_->round_to(elements(gradient), feature_scale_);
    upper_layers_->round_to(elements(gradient));
  }

  [[nodiscard]] model::PenaltyDots penalty_dots(const Vector& theta,
                                                const Vector* direction) const override {
    std::array<double, 3> dots{};
    space_.weight_dots(layers_, elements(theta),
                       direction != nullptr ? elements(*direction) : nullptr, dots);
    return {dots[0], dots[1], dots[2]};
  }

  void finish_gradient(const Point& point, double scale, double penalty,
                       Vector& gradient) const override {
    cuda::finish_gradient(layers_, on_device(point), scale, penalty, elements(gradient), stream_);
  }

 private:
  [[nodiscard]] int width() const { return layers_.layers[0].outputs; }

  /// Rows whose deltas are computed before the features are read: whole chunks.
  [[nodiscard]] long long group_rows(long long chunk_rows) const {
    const long long most = most_delta_bytes / (static_cast<long long>(sizeof(double)) * width());
    return std::max(1LL, most / chunk_rows) * chunk_rows;
  }

  void multiply(CudaShard& shard, const double* parameters, double* to) {
    first_layer_->prepare(parameters, shard.feature_scale());
    shard.for_each_block([&](const Features& block, long long first) {
      first_layer_->forward(block, to + first * width());
    });
  }

  [[nodiscard]] std::span<const ChunkSums> sums_of(const CudaShard& shard) const {
    return upper_layers_->sums(shard.view().rows, shard.view().chunk_rows);
  }

  [[nodiscard]] model::LossAndHits loss_and_hits(const CudaShard& shard) const {
    sums_->wait(stream_);
    model::LossAndHits sums;
    for (const ChunkSums& piece : sums_of(shard)) {
      sums.loss.add(piece.loss);
      sums.hits += piece.hits;
    }
    return sums;
  }

  [[nodiscard]] BoundFacts bound_facts(const CudaShard& shard) const {
    const auto chunk_rows = static_cast<long long>(shard.facts().chunk_rows);
    const auto partial = [&](long long rows) {
      const auto in_a_chunk = static_cast<std::uint64_t>((chunk_rows + rows - 1) / rows);
      return PartialSums{static_cast<double>(rows), shard.facts().chunks * in_a_chunk};
    };
    const PartialSums first = partial(first_layer_->partial_rows(chunk_rows));
    return {shard.facts().largest_feature, shard.feature_scale(),
            first_layer_->sums_in_floats() ? 1 + first.rows * 0x1p-22 : 1.0, first,
            partial(upper_way(layers_, chunk_rows).partial_rows)};
  }

  std::string name_;
  LayerTable layers_;
  Unit unit_;
  Stream stream_;
  std::unique_ptr<DeviceSums> sums_;
  CudaSpace space_;
  std::optional<Blas> blas_;  ///< where anything is multiplied by it
  std::unique_ptr<FirstLayer> first_layer_;
  std::optional<UpperLayers> upper_layers_;
  DeviceBuffer<model::UnitSplit> splits_;
  DeviceBuffer<double> delta_;  ///< delta_1 of a group of rows
  double feature_scale_ = 1;    ///< of the rows that the sums are made of
};

}  // namespace

std::unique_ptr<model::Device> make_cuda_device(model::Network network,
                                                std::unique_ptr<DeviceSums> sums,
                                                const model::GpuOptions& options,
                                                std::string name) {
  return std::make_unique<CudaDevice>(std::move(network), std::move(sums), options,
                                      std::move(name));
}

}  // namespace annmpi::cuda
