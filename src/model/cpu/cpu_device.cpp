#include <algorithm>
#include <utility>
#include <vector>

#include <cblas.h>

#include "annmpi/model/device.hpp"

#include "model/cpu/first_layer.hpp"
#include "model/cpu/host_space.hpp"
#include "model/cpu/upper_layers.hpp"

namespace annmpi::model {
namespace cpu {
namespace {

/// A shard with its carried values, and the scratch memory of one chunk.
class CpuShard : public DeviceShard {
 public:
  CpuShard(const Network& network, data::Shard shard, std::size_t chunk_rows)
      : shard_(std::move(shard)),
        width_(network.layers.front().outputs),
        chunk_rows_(std::min<std::size_t>(chunk_rows, std::max<std::size_t>(1, shard_.rows()))),
        carried_(shard_.rows() * width_),
        change_(shard_.rows() * width_),
        first_layer(network.layers.front(), chunk_rows_),
        upper_layers(network, chunk_rows_) {}

  [[nodiscard]] std::uint64_t rows() const override { return shard_.rows(); }
  [[nodiscard]] std::uint64_t bytes() const override {
    return shard_.size_in_bytes() + shard_.labels().size_bytes() +
           (carried_.size() + change_.size()) * sizeof(double);
  }

  /// A run of rows within the shard, and its parts of Z, D and the labels.
  struct Chunk {
    std::size_t first;
    std::size_t rows;
    std::span<double> Z;
    std::span<double> D;
    std::span<const std::int32_t> labels;
  };

  /// Calls work(chunk) for each chunk, first to last.
  template <class Work>
  void for_each_chunk(Work&& work) {
    for (std::size_t first = 0; first < shard_.rows(); first += chunk_rows_) {
      const std::size_t rows = std::min<std::size_t>(chunk_rows_, shard_.rows() - first);
      work(Chunk{first, rows, std::span(carried_).subspan(first * width_, rows * width_),
                 std::span(change_).subspan(first * width_, rows * width_),
                 std::as_const(shard_).labels().subspan(first, rows)});
    }
  }

  [[nodiscard]] const data::Shard& data() const { return shard_; }
  [[nodiscard]] std::span<double> carried() { return carried_; }
  [[nodiscard]] std::span<double> change() { return change_; }

 private:
  data::Shard shard_;
  std::size_t width_;
  std::size_t chunk_rows_;
  std::vector<double> carried_;  ///< Z [rows, n_1]
  std::vector<double> change_;   ///< D [rows, n_1]

 public:
  FirstLayer first_layer;
  UpperLayers upper_layers;
};

CpuShard& own(DeviceShard& shard) {
  return static_cast<CpuShard&>(shard);
}

std::span<const double> direction_of(const Point& point) {
  return point.direction != nullptr ? elements(*point.direction) : std::span<const double>();
}

class CpuDevice : public Device {
 public:
  CpuDevice(Network network, SumOverRanks sum)
      : network_(std::move(network)), space_(network_.parameters()), sum_(std::move(sum)) {
    // Results must not depend on how BLAS would split a product over threads.
    openblas_set_num_threads(1);
  }

  [[nodiscard]] std::string description() const override {
    return fmt::format("CPU, OpenBLAS for {}", openblas_get_corename());
  }

  [[nodiscard]] const VectorSpace& space() const override { return space_; }

  void upload(std::span<const double> from, Vector& to) const override {
    std::ranges::copy(from, elements(to).begin());
  }
  void download(const Vector& from, std::span<double> to) const override {
    std::ranges::copy(elements(from), to.begin());
  }

  [[nodiscard]] std::unique_ptr<DeviceShard> hold(data::Shard shard,
                                                  std::uint64_t chunk_rows) override {
    return std::make_unique<CpuShard>(network_, std::move(shard), chunk_rows);
  }

  void project(DeviceShard& shard, const Vector& theta) override {
    pass_forward(own(shard), elements(theta), own(shard).carried());
  }

  void aim(DeviceShard& shard, const Vector& direction) override {
    pass_forward(own(shard), elements(direction), own(shard).change());
  }

  void advance(DeviceShard& shard, double step) override {
    const std::span<double> Z = own(shard).carried();
    const std::span<const double> D = own(shard).change();
    for (std::size_t i = 0; i < Z.size(); ++i) Z[i] += step * D[i];
  }

  LossAndSlope probe(DeviceShard& shard, const Point& point) override {
    LossAndSlope sums{0, 0};
    at(shard, point, [&](UpperLayers& layers, const CpuShard::Chunk& chunk) {
      sums.loss += layers.loss(chunk.labels);
      sums.slope += layers.slope(chunk.D, chunk.rows);
    });
    return sums;
  }

  LossAndHits measure(DeviceShard& shard, const Point& point) override {
    LossAndHits sums{0, 0};
    at(shard, point, [&](UpperLayers& layers, const CpuShard::Chunk& chunk) {
      sums.loss += layers.loss(chunk.labels);
      sums.hits += layers.hits(chunk.labels);
    });
    return sums;
  }

  void logits(DeviceShard& shard, const Point& point, std::span<double> out) override {
    const std::size_t classes = network_.classes();
    at(shard, point, [&](const UpperLayers& layers, const CpuShard::Chunk& chunk) {
      std::ranges::copy(layers.logits(chunk.rows), out.begin() + chunk.first * classes);
    });
  }

  LossAndHits gradient(DeviceShard& shard, const Point& point, Vector& gradient) override {
    LossAndHits sums{0, 0};
    const std::span<double> out = elements(gradient);
    std::ranges::fill(out, 0.0);
    at(shard, point, [&](UpperLayers& layers, const CpuShard::Chunk& chunk) {
      sums.loss += layers.loss(chunk.labels);
      sums.hits += layers.hits(chunk.labels);
      const std::span<const double> delta = layers.backward(chunk.rows, out);
      own(shard).first_layer.backward(own(shard).data(), chunk.first, chunk.rows, delta, out);
    });
    return sums;
  }

  [[nodiscard]] PenaltyDots penalty_dots(const Vector& theta,
                                         const Vector* direction) const override {
    PenaltyDots dots;
    for_each_weight_row([&](std::size_t first, std::size_t count) {
      const auto W = elements(theta).subspan(first, count);
      dots.weights_weights += dot(W, W);
      if (direction == nullptr) return;
      const auto V = elements(*direction).subspan(first, count);
      dots.weights_direction += dot(W, V);
      dots.direction_direction += dot(V, V);
    });
    return dots;
  }

  void finish_gradient(const Point& point, double scale, double penalty,
                       Vector& gradient) const override {
    const std::span<double> out = elements(gradient);
    const std::span<const double> theta = elements(point.theta);
    const std::span<const double> direction = direction_of(point);
    for (double& value : out) value *= scale;
    for_each_weight_row([&](std::size_t first, std::size_t count) {
      for (std::size_t i = first; i < first + count; ++i) {
        const double weight = direction.empty() ? theta[i] : theta[i] + point.step * direction[i];
        out[i] += penalty * weight;
      }
    });
  }

  void sum_over_ranks(Vector& vector) const override { sum_(elements(vector)); }

 private:
  void pass_forward(CpuShard& shard, std::span<const double> parameters, std::span<double> out) {
    const std::size_t width = network_.layers.front().outputs;
    shard.for_each_chunk([&](const CpuShard::Chunk& chunk) {
      shard.first_layer.forward(shard.data(), chunk.first, chunk.rows, parameters,
                                out.subspan(chunk.first * width, chunk.rows * width));
    });
  }

  /// Runs the forward pass of the upper layers at `point`, then work(layers, chunk), on each chunk.
  template <class Work>
  static void at(DeviceShard& shard, const Point& point, Work&& work) {
    CpuShard& mine = own(shard);
    UpperLayers& layers = mine.upper_layers;
    layers.move_to(elements(point.theta), direction_of(point), point.step);
    mine.for_each_chunk([&](const CpuShard::Chunk& chunk) {
      layers.forward(chunk.Z, point.direction != nullptr ? chunk.D : std::span<double>(),
                     chunk.rows);
      work(layers, chunk);
    });
  }

  /// Calls work(first, count) for the weights of each unit, which lie behind its bias.
  template <class Work>
  void for_each_weight_row(Work&& work) const {
    for (const Layer& layer : network_.layers)
      for (std::size_t j = 0; j < layer.outputs; ++j)
        work(layer.offset + j * layer.row_length() + 1, layer.inputs);
  }

  Network network_;
  HostSpace space_;
  SumOverRanks sum_;
};

}  // namespace
}  // namespace cpu

std::unique_ptr<Device> make_cpu_device(Network network, SumOverRanks sum) {
  return std::make_unique<cpu::CpuDevice>(std::move(network), std::move(sum));
}

}  // namespace annmpi::model
