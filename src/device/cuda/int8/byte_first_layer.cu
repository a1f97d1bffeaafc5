#include <algorithm>

#include "device/cuda/int8/byte_backward.cuh"
#include "device/cuda/int8/byte_forward.cuh"
#include "device/cuda/layers/finish.cuh"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {
namespace {

using Matrix8 = FeatureMatrix<std::uint8_t>;
using Set8 = ForwardSet<std::uint8_t>;

/// The passes over features stored as bytes, in integers.
template <int Slices>
class ByteFirstLayer final : public FirstLayer {
 public:
  ByteFirstLayer(FirstLayerShape shape, cudaStream_t stream, long long few)
      : units_(shape.units),
        inputs_(shape.inputs),
        stream_(stream),
        few_rows_(few),
        weights_(static_cast<std::size_t>(unit_groups(units_)) * column_blocks(inputs_) * Slices *
                 group_units * block_columns),
        scales_(static_cast<std::size_t>(units_)),
        delta_scales_(static_cast<std::size_t>(units_)),
        sums_(static_cast<std::size_t>(units_) *
              (Slices / 4 * static_cast<std::size_t>(inputs_) + 3)) {
    weights_.clear(stream_);  // the padding of the last group too
  }

  [[nodiscard]] long long partial_rows(long long chunk_rows) const override { return chunk_rows; }
  [[nodiscard]] bool sums_in_floats() const override { return false; }

  void prepare(const double* parameters, double feature_scale) override {
    launch(pack_weights<Slices>, {static_cast<unsigned>(units_)}, pack_threads, 0, stream_,
           parameters, inputs_, feature_scale, reinterpret_cast<unsigned*>(weights_.data()),
           scales_.data());
  }

  void forward(const Features& X, double* Z) override {
    forward(Set8{matrix_of<std::uint8_t>(X), Z}, {{nullptr, 0, inputs_, 0}, nullptr});
  }
  void forward(const Features& X, double* Z, const Features& other, double* other_Z) override {
    forward(Set8{matrix_of<std::uint8_t>(X), Z}, {matrix_of<std::uint8_t>(other), other_Z});
  }

  [[nodiscard]] SliceStart slice_start() const override { return {delta_scales_.data(), biases()}; }
  void start(const network::UnitSplit*) override {
    if (!sums_are_zero_) sums_.clear(stream_);
    sums_are_zero_ = false;
  }

  void add(const Features& features, const double* delta) override {
    const Matrix8 X = matrix_of<std::uint8_t>(features);
    if (X.rows == 0) return;
    const auto groups = static_cast<unsigned>(unit_groups(units_));
    const std::size_t bytes =
        groups * static_cast<std::size_t>(row_blocks(X.rows)) * (Slices * group_units * block_rows);
    if (delta_slices_.size() < bytes) {
      delta_slices_.reserve(bytes);
      delta_slices_.clear(stream_);  // the padding of units and rows is read too
    }
    const auto blocks = static_cast<unsigned>(std::min(row_blocks(X.rows), enough_blocks));
    launch(slice_deltas<Slices>, {blocks, groups}, slice_threads, 0, stream_, delta, X.rows, units_,
           delta_scales_.data(), delta_slices_.data(), biases());
    if (X.rows <= few_rows_) return launch_backward<BackwardShape<Slices, 8, 1, 1>>(X);
    if (units_ <= group_units) return launch_backward<BackwardShape<Slices, 1, 8, 1>>(X);
    launch_backward<BackwardShape<Slices, 1, 4, 2>>(X);
  }

  /// As device::cpu::kernels::ByteGradientSums lays them out.
  [[nodiscard]] std::span<std::int64_t> integer_sums() override {
    return {sums_.data(), sums_.size()};
  }
  void finish(const Finish& finish, double feature_scale) override {
    launch_finish(
        ByteSums<Slices>{words(), biases(), delta_scales_.data(), units_, inputs_, feature_scale},
        finish, stream_);
    sums_are_zero_ = true;
  }

 private:
  void forward(const Set8& set, const Set8& other) {
    const long long rows = set.X.rows + other.X.rows;
    if (rows == 0) return;
    const auto run = [&]<class Shape>(std::type_identity<Shape>) {
      launch_forward<Shape>(byte_forward<Shape>, set, other,
                            ceil_div(unit_groups(units_), Shape::unit_groups), stream_,
                            weights_.data(), scales_.data(), units_);
    };
    // Few rows: the warps of a block split the columns, so that all multiprocessors have work; 16
    // rows per block if the grid fits them at one block each.
    if (rows <= std::min(few_rows_, 16 * enough_blocks / 2))
      return run(std::type_identity<ForwardShape<Slices, 1, 1, 8, 1, 1>>());
    if (rows <= few_rows_) return run(std::type_identity<ForwardShape<Slices, 2, 1, 8, 1, 1>>());
    // Few units are bound by memory, many by shared memory and the tensor cores.
    if (units_ <= group_units)
      return run(std::type_identity<ForwardShape<Slices, 2, 1, 1, 6, 1>>());
    run(std::type_identity<ForwardShape<Slices, 4, 8 / Slices, 1, 4, 2>>());
  }

  template <class Shape>
  void launch_backward(const Matrix8& X) {
    constexpr long long least = Shape::WarpsK * block_rows;
    const long long side = static_cast<long long>(ceil_div(X.columns, Shape::columns)) *
                           ceil_div(unit_groups(units_), Shape::WarpsN);
    // With several warps along k, shared memory limits occupancy to one block.
    const long long wanted = Shape::WarpsK > 1 ? enough_blocks / 2 : enough_blocks;
    const long long runs = std::max<long long>(1, wanted / side);
    const long long most = static_cast<long long>(byte_slices::most_terms);
    const long long run = std::min(most, ceil_div(ceil_div(X.rows, runs), least) * least);
    const long long blocks = ceil_div(X.rows, run) * side;
    launch(byte_backward<Shape>, {static_cast<unsigned>(blocks)}, Shape::threads,
           Shape::shared_bytes, stream_, X, delta_slices_.data(), units_, run, words());
  }

  [[nodiscard]] long long* words() const { return reinterpret_cast<long long*>(sums_.data()); }
  [[nodiscard]] BiasSums biases() const {
    long long* const first = words() + static_cast<long long>(Slices / 4) * units_ * inputs_;
    return {first, first + units_, first + 2 * units_};
  }

  int units_;
  int inputs_;
  cudaStream_t stream_;
  long long few_rows_;
  DeviceBuffer<std::uint8_t> weights_;  ///< slices
  DeviceBuffer<UnitScale> scales_;
  DeviceBuffer<byte_slices::Scale> delta_scales_;
  DeviceBuffer<std::uint8_t> delta_slices_;
  DeviceBuffer<std::int64_t> sums_;
  bool sums_are_zero_ = false;
};

}  // namespace

std::unique_ptr<FirstLayer> make_byte_first_layer(FirstLayerShape shape, int slices,
                                                  cudaStream_t stream, long long few) {
  if (slices == 8) return std::make_unique<ByteFirstLayer<8>>(shape, stream, few);
  return std::make_unique<ByteFirstLayer<4>>(shape, stream, few);
}

bool suits_integers(FirstLayerShape shape, std::uint64_t training_rows) {
  return static_cast<std::size_t>(shape.inputs) <= byte_slices::most_terms &&
         training_rows <= byte_slices::most_terms_of_words;
}

}  // namespace annmpi::device::cuda
