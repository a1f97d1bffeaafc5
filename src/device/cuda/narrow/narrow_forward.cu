#include <cstdint>

#include "device/cuda/narrow/narrow_forward.cuh"
#include "device/cuda/runtime/launch.hpp"
#include "device/cuda/narrow/narrow_products.hpp"

namespace annmpi::device::cuda {

template <class Element>
void start_narrow_forward(const StoredSet<Element>& set, const StoredSet<Element>& other,
                          const double* parameters, double scale, int units, long long few_rows,
                          cudaStream_t stream) {
  const long long rows = set.X.rows + other.X.rows;
  if (rows == 0) return;
  const auto run = [&]<class Shape>(std::type_identity<Shape>) {
    const long long blocks = parts_of<long long>(set.X.rows, Shape::rows);
    const long long others = parts_of<long long>(other.X.rows, Shape::rows);
    launch(narrow_forward<Shape>, {static_cast<unsigned>(blocks + others)}, Shape::threads,
           Shape::shared_bytes, stream, set, other, blocks, parameters, scale, units);
  };
  with_groups(units, [&]<int Groups>(std::integral_constant<int, Groups>) {
    if (rows <= few_rows)
      run(std::type_identity<NarrowForwardShape<Element, Groups, 1, 2>>());
    else
      run(std::type_identity<NarrowForwardShape<Element, Groups, 2, 8>>());
  });
}

template void start_narrow_forward(const StoredSet<std::uint8_t>&, const StoredSet<std::uint8_t>&,
                                   const double*, double, int, long long, cudaStream_t);
template void start_narrow_forward(const StoredSet<float>&, const StoredSet<float>&, const double*,
                                   double, int, long long, cudaStream_t);
template void start_narrow_forward(const StoredSet<double>&, const StoredSet<double>&,
                                   const double*, double, int, long long, cudaStream_t);

}  // namespace annmpi::device::cuda
