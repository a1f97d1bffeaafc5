#include <cstdint>

#include "device/cuda/narrow/narrow_forward.cuh"
#include "device/cuda/narrow/narrow_products.hpp"
#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda {

template <class Element>
void start_narrow_forward(const ForwardSet<Element>& set, const ForwardSet<Element>& other,
                          const double* parameters, double scale, int units, long long few_rows,
                          cudaStream_t stream) {
  const long long rows = set.X.rows + other.X.rows;
  if (rows == 0) return;
  const auto run = [&]<class Shape>(std::type_identity<Shape>) {
    launch_forward<Shape>(narrow_forward<Shape>, set, other, 1, stream, parameters, scale, units);
  };
  with_groups(units, [&]<int Groups>(std::integral_constant<int, Groups>) {
    if (rows <= few_rows)
      run(std::type_identity<NarrowForwardShape<Element, Groups, 1, 2>>());
    else
      run(std::type_identity<NarrowForwardShape<Element, Groups, 2, 8>>());
  });
}

#define ANNMPI_INSTANTIATE_FOR(name, T)                                                         \
  template void start_narrow_forward(const ForwardSet<T>&, const ForwardSet<T>&, const double*, \
                                     double, int, long long, cudaStream_t);
ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_INSTANTIATE_FOR)
#undef ANNMPI_INSTANTIATE_FOR

}  // namespace annmpi::device::cuda
