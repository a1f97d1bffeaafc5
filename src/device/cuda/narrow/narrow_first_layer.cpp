#include <algorithm>

#include "device/cuda/full_batch/part_sums.hpp"
#include "device/cuda/gemm/product_self_test.hpp"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/narrow/narrow_products.hpp"

namespace annmpi::device::cuda {
namespace {

class NarrowFirstLayer final : public FirstLayer {
 public:
  NarrowFirstLayer(FirstLayerShape shape, std::uint64_t training_rows, cudaStream_t stream)
      : units_(shape.units),
        partial_rows_(training_rows <= few_rows ? 512 : 4096),
        stream_(stream),
        sums_(shape) {}

  [[nodiscard]] std::uint64_t fingerprint() const override { return narrow_fingerprint(stream_); }
  [[nodiscard]] long long partial_rows(long long chunk_rows) const override {
    return std::min(chunk_rows, partial_rows_);
  }
  [[nodiscard]] bool sums_in_floats() const override { return false; }

  void prepare(const double* parameters, double feature_scale) override {
    parameters_ = parameters;
    scale_ = feature_scale;
  }
  void forward(const Features& X, double* Z) override {
    io::with_feature_type(X.type, [&]<class Element>(std::type_identity<Element>) {
      start_narrow_forward<Element>({matrix_of<Element>(X), Z}, {}, parameters_, scale_, units_,
                                    few_rows, stream_);
    });
  }
  void forward(const Features& X, double* Z, const Features& other, double* other_Z) override {
    if (X.type != other.type) return FirstLayer::forward(X, Z, other, other_Z);
    io::with_feature_type(X.type, [&]<class Element>(std::type_identity<Element>) {
      start_narrow_forward<Element>({matrix_of<Element>(X), Z},
                                    {matrix_of<Element>(other), other_Z}, parameters_, scale_,
                                    units_, few_rows, stream_);
    });
  }

  void start(const network::UnitSplit* splits) override {
    splits_ = splits;
    sums_.start(stream_);
  }
  void add(const Features& X, const double* delta) override {
    io::with_feature_type(X.type, [&]<class Element>(std::type_identity<Element>) {
      start_narrow_backward<Element>(matrix_of<Element>(X),
                                     {X.chunk_rows, partial_rows(X.chunk_rows), delta, units_,
                                      splits_, sums_.highs(), sums_.lows()},
                                     few_rows, stream_);
    });
  }

  [[nodiscard]] std::span<double> double_sums() override { return sums_.all(); }
  void finish(const Finish& finish, double feature_scale) override {
    sums_.finish(finish, feature_scale, stream_);
  }

 private:
  int units_;
  long long partial_rows_;
  cudaStream_t stream_;
  PartSums sums_;
  const double* parameters_ = nullptr;
  double scale_ = 1;
  const network::UnitSplit* splits_ = nullptr;
};

}  // namespace

std::unique_ptr<FirstLayer> make_narrow_first_layer(FirstLayerShape shape,
                                                    std::uint64_t training_rows,
                                                    cudaStream_t stream) {
  return std::make_unique<NarrowFirstLayer>(shape, training_rows, stream);
}

}  // namespace annmpi::device::cuda
