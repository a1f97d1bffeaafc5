#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "device/cuda/full_batch/elementwise.hpp"
#include "device/cuda/full_batch/part_sums.hpp"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/runtime/elements.cuh"
#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda {
namespace {

constexpr long long tile_rows = 8192;

/// Converts rows `stride` elements apart to dense rows, [rows, columns].
template <class From, class To>
__global__ void convert(const From* from, int columns, int stride, To* to, long long count) {
  for (long long i = first_element(); i < count; i += all_threads())
    to[i] = static_cast<To>(from[i / columns * stride + i % columns]);
}

/// Splits rows of [b | W] into biases and weights times the scale, rounded.
template <class Number>
__global__ void split_rows(const double* rows, int inputs, double scale, double* biases,
                           Number* weights, long long count) {
  for (long long i = first_element(); i < count; i += all_threads()) {
    const long long j = i / (inputs + 1);
    const long long c = i % (inputs + 1) - 1;
    if (c < 0)
      biases[j] = rows[i];
    else
      weights[j * inputs + c] = static_cast<Number>(__dmul_rn(rows[i], scale));
  }
}

/// z = b + products
__global__ void add_biases(const float* products, const double* biases, int units, double* z,
                           long long count) {
  for (long long i = first_element(); i < count; i += all_threads())
    z[i] = __dadd_rn(biases[i % units], static_cast<double>(products[i]));
}

template <class Number>
class ConvertingFirstLayer final : public FirstLayer {
  static constexpr bool floats = std::is_same_v<Number, float>;

 public:
  ConvertingFirstLayer(FirstLayerShape shape, const Blas& blas, cudaStream_t stream)
      : units_(shape.units),
        inputs_(shape.inputs),
        blas_(blas),
        stream_(stream),
        weights_(weights_count()),
        biases_(static_cast<std::size_t>(units_)),
        partial_(weights_count()),
        partial_biases_(static_cast<std::size_t>(units_)),
        sums_(shape) {}

  [[nodiscard]] long long partial_rows(long long chunk_rows) const override {
    return std::min(chunk_rows, tile_rows);
  }
  [[nodiscard]] bool sums_in_floats() const override { return floats; }

  void prepare(const double* parameters, double feature_scale) override {
    const long long count = units_ * (1LL + inputs_);
    launch_for_each(split_rows<Number>, count, stream_, parameters, inputs_, feature_scale,
                    biases_.data(), weights_.data(), count);
  }

  using FirstLayer::forward;
  void forward(const Features& X, double* Z) override {
    for_each_tile(X, [&](Matrix<const Number> tile, long long first) {
      const Matrix<const Number> weights{weights_.data(), units_, inputs_, inputs_};
      double* const z = Z + first * units_;
      if constexpr (floats) {
        const long long count = tile.rows * units_;
        reserve_units(tile.rows);
        const Matrix<float> products{by_unit_.data(), tile.rows, units_, units_};
        blas_.multiply_by_transposed(tile, weights, 0.0F, products);
        launch_for_each(add_biases, count, stream_, static_cast<const float*>(products.data),
                        biases_.data(), units_, z, count);
      } else {
        set_biases(biases_.data(), 1, units_, z, tile.rows, stream_);
        blas_.multiply_by_transposed(tile, weights, 1.0,
                                     Matrix<double>{z, tile.rows, units_, units_});
      }
    });
  }

  void start(const network::UnitSplit* splits) override {
    splits_ = splits;
    sums_.start(stream_);
  }

  void add(const Features& X, const double* delta) override {
    for_each_tile(X, [&](Matrix<const Number> tile, long long first) {
      const double* const its = delta + first * units_;
      sum_columns(its, tile.rows, units_, partial_biases_.data(), stream_);
      const Matrix<Number> partial{partial_.data(), units_, inputs_, inputs_};
      if constexpr (floats) {
        const long long count = tile.rows * units_;
        reserve_units(tile.rows);
        launch_for_each(convert<double, float>, count, stream_, its, units_, units_,
                        by_unit_.data(), count);
        blas_.multiply_transposed(Matrix<const float>{by_unit_.data(), tile.rows, units_, units_},
                                  tile, partial);
      } else {
        blas_.multiply_transposed(Matrix<const double>{its, tile.rows, units_, units_}, tile,
                                  partial);
      }
      add_parts<Number>(partial_.data(), partial_biases_.data(), splits_, inputs_, units_,
                        sums_.highs(), sums_.lows(), stream_);
    });
  }

  [[nodiscard]] std::span<double> double_sums() override { return sums_.all(); }

  void finish(const Finish& finish, double feature_scale) override {
    sums_.finish(finish, feature_scale, stream_);
  }

 private:
  [[nodiscard]] std::size_t weights_count() const {
    return static_cast<std::size_t>(units_) * static_cast<std::size_t>(inputs_);
  }

  /// Floats of mixed precision, [rows, units].
  void reserve_units(long long rows) {
    by_unit_.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(units_));
  }

  /// Calls work(tile, first row) for tiles of converted rows. Tiles do not cross chunks, as the
  /// bits of cuBLAS products may depend on their shapes.
  template <class Work>
  void for_each_tile(const Features& X, Work&& work) {
    for (long long first = 0; first < X.rows;) {
      const long long chunk_end = std::min(X.rows, (first / X.chunk_rows + 1) * X.chunk_rows);
      const long long rows = std::min(chunk_end - first, tile_rows);
      tile_.reserve(static_cast<std::size_t>(rows) * static_cast<std::size_t>(inputs_));
      io::with_feature_type(X.type, [&]<class Element>(std::type_identity<Element>) {
        launch_for_each(convert<Element, Number>, rows * inputs_, stream_,
                        static_cast<const Element*>(X.data) + first * X.stride, inputs_, X.stride,
                        tile_.data(), rows * inputs_);
      });
      work(Matrix<const Number>{tile_.data(), rows, inputs_, inputs_}, first);
      first += rows;
    }
  }

  int units_;
  int inputs_;
  const Blas& blas_;
  cudaStream_t stream_;
  DeviceBuffer<Number> weights_;  ///< times the scale of the features [units, inputs]
  DeviceBuffer<double> biases_;
  DeviceBuffer<Number> tile_;  ///< features [rows, inputs]
  DeviceBuffer<float> by_unit_;
  DeviceBuffer<Number> partial_;
  DeviceBuffer<double> partial_biases_;
  PartSums sums_;
  const network::UnitSplit* splits_ = nullptr;
};

}  // namespace

std::unique_ptr<FirstLayer> make_converting_first_layer(FirstLayerShape shape, bool floats,
                                                        const Blas& blas, cudaStream_t stream) {
  if (floats) return std::make_unique<ConvertingFirstLayer<float>>(shape, blas, stream);
  return std::make_unique<ConvertingFirstLayer<double>>(shape, blas, stream);
}

}  // namespace annmpi::device::cuda
