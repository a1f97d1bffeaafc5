#pragma once

#include "annmpi/network/unit_split.hpp"
#include "annmpi/rules/activation.hpp"
#include "annmpi/rules/loss.hpp"

#include "device/cuda/layers/layer_table.hpp"
#include "device/cuda/rows/row_view.hpp"

/// Elementwise and column-wise operations on arrays in device memory, one kernel each.
namespace annmpi::device::cuda {

/// to = from + step * change, with one rounding (fma, for Z) or two (for parameters); `change` may
/// be null.
enum class Rounding { once, twice };
void move_along(Rounding rounding, const double* from, const double* change, double step,
                double* to, long long count, cudaStream_t stream);

/// to = to + step * change, for up to three arrays at once.
struct Moved {
  double* to = nullptr;
  const double* change = nullptr;
  long long count = 0;
  Rounding rounding = Rounding::once;
};
struct Moves {
  Moved parts[3];
};
void move_all(const Moves& moves, double step, cudaStream_t stream);

/// a = act(z), which may be a; tangent = act'(z) * tangent unless it is null.
void activate_all(rules::Activation activation, const double* z, double* a, double* tangent,
                  long long count, cudaStream_t stream);

/// factor = act'(z) * factor, from a = act(z), and from z where the derivative needs it.
void multiply_by_derivative(rules::Activation activation, const double* z, const double* a,
                            double* factor, long long count, cudaStream_t stream);

/// z [rows, outputs] = b, with biases `pitch` apart, before a GEMM accumulates into z.
void set_biases(const double* biases, int pitch, int outputs, double* z, long long rows,
                cudaStream_t stream);

/// Losses, hits and deltas of rows from their logits; with tangents also their slopes.
void sum_losses(const RowView& view, rules::OutputUnit output, int classes, const double* z,
                const double* tangent, double* delta, const RowSums& sums, cudaStream_t stream);

/// sums[j] = sum over rows of values [rows, columns], in a fixed order.
void sum_columns(const double* values, long long rows, int columns, double* sums,
                 cudaStream_t stream);

/// Adds a layer's partial gradient, W [outputs, inputs] and b [outputs], to its exact sums in rows
/// of [b | W]; `splits` are per unit.
template <class Number>
void add_parts(const Number* weights, const double* biases, const network::UnitSplit* splits,
               int inputs, int outputs, double* highs, double* lows, cudaStream_t stream);

}  // namespace annmpi::device::cuda
