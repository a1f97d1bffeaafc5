#include "device/cuda/full_batch/cuda_device.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

#include "device/cuda/full_batch/cuda_space.hpp"
#include "device/cuda/full_batch/elementwise.hpp"
#include "device/cuda/gemm/product_self_test.hpp"
#include "device/cuda/layers/bounds.hpp"
#include "device/cuda/layers/finish.hpp"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/layers/layer_table.hpp"
#include "device/cuda/layers/upper_layers.hpp"
#include "device/cuda/rows/cuda_rows.hpp"
#include "device/cuda/rows/gpu_rows.hpp"
#include "device/cuda/runtime/completion_flags.hpp"

namespace annmpi::device::cuda {
namespace {

using device::Point;

/// Maximum size of the buffer of deltas between the upper layers and the first one.
constexpr long long most_delta_bytes = 256LL << 20;

CudaRows& own(device::DeviceRows& shard) {
  return static_cast<CudaRows&>(shard);
}

DevicePoint on_device(const Point& point) {
  return {elements(point.theta), point.direction != nullptr ? elements(*point.direction) : nullptr,
          point.step};
}

class CudaDevice final : public device::FullBatchDevice {
 public:
  CudaDevice(network::Network network, std::unique_ptr<DeviceSums> sums,
             const device::DeviceOptions& options, std::string name)
      : name_(std::move(name)),
        layers_(layer_table(network)),
        activation_(network.activation),
        largest_delta_(rules::largest_delta(network.output)),
        sums_(std::move(sums)),
        flags_(stream_, [this] { sums_->wait(stream_); }),
        space_(network.parameters(), stream_, flags_),
        splits_(static_cast<std::size_t>(layers_.units)) {
    const LayerShape& first = layers_.layers[0];
    const FirstLayerShape shape{first.outputs, first.inputs};
    const bool integers = options.bytes && suits_integers(shape, options.training_rows);
    const bool mixed = options.precision == config::Precision::mixed;
    const bool few_units = shape.units <= most_narrow_units;
    if (!(integers || few_units) || !upper_way(layers_, 1).narrow) blas_.emplace(stream_);
    first_layer_ = integers    ? make_byte_first_layer(shape, mixed ? 4 : 8, stream_)
                   : few_units ? make_narrow_first_layer(shape, options.training_rows, stream_)
                               : make_converting_first_layer(shape, mixed, *blas_, stream_);
    upper_layers_.emplace(layers_, activation_, network.output, blas_ ? &*blas_ : nullptr, stream_);
  }

  [[nodiscard]] std::string description() const override { return with_sums(name_, *sums_); }

  [[nodiscard]] std::uint64_t fingerprint() const override {
    return (blas_ ? blas_fingerprint(*blas_, stream_) : 0) ^ first_layer_->fingerprint();
  }

  [[nodiscard]] const VectorSpace& space() const override { return space_; }

  [[nodiscard]] std::unique_ptr<device::DeviceRows> receive(
      const device::RowsToCome& rows, const device::ReadBlock& read) override {
    return std::make_unique<CudaRows>(receive_on_gpu(rows, read));
  }
  [[nodiscard]] std::unique_ptr<device::DeviceRows> take(data::LocalSet rows) override {
    return std::make_unique<CudaRows>(std::move(rows), stream_, [this] { sums_->wait(stream_); });
  }
  void complete(device::DeviceRows& rows, const data::SetFacts& facts) override {
    CudaRows& its = own(rows);
    its.complete(facts, width());
    const RowView all = its.view();
    upper_layers_->reserve(all.rows, all.chunk_rows);
    its.sums().pieces.reserve(
        static_cast<std::size_t>(upper_layers_->pieces(all.rows, all.chunk_rows)));
    delta_.reserve(static_cast<std::size_t>(std::min(all.rows, group_rows(all.chunk_rows))) *
                   static_cast<std::size_t>(width()));
  }

  void project(device::DeviceRows& shard, const Vector& theta) override {
    multiply(own(shard), elements(theta), own(shard).Z());
  }
  using FullBatchDevice::aim;
  void aim(std::span<device::DeviceRows* const> shards, const Vector& direction) override {
    if (shards.size() == 2 && aim_together(own(*shards[0]), own(*shards[1]), elements(direction)))
      return;
    for (device::DeviceRows* const shard : shards)
      multiply(own(*shard), elements(direction), own(*shard).D());
  }
  void move(double step, const Vector& direction, Vector& theta,
            std::span<device::DeviceRows* const> shards) override {
    Moves moves;
    if (shards.size() >= std::size(moves.parts))
      throw std::logic_error("more sets of rows than one launch can move");
    moves.parts[0] = {elements(theta), elements(direction),
                      static_cast<long long>(space_.dimension()), Rounding::twice};
    for (std::size_t i = 0; i < shards.size(); ++i) {
      const CudaRows& its = own(*shards[i]);
      moves.parts[i + 1] = {its.Z(), its.D(), its.carried_size(), Rounding::once};
    }
    move_all(moves, step, stream_);
  }

  device::LossAndSlope probe(device::DeviceRows& shard, const Point& point) override {
    CudaRows& its = own(shard);
    if (const RowView rows = its.view(); rows.rows > 0)
      upper_layers_->probe(rows, on_device(point), sums_with_flag(its));
    device::LossAndSlope sums;
    for (const ChunkSums& piece : sums_of(its)) {
      sums.loss.add(piece.loss);
      sums.slope.add(piece.slope);
    }
    return sums;
  }

  void start_measure(device::DeviceRows& shard, const Point& point) override {
    CudaRows& its = own(shard);
    if (const RowView rows = its.view(); rows.rows > 0)
      upper_layers_->measure(rows, on_device(point), sums_with_flag(its));
  }

  [[nodiscard]] device::LossAndHits measured(const device::DeviceRows& shard) override {
    device::LossAndHits sums;
    for (const ChunkSums& piece : sums_of(static_cast<const CudaRows&>(shard))) {
      sums.loss.add(piece.loss);
      sums.hits += piece.hits;
    }
    return sums;
  }

  void logits(device::DeviceRows& shard, const Point& point, std::span<double> out) override {
    const DeviceBuffer<double> z(out.size());
    upper_layers_->logits(own(shard).view(), on_device(point), z.data());
    copy(z.data(), out.data(), out.size(), cudaMemcpyDeviceToHost, stream_);
    sums_->wait(stream_);
  }

  void start_gradient(device::DeviceRows& shard, const Point& point) override {
    CudaRows& its = own(shard);
    feature_scale_ = its.feature_scale();
    const DevicePoint where = on_device(point);
    bound_units(layers_, activation_, where, bound_facts(its), splits_.data(),
                first_layer_->slice_start(), stream_);
    first_layer_->start(splits_.data());
    upper_layers_->start();
    its.for_each_block([&](const Features& block, long long first) {
      const long long most = group_rows(block.chunk_rows);
      for (long long row = 0; row < block.rows; row += most) {
        Features group = block;
        group.rows = std::min(most, block.rows - row);
        group.data = static_cast<const std::byte*>(block.data) +
                     static_cast<std::size_t>(row) * block.row_bytes();
        const RowView rows = its.view(first + row, group.rows);
        const bool is_last = first + row + group.rows == its.view().rows;
        upper_layers_->add_gradient(
            rows, first + row, where, splits_.data(), delta_.data(),
            is_last ? sums_with_flag(its) : PieceSums{its.sums().pieces.data(), {}});
        first_layer_->add(group, delta_.data());
      }
    });
  }

  void finish_gradient(const Point& point, double scale, double penalty,
                       Vector& gradient) override {
    if (const auto sums = first_layer_->integer_sums(); !sums.empty())
      sums_->sum(sums.data(), sums.size(), stream_);
    if (const auto sums = first_layer_->double_sums(); !sums.empty())
      sums_->sum(sums.data(), sums.size(), stream_);
    if (upper_layers_->gradient_size() > 0)
      sums_->sum(upper_layers_->gradient(), upper_layers_->gradient_size(), stream_);
    first_layer_->finish({upper_layers_->take_gradient(), layers_, on_device(point), scale, penalty,
                          elements(gradient)},
                         feature_scale_);
  }

  using FullBatchDevice::penalty_dots;
  void start_penalty_dots(const Vector& theta, const Vector* direction) override {
    space_.start_weight_dots(layers_, elements(theta),
                             direction != nullptr ? elements(*direction) : nullptr);
  }
  [[nodiscard]] device::PenaltyDots penalty_dots() override {
    const std::span<const double> dots = space_.weight_dots();
    if (dots.size() < 3) return {dots[0], 0, 0};
    return {dots[0], dots[1], dots[2]};
  }

 private:
  [[nodiscard]] int width() const { return layers_.layers[0].outputs; }

  /// Rows per delta buffer, whole chunks: their deltas are computed before the features are read.
  [[nodiscard]] long long group_rows(long long chunk_rows) const {
    const long long most = most_delta_bytes / (static_cast<long long>(sizeof(double)) * width());
    return std::max(1LL, most / chunk_rows) * chunk_rows;
  }

  void multiply(CudaRows& shard, const double* parameters, double* to) {
    first_layer_->prepare(parameters, shard.feature_scale());
    shard.for_each_block([&](const Features& block, long long first) {
      first_layer_->forward(block, to + first * width());
    });
  }

  /// Prepares the first layer once, and multiplies both sets where possible in one launch. Returns
  /// false if a set is streamed or the feature scales differ.
  [[nodiscard]] bool aim_together(CudaRows& shard, CudaRows& other, const double* parameters) {
    const std::optional<Features> X = shard.features(), other_X = other.features();
    if (!X || !other_X || shard.feature_scale() != other.feature_scale()) return false;
    first_layer_->prepare(parameters, shard.feature_scale());
    first_layer_->forward(*X, shard.D(), *other_X, other.D());
    return true;
  }

  /// Arguments of the kernel that completes the sums over a shard.
  [[nodiscard]] PieceSums sums_with_flag(CudaRows& shard) {
    const CompletionFlag report = flags_.next();
    shard.sums().report = report.number;
    return {shard.sums().pieces.data(), report};
  }

  /// Waits for the last kernel over the shard, and returns its sums.
  [[nodiscard]] std::span<const ChunkSums> sums_of(const CudaRows& shard) const {
    flags_.wait_for(shard.sums().report);
    const RowView rows = shard.view();
    return shard.sums().pieces.values().first(
        static_cast<std::size_t>(upper_layers_->pieces(rows.rows, rows.chunk_rows)));
  }

  [[nodiscard]] BoundFacts bound_facts(const CudaRows& shard) const {
    const auto chunk_rows = static_cast<long long>(shard.facts().chunk_rows);
    const auto partial = [&](long long rows) {
      const auto in_a_chunk = static_cast<std::uint64_t>((chunk_rows + rows - 1) / rows);
      return PartialSums{static_cast<double>(rows), shard.facts().chunks * in_a_chunk};
    };
    const PartialSums first = partial(first_layer_->partial_rows(chunk_rows));
    return {shard.facts().largest_feature,
            shard.feature_scale(),
            largest_delta_,
            first_layer_->sums_in_floats() ? 1 + first.rows * 0x1p-22 : 1.0,
            first,
            partial(upper_way(layers_, chunk_rows).partial_rows)};
  }

  std::string name_;
  LayerTable layers_;
  rules::Activation activation_;
  double largest_delta_;  ///< of the last layer
  Stream stream_;
  std::unique_ptr<DeviceSums> sums_;
  CompletionFlags flags_;
  CudaSpace space_;
  std::optional<Blas> blas_;  ///< empty if no layer uses cuBLAS
  std::unique_ptr<FirstLayer> first_layer_;
  std::optional<UpperLayers> upper_layers_;
  DeviceBuffer<network::UnitSplit> splits_;
  DeviceBuffer<double> delta_;  ///< delta_1 of a group of rows
  double feature_scale_ = 1;    ///< of the rows in the sums
};

}  // namespace

std::unique_ptr<device::FullBatchDevice> make_cuda_device(network::Network network,
                                                          std::unique_ptr<DeviceSums> sums,
                                                          const device::DeviceOptions& options,
                                                          std::string name) {
  return std::make_unique<CudaDevice>(std::move(network), std::move(sums), options,
                                      std::move(name));
}

}  // namespace annmpi::device::cuda
