#include <stdexcept>

#include "annmpi/base/byte_slices.hpp"

#include "device/cuda/int8/byte_layer.hpp"
#include "device/cuda/layers/first_layer.hpp"

namespace annmpi::device::cuda {
namespace {

ByteRows rows_of(const Features& X) {
  if (X.type != Stored::bytes)
    throw std::logic_error("features other than bytes, where all were to be bytes");
  return {static_cast<const std::uint8_t*>(X.data), X.rows, X.columns, X.stride};
}

class ByteFirstLayer final : public FirstLayer {
 public:
  ByteFirstLayer(FirstLayerShape shape, int slices, cudaStream_t stream)
      : layer_(shape.units, shape.inputs, slices, stream) {}

  [[nodiscard]] long long partial_rows(long long chunk_rows) const override { return chunk_rows; }
  [[nodiscard]] bool sums_in_floats() const override { return false; }

  void prepare(const double* parameters, double feature_scale) override {
    layer_.pack(parameters, feature_scale);
  }
  void forward(const Features& X, double* Z) override { layer_.forward(rows_of(X), Z); }
  void forward(const Features& X, double* Z, const Features& other, double* other_Z) override {
    layer_.forward({rows_of(X), Z}, {rows_of(other), other_Z});
  }

  [[nodiscard]] SliceStart slice_start() const override { return layer_.slice_start(); }
  void start(const network::UnitSplit*) override {
    if (!sums_are_zero_) layer_.clear();
    sums_are_zero_ = false;
  }
  void add(const Features& X, const double* delta) override { layer_.add(rows_of(X), delta); }

  [[nodiscard]] std::span<std::int64_t> integer_sums() override {
    return {layer_.sums(), layer_.sums_count()};
  }
  void finish(const Finish& finish, double feature_scale) override {
    layer_.finish(finish, feature_scale);
    sums_are_zero_ = true;
  }

 private:
  ByteLayer layer_;
  bool sums_are_zero_ = false;
};

}  // namespace

std::unique_ptr<FirstLayer> make_byte_first_layer(FirstLayerShape shape, int slices,
                                                  cudaStream_t stream) {
  return std::make_unique<ByteFirstLayer>(shape, slices, stream);
}

bool suits_integers(FirstLayerShape shape, std::uint64_t training_rows) {
  return static_cast<std::size_t>(shape.inputs) <= byte_slices::most_terms &&
         training_rows <= byte_slices::most_terms_of_words;
}

}  // namespace annmpi::device::cuda
