#include <algorithm>
#include <utility>

#include "device/cuda/full_batch/elementwise.hpp"
#include "device/cuda/layers/finish.hpp"
#include "device/cuda/layers/narrow_upper.cuh"
#include "device/cuda/layers/upper_layers.hpp"
#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda {
namespace {

constexpr long long tile_rows = 8192;
constexpr std::size_t most_shared = 96 << 10;  // two blocks on each multiprocessor of an H100

std::size_t shared_bytes(const LayerTable& layers) {
  return static_cast<std::size_t>(narrow_upper_doubles(layers)) * sizeof(double);
}

/// The layer's rows of [b | W], and their weights alone.
const double* rows_of(const LayerTable& layers, unsigned l, const double* upper) {
  return upper + (layers.layers[l].offset - layers.first_upper());
}
Matrix<const double> weights_of(const LayerTable& layers, unsigned l, const double* upper) {
  const LayerShape& layer = layers.layers[l];
  return {rows_of(layers, l, upper) + 1, layer.outputs, layer.inputs, layer.row_length()};
}

template <class Number>
Matrix<Number> dense(Number* data, long long rows, long long columns) {
  return {data, rows, columns, columns};
}

}  // namespace

UpperWay upper_way(const LayerTable& layers, long long chunk_rows) {
  if (shared_bytes(layers) <= most_shared) return {true, std::min<long long>(chunk_rows, sum_rows)};
  return {false, std::min(chunk_rows, tile_rows)};
}

UpperLayers::UpperLayers(const LayerTable& layers, rules::Activation activation,
                         rules::OutputUnit output, const Blas* blas, cudaStream_t stream)
    : layers_(layers),
      activation_(activation),
      output_(output),
      blas_(blas),
      stream_(stream),
      gradient_(static_cast<std::size_t>(2 * layers.upper_parameters())) {}

long long UpperLayers::pieces(long long rows, long long chunk_rows) const {
  if (upper_way(layers_, chunk_rows).narrow) return ceil_div(rows, chunk_rows);
  const long long tile = std::min(chunk_rows, tile_rows);
  return rows / chunk_rows * ceil_div(chunk_rows, tile) + ceil_div(rows % chunk_rows, tile);
}

void UpperLayers::reserve(long long rows, long long chunk_rows) {
  const auto count = static_cast<std::size_t>(std::max<long long>(pieces(rows, chunk_rows), 1));
  const UpperWay way = upper_way(layers_, chunk_rows);
  const RowView piece{nullptr, nullptr, nullptr, 0, way.narrow ? chunk_rows : way.partial_rows};
  block_sums_.reserve((way.narrow ? count : 1) *
                      static_cast<std::size_t>(piece.blocks_per_chunk()));
  if (counters_.size() < count + 1) {
    counters_.reserve(count + 1);
    counters_.clear(stream_);
  }
  if (!way.narrow && way.partial_rows > tile_rows_) make_tiles(way.partial_rows);
}

/// Allocates the workspace for tiles of this many rows.
void UpperLayers::make_tiles(long long rows) {
  tile_rows_ = rows;
  moved_.reserve(static_cast<std::size_t>(layers_.upper_parameters()));
  values_.clear();
  arguments_.clear();
  tangents_.clear();
  deltas_.clear();
  std::size_t most_weights = 0, most_outputs = 0;
  for (unsigned l = 0; l < layers_.count; ++l) {
    const LayerShape& layer = layers_.layers[l];
    const auto outputs = static_cast<std::size_t>(layer.outputs);
    for (auto* buffers : {&values_, &tangents_, &deltas_})
      buffers->emplace_back(static_cast<std::size_t>(rows) * outputs);
    if (layers_.keeps_arguments && l + 1 < layers_.count)
      arguments_.emplace_back(static_cast<std::size_t>(rows) * outputs);
    most_outputs = std::max(most_outputs, outputs);
    if (l > 0)
      most_weights = std::max(most_weights, outputs * static_cast<std::size_t>(layer.inputs));
  }
  partial_weights_.reserve(most_weights);
  partial_biases_.reserve(most_outputs);
}

template <Pass What>
void UpperLayers::run_narrow(const RowView& rows, const DevicePoint& point, const PieceSums& sums,
                             const UpperGradient& gradient, double* logits) {
  const RowSums to{block_sums_.data(), counters_.data() + 1, sums.pieces, counters_.data(),
                   sums.report};
  launch(narrow_upper<What>, {static_cast<unsigned>(rows.chunks() * rows.blocks_per_chunk())},
         sum_rows, shared_bytes(layers_), stream_, rows, layers_, activation_, output_, point, to,
         gradient, logits);
}

/// Calls work(tile, first row) for tiles of rows, after their forward pass; tiles do not cross
/// chunks.
template <class Work>
void UpperLayers::for_each_tile(const RowView& rows, const DevicePoint& point, bool tangent,
                                Work&& work) {
  move_to(point);
  const long long width = layers_.layers[0].outputs;
  const long long most = std::min(rows.chunk_rows, tile_rows);
  for (long long first = 0; first < rows.rows;) {
    const long long chunk_end = (first / rows.chunk_rows + 1) * rows.chunk_rows;
    const long long count = std::min(std::min(rows.rows, chunk_end) - first, most);
    const RowView tile{rows.Z + first * width,
                       point.direction != nullptr ? rows.D + first * width : nullptr,
                       rows.labels + first, count, most};
    forward(tile, point, tangent);
    work(tile, first);
    first += count;
  }
}

void UpperLayers::measure_as(const RowView& rows, const DevicePoint& point, bool tangent,
                             const PieceSums& sums) {
  ChunkSums* piece = sums.pieces;
  for_each_tile(rows, point, tangent, [&](const RowView& tile, long long first) {
    sum_tile(tile, tangent, piece++,
             first + tile.rows == rows.rows ? sums.report : CompletionFlag{});
  });
}

void UpperLayers::measure(const RowView& rows, const DevicePoint& point, const PieceSums& sums) {
  if (upper_way(layers_, rows.chunk_rows).narrow)
    return run_narrow<Pass::measure>(rows, point, sums, {}, nullptr);
  measure_as(rows, point, false, sums);
}

void UpperLayers::probe(const RowView& rows, const DevicePoint& point, const PieceSums& sums) {
  if (upper_way(layers_, rows.chunk_rows).narrow)
    return run_narrow<Pass::probe>(rows, point, sums, {}, nullptr);
  measure_as(rows, point, true, sums);
}

void UpperLayers::logits(const RowView& rows, const DevicePoint& point, double* out) {
  if (rows.rows == 0) return;
  if (upper_way(layers_, rows.chunk_rows).narrow)
    return run_narrow<Pass::logits>(rows, point, {}, {}, out);
  const long long classes = layers_.layers[layers_.count - 1].outputs;
  for_each_tile(rows, point, false, [&](const RowView& tile, long long first) {
    copy(values_.back().data(), out + first * classes,
         static_cast<std::size_t>(tile.rows * classes), cudaMemcpyDeviceToDevice, stream_);
  });
}

void UpperLayers::start() {
  if (!gradient_is_zero_) gradient_.clear(stream_);
  gradient_is_zero_ = false;
}

void UpperLayers::add_gradient(const RowView& rows, long long first_row, const DevicePoint& point,
                               const network::UnitSplit* splits, double* delta,
                               const PieceSums& sums) {
  if (rows.rows == 0) return;
  ChunkSums* piece = sums.pieces + pieces(first_row, rows.chunk_rows);
  if (upper_way(layers_, rows.chunk_rows).narrow)
    return run_narrow<Pass::gradient>(
        rows, point, {piece, sums.report},
        {splits, delta, gradient_.data(), gradient_.data() + layers_.upper_parameters()}, nullptr);
  const long long width = layers_.layers[0].outputs;
  for_each_tile(rows, point, false, [&](const RowView& tile, long long first) {
    sum_tile(tile, false, piece++, first + tile.rows == rows.rows ? sums.report : CompletionFlag{});
    backward(tile, splits, delta + first * width);
  });
}

RoundedParts UpperLayers::take_gradient() {
  gradient_is_zero_ = true;
  return {gradient_.data(), gradient_.data() + layers_.upper_parameters(), 1.0, 1};
}

void UpperLayers::move_to(const DevicePoint& point) {
  parameters_ = point.theta + layers_.first_upper();
  const long long count = layers_.upper_parameters();
  if (point.direction == nullptr) return;
  move_along(Rounding::twice, parameters_, point.direction + layers_.first_upper(), point.step,
             moved_.data(), count, stream_);
  parameters_ = moved_.data();
}

/// z = a W^T + b, or z += a W^T.
void UpperLayers::affine(unsigned l, long long rows, const double* a, const double* parameters,
                         bool add, double* z) {
  const LayerShape& layer = layers_.layers[l];
  if (!add)
    set_biases(rows_of(layers_, l, parameters), layer.row_length(), layer.outputs, z, rows,
               stream_);
  blas_->multiply_by_transposed(dense(a, rows, layer.inputs), weights_of(layers_, l, parameters),
                                1.0, dense(z, rows, layer.outputs));
}

void UpperLayers::forward(const RowView& tile, const DevicePoint& point, bool tangent) {
  const auto numbers = [&](unsigned l) { return tile.rows * layers_.layers[l].outputs; };
  move_along(Rounding::once, tile.Z, tile.D, point.step, arguments(0), numbers(0), stream_);
  if (tangent)
    copy(tile.D, tangents_[0].data(), static_cast<std::size_t>(numbers(0)),
         cudaMemcpyDeviceToDevice, stream_);
  for (unsigned l = 0;; ++l) {
    if (l + 1 == layers_.count) return;
    activate_all(activation_, arguments(l), values_[l].data(),
                 tangent ? tangents_[l].data() : nullptr, numbers(l), stream_);
    affine(l + 1, tile.rows, values_[l].data(), parameters_, false, arguments(l + 1));
    if (!tangent) continue;
    // dz = c + a V^T + da W^T
    double* const dz = tangents_[l + 1].data();
    affine(l + 1, tile.rows, values_[l].data(), point.direction + layers_.first_upper(), false, dz);
    affine(l + 1, tile.rows, tangents_[l].data(), parameters_, true, dz);
  }
}

void UpperLayers::sum_tile(const RowView& tile, bool tangent, ChunkSums* piece,
                           const CompletionFlag& report) {
  const RowSums sums{block_sums_.data(), counters_.data() + 1, piece, counters_.data(), report};
  sum_losses(tile, output_, layers_.layers[layers_.count - 1].outputs, values_.back().data(),
             tangent ? tangents_.back().data() : nullptr, deltas_.back().data(), sums, stream_);
}

void UpperLayers::backward(const RowView& tile, const network::UnitSplit* splits, double* delta) {
  for (unsigned l = layers_.count - 1; l > 0; --l) {
    const LayerShape& layer = layers_.layers[l];
    const Matrix<const double> above =
        dense<const double>(deltas_[l].data(), tile.rows, layer.outputs);
    const Matrix<const double> below =
        dense<const double>(values_[l - 1].data(), tile.rows, layer.inputs);
    sum_columns(above.data, tile.rows, layer.outputs, partial_biases_.data(), stream_);
    blas_->multiply_transposed(above, below,
                               dense(partial_weights_.data(), layer.outputs, layer.inputs));
    double* const highs = gradient_.data() + (layer.offset - layers_.first_upper());
    add_parts<double>(partial_weights_.data(), partial_biases_.data(), splits + layer.first_unit,
                      layer.inputs, layer.outputs, highs, highs + layers_.upper_parameters(),
                      stream_);
    double* const to = l > 1 ? deltas_[l - 1].data() : delta;
    blas_->multiply(above, weights_of(layers_, l, parameters_), dense(to, tile.rows, layer.inputs));
    multiply_by_derivative(activation_, arguments(l - 1), below.data, to, tile.rows * layer.inputs,
                           stream_);
  }
  if (layers_.count == 1)
    copy(deltas_[0].data(), delta, static_cast<std::size_t>(tile.rows * layers_.layers[0].outputs),
         cudaMemcpyDeviceToDevice, stream_);
}

}  // namespace annmpi::device::cuda
