#include <cstdint>

#include "device/cuda/narrow/narrow_backward.cuh"
#include "device/cuda/narrow/narrow_products.hpp"
#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda {

template <class Element>
void start_narrow_backward(const FeatureMatrix<Element>& X, const NarrowGradient& gradient,
                           long long few_rows, cudaStream_t stream) {
  if (X.rows == 0) return;
  const long long partials =
      ceil_div(X.rows, gradient.chunk_rows) * ceil_div(gradient.chunk_rows, gradient.partial_rows);
  const auto run = [&]<class Shape>(std::type_identity<Shape>) {
    const long long blocks = partials * ceil_div(X.columns, Shape::columns);
    launch(narrow_backward<Shape>, {static_cast<unsigned>(blocks)}, Shape::threads,
           Shape::shared_bytes, stream, X, gradient.chunk_rows, gradient.partial_rows,
           gradient.delta, gradient.units,
           SplitSums{gradient.splits, gradient.highs, gradient.lows});
  };
  with_groups(gradient.units, [&]<int Groups>(std::integral_constant<int, Groups>) {
    if (X.rows <= few_rows)
      run(std::type_identity<NarrowBackwardShape<Element, Groups, 2>>());
    else
      run(std::type_identity<NarrowBackwardShape<Element, Groups, 8>>());
  });
}

#define ANNMPI_INSTANTIATE_FOR(name, T)                                                          \
  template void start_narrow_backward(const FeatureMatrix<T>&, const NarrowGradient&, long long, \
                                      cudaStream_t);
ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_INSTANTIATE_FOR)
#undef ANNMPI_INSTANTIATE_FOR

}  // namespace annmpi::device::cuda
