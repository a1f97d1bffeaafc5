#include "device/cuda/full_batch/elementwise.hpp"
#include "device/cuda/layers/activation_math.cuh"
#include "device/cuda/layers/row_sums.cuh"
#include "device/cuda/runtime/elements.cuh"
#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda {
namespace kernels {
namespace {

__global__ void move_along(const double* from, const double* change, double step, bool once,
                           double* to, long long count) {
  for (long long i = first_element(); i < count; i += all_threads())
    to[i] = change == nullptr ? from[i]
            : once            ? __fma_rn(step, change[i], from[i])
                              : __dadd_rn(from[i], __dmul_rn(step, change[i]));
}

__global__ void activate_all(rules::Activation activation, const double* z, double* a,
                             double* tangent, long long count) {
  for (long long i = first_element(); i < count; i += all_threads()) {
    const double argument = z[i];
    const double value = activate(activation, argument);
    a[i] = value;
    if (tangent != nullptr) tangent[i] = times_derivative(activation, argument, value, tangent[i]);
  }
}

__global__ void multiply_by_derivative(rules::Activation activation, const double* z,
                                       const double* a, double* factor, long long count) {
  for (long long i = first_element(); i < count; i += all_threads())
    factor[i] = times_derivative(activation, z[i], a[i], factor[i]);
}

__global__ void set_biases(const double* biases, int pitch, int outputs, double* z,
                           long long count) {
  for (long long i = first_element(); i < count; i += all_threads())
    z[i] = biases[i % outputs * pitch];
}

__global__ void __launch_bounds__(sum_rows)
    sum_losses(RowView view, rules::OutputUnit output, int classes, const double* z,
               const double* tangent, double* delta, RowSums sums) {
  const BlockRows rows(view);
  if (rows.count == 0) return;
  double loss = 0, slope = 0;
  long long hits = 0;
  if (static_cast<int>(threadIdx.x) < rows.count) {
    const long long row = rows.first + threadIdx.x;
    const long long at = row * classes;
    hits = is_hit(z + at, 1, classes, view.labels[row]) ? 1 : 0;
    loss = row_loss(output, z + at, 1, classes, view.labels[row], delta + at);
    if (tangent != nullptr)
      for (int k = 0; k < classes; ++k) slope = __fma_rn(delta[at + k], tangent[at + k], slope);
  }
  sum_over_chunk(view, rows, sums, loss, slope, hits);
}

inline constexpr unsigned column_threads = 256;

__global__ void __launch_bounds__(column_threads)
    sum_columns(const double* values, long long rows, int columns, double* sums) {
  __shared__ double warps[column_threads / warp_size];
  double sum = 0;
  for (long long i = threadIdx.x; i < rows; i += column_threads)
    sum = __dadd_rn(sum, values[i * columns + blockIdx.x]);
  sum = over_block(sum, 0.0, Add(), warps);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

template <class Number>
__global__ void add_parts(const Number* weights, const double* biases,
                          const network::UnitSplit* splits, int inputs, int outputs, double* highs,
                          double* lows) {
  const long long count = static_cast<long long>(outputs) * (inputs + 1);
  for (long long i = first_element(); i < count; i += all_threads()) {
    const long long j = i / (inputs + 1);
    const long long c = i % (inputs + 1) - 1;
    const exact_sum::Parts parts =
        c < 0
            ? exact_sum::parts_of(biases[j], splits[j].bias)
            : exact_sum::parts_of(static_cast<double>(weights[j * inputs + c]), splits[j].weights);
    highs[i] = __dadd_rn(highs[i], parts.high);
    lows[i] = __dadd_rn(lows[i], parts.low);
  }
}

__global__ void move_all(Moves moves, double step) {
  long long all = 0;
  for (const Moved& part : moves.parts) all += part.count;
  for (long long i = first_element(); i < all; i += all_threads()) {
    long long element = i;
    int p = 0;
    while (element >= moves.parts[p].count) element -= moves.parts[p++].count;
    double* const to = moves.parts[p].to + element;
    const double change = moves.parts[p].change[element];
    *to = moves.parts[p].rounding == Rounding::once ? __fma_rn(step, change, *to)
                                                    : __dadd_rn(*to, __dmul_rn(step, change));
  }
}

}  // namespace
}  // namespace kernels

void move_along(Rounding rounding, const double* from, const double* change, double step,
                double* to, long long count, cudaStream_t stream) {
  launch_for_each(kernels::move_along, count, stream, from, change, step,
                  rounding == Rounding::once, to, count);
}

void activate_all(rules::Activation activation, const double* z, double* a, double* tangent,
                  long long count, cudaStream_t stream) {
  launch_for_each(kernels::activate_all, count, stream, activation, z, a, tangent, count);
}

void multiply_by_derivative(rules::Activation activation, const double* z, const double* a,
                            double* factor, long long count, cudaStream_t stream) {
  launch_for_each(kernels::multiply_by_derivative, count, stream, activation, z, a, factor, count);
}

void set_biases(const double* biases, int pitch, int outputs, double* z, long long rows,
                cudaStream_t stream) {
  launch_for_each(kernels::set_biases, rows * outputs, stream, biases, pitch, outputs, z,
                  rows * outputs);
}

void sum_losses(const RowView& view, rules::OutputUnit output, int classes, const double* z,
                const double* tangent, double* delta, const RowSums& sums, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>(view.chunks() * view.blocks_per_chunk());
  launch(kernels::sum_losses, {blocks}, sum_rows, 0, stream, view, output, classes, z, tangent,
         delta, sums);
}

void sum_columns(const double* values, long long rows, int columns, double* sums,
                 cudaStream_t stream) {
  launch(kernels::sum_columns, {static_cast<unsigned>(columns)}, kernels::column_threads, 0, stream,
         values, rows, columns, sums);
}

template <class Number>
void add_parts(const Number* weights, const double* biases, const network::UnitSplit* splits,
               int inputs, int outputs, double* highs, double* lows, cudaStream_t stream) {
  launch_for_each(kernels::add_parts<Number>, static_cast<long long>(outputs) * (inputs + 1),
                  stream, weights, biases, splits, inputs, outputs, highs, lows);
}
template void add_parts(const double*, const double*, const network::UnitSplit*, int, int, double*,
                        double*, cudaStream_t);
template void add_parts(const float*, const double*, const network::UnitSplit*, int, int, double*,
                        double*, cudaStream_t);

void move_all(const Moves& moves, double step, cudaStream_t stream) {
  long long all = 0;
  for (const Moved& part : moves.parts) all += part.count;
  launch_for_each(kernels::move_all, all, stream, moves, step);
}

}  // namespace annmpi::device::cuda
