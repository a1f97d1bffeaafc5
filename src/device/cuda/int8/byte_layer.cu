#include <algorithm>

#include "device/cuda/int8/byte_backward.cuh"
#include "device/cuda/int8/byte_layer.hpp"
#include "device/cuda/layers/finish.cuh"
#include "device/cuda/runtime/launch.hpp"

namespace annmpi::device::cuda {
namespace {

/// Sets all sums to zero. Per unit, from the bounds of its deltas, `stride` doubles apart: what
/// deltas are multiplied with to be cut, always into eight slices, and their sums to get them back.
__global__ void start_sums(const double* bounds, int stride, int units, byte_slices::Scale* scales,
                           std::int64_t* sums, long long count) {
  for (long long i = first_element(); i < count; i += all_threads()) {
    sums[i] = 0;
    if (i < units) scales[i] = byte_slices::scale_for(bounds[i * stride], 8);
  }
}

template <class Shape>
void launch_forward(const ForwardSet& set, const ForwardSet& other, const std::uint8_t* weights,
                    const UnitScale* scales, int units, cudaStream_t stream) {
  const long long side = parts_of(unit_groups(units), Shape::unit_groups);
  const long long blocks = parts_of<long long>(set.X.rows, Shape::rows);
  const long long others = parts_of<long long>(other.X.rows, Shape::rows);
  launch(byte_forward<Shape>, {static_cast<unsigned>((blocks + others) * side)}, Shape::threads,
         Shape::shared_bytes, stream, set, other, blocks, weights, scales, units);
}

template <class Shape>
void launch_backward(const ByteRows& X, const std::uint8_t* cut, int units, long long* words,
                     cudaStream_t stream) {
  constexpr long long least = Shape::Parts * block_rows;
  const long long side = static_cast<long long>(parts_of(X.columns, Shape::columns)) *
                         parts_of(unit_groups(units), Shape::Wings);
  // Warps that share the rows of a block take so much shared memory that one fits at a time.
  const long long wanted = Shape::Parts > 1 ? enough_blocks / 2 : enough_blocks;
  const long long runs = std::max<long long>(1, wanted / side);
  const long long most = static_cast<long long>(byte_slices::most_terms);
  const long long run = std::min(most, parts_of(parts_of(X.rows, runs), least) * least);
  const long long blocks = parts_of(X.rows, run) * side;
  launch(byte_backward<Shape>, {static_cast<unsigned>(blocks)}, Shape::threads, Shape::shared_bytes,
         stream, X, cut, units, run, words);
}

}  // namespace

ByteLayer::ByteLayer(int units, int inputs, int slices, cudaStream_t stream, long long few_rows)
    : units_(units),
      inputs_(inputs),
      slices_(slices),
      stream_(stream),
      few_rows_(few_rows),
      weights_(static_cast<std::size_t>(unit_groups(units)) * column_blocks(inputs) * slices *
               group_units * block_columns),
      scales_(static_cast<std::size_t>(units)),
      delta_scales_(static_cast<std::size_t>(units)),
      sums_(static_cast<std::size_t>(units) * (slices / 4 * static_cast<std::size_t>(inputs) + 3)) {
  weights_.clear(stream);  // those of units that fill up the last group too
}

void ByteLayer::pack(const double* parameters, double feature_scale) {
  const auto blocks = static_cast<unsigned>(units_);
  auto* const to = reinterpret_cast<unsigned*>(weights_.data());
  launch(slices_ == 8 ? pack_weights<8> : pack_weights<4>, {blocks}, pack_threads, 0, stream_,
         parameters, inputs_, feature_scale, to, scales_.data());
}

void ByteLayer::forward(const ForwardSet& set, const ForwardSet& other) {
  if (set.X.rows + other.X.rows == 0) return;
  if (slices_ == 8)
    forward_by<8>(set, other);
  else
    forward_by<4>(set, other);
}

template <int Slices>
void ByteLayer::forward_by(const ForwardSet& set, const ForwardSet& other) {
  const auto run = [&](auto shape) {
    launch_forward<decltype(shape)>(set, other, weights_.data(), scales_.data(), units_, stream_);
  };
  // Few rows: warps share the columns, so that all multiprocessors have work, once if they can. One
  // such block fits into each at a time.
  const long long rows = set.X.rows + other.X.rows;
  if (rows <= std::min(few_rows_, 16 * enough_blocks / 2))
    return run(ForwardShape<Slices, 1, 1, 8, 1, 1>());
  if (rows <= few_rows_) return run(ForwardShape<Slices, 2, 1, 8, 1, 1>());
  // Few units: memory limits; many: shared memory and the tensor cores do.
  if (units_ <= group_units) return run(ForwardShape<Slices, 2, 1, 1, 6, 1>());
  run(ForwardShape<Slices, 4, 8 / Slices, 1, 4, 2>());
}

BiasSums ByteLayer::biases() const {
  long long* const first = words() + static_cast<long long>(slices_ / 4) * units_ * inputs_;
  return {first, first + units_, first + 2 * units_};
}

void ByteLayer::start(const double* bounds, int stride) {
  const auto count = static_cast<long long>(sums_.size());  // three for each unit at least
  launch_for_each(start_sums, count, stream_, bounds, stride, units_, delta_scales_.data(),
                  sums_.data(), count);
}

void ByteLayer::clear() {
  sums_.clear(stream_);
}

void ByteLayer::add(const ByteRows& X, const double* delta) {
  if (X.rows == 0) return;
  if (slices_ == 8)
    add_by<8>(X, delta);
  else
    add_by<4>(X, delta);
}

template <int Slices>
void ByteLayer::add_by(const ByteRows& X, const double* delta) {
  const auto groups = static_cast<unsigned>(unit_groups(units_));
  const std::size_t bytes =
      groups * static_cast<std::size_t>(row_blocks(X.rows)) * (Slices * group_units * block_rows);
  if (cut_.size() < bytes) {
    cut_.reserve(bytes);
    cut_.clear(stream_);  // those of units and rows beyond the last are read, too
  }
  const auto blocks = static_cast<unsigned>(std::min(row_blocks(X.rows), enough_blocks));
  launch(cut_deltas<Slices>, {blocks, groups}, cut_threads, 0, stream_, delta, X.rows, units_,
         delta_scales_.data(), cut_.data(), biases());
  const auto run = [&](auto shape) {
    launch_backward<decltype(shape)>(X, cut_.data(), units_, words(), stream_);
  };
  if (X.rows <= few_rows_) return run(BackwardShape<Slices, 8, 1, 1>());
  if (units_ <= group_units) return run(BackwardShape<Slices, 1, 8, 1>());
  run(BackwardShape<Slices, 1, 4, 2>());
}

template <int Slices>
RoundedBytes<Slices> ByteLayer::rounded(double feature_scale) const {
  return {words(), biases(), delta_scales_.data(), units_, inputs_, feature_scale};
}

void ByteLayer::round_to(double* gradient, double feature_scale) {
  const auto run = [&](auto sums, auto kernel) {
    launch_for_each(kernel, static_cast<long long>(units_) * (inputs_ + 1), stream_, sums,
                    gradient);
  };
  if (slices_ == 8)
    run(rounded<8>(feature_scale), round_sums<8>);
  else
    run(rounded<4>(feature_scale), round_sums<4>);
}

void ByteLayer::finish(const Finish& finish, double feature_scale) {
  const auto run = [&](auto sums) {
    launch_for_each(finish_gradient<decltype(sums)>, finish.layers.parameters, stream_, sums,
                    finish.upper, finish.layers, finish.point, finish.scale, finish.penalty,
                    finish.gradient);
  };
  if (slices_ == 8)
    run(rounded<8>(feature_scale));
  else
    run(rounded<4>(feature_scale));
}

}  // namespace annmpi::device::cuda
