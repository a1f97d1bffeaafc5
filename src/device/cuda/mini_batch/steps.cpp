#include "device/cuda/mini_batch/steps.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

#include "annmpi/data/batch_order.hpp"

#include "device/cuda/mini_batch/layers.hpp"

namespace annmpi::device::cuda::mini_batch {

template <class Traits>
Steps<Traits>::Steps(ParameterMemory<Traits>& parameters, const Passes<Traits>& passes,
                     BatchRank rank, DeviceSums& sums, cudaStream_t stream)
    : parameters_(parameters),
      passes_(passes),
      rank_(rank),
      sums_(sums),
      stream_(stream),
      numbers_(1),
      largest_(1),
      largest_on_host_(1) {
  largest_.clear(stream_);
}

template <class Traits>
void Steps<Traits>::begin(const ChosenRows& rows, const ParameterUpdate& update) {
  if (parameters_.prepare_for(update)) graphs_.clear();
  passes_.take(rows,
               {StepNumbers<Real>(update, rows.choice.count), numbers_.data(), largest_.data()});
}

template <class Traits>
void Steps<Traits>::go_on(int rows) {
  Graphs& graphs = graphs_[rows];
  if (rank_.size > 1) return step_on_ranks(graphs, rows);
  graphs.whole.run(stream_, [&] { step_alone(rows); });
}

template <class Traits>
double Steps<Traits>::largest_gradient() const {
  copy(largest_.data(), largest_on_host_.data(), 1, cudaMemcpyDeviceToHost, stream_);
  sums_.wait(stream_);
  return std::bit_cast<double>(largest_on_host_.values()[0]);
}

template <class Traits>
void Steps<Traits>::step_alone(int rows) {
  passes_.up(rows, 0, rows);
  // A layer's weights are updated as soon as the backward pass has read them, on a side stream.
  backward(rows, 0, rows, [&](std::size_t l) {
    deltas_done_.record(stream_);
    deltas_done_.let_wait(side_stream_);
    update_layer(l, rows, side_stream_);
  });
  update_layer(0, rows, stream_);
  if (parameters_.depth() > 1) {
    updates_done_.record(side_stream_);
    updates_done_.let_wait(stream_);
  }
  update_if_clipped();
}

template <class Traits>
void Steps<Traits>::step_on_ranks(Graphs& graphs, int rows) {
  // Whole tiles, so that the bits do not depend on the number of ranks.
  const std::uint64_t tiles = (static_cast<std::uint64_t>(rows) + tile_rows - 1) / tile_rows;
  const data::Range own = data::part_of(tiles, static_cast<std::uint64_t>(rank_.rank),
                                        static_cast<std::uint64_t>(rank_.size));
  const int first = static_cast<int>(own.begin) * tile_rows;
  const int end = std::min(rows, static_cast<int>(own.end) * tile_rows);
  auto* const exchanged = passes_.exchanged(rows);
  const std::size_t bytes = passes_.exchanged_bytes(rows);
  graphs.passes.run(stream_, [&] {
    check(cudaMemsetAsync(exchanged, 0, bytes, stream_), "clearing memory");
    passes_.up(rows, first, end);
    backward(rows, first, end, [](std::size_t) {});
  });
  allgather(exchanged, bytes, sums_, stream_);
  graphs.updates.run(stream_, [&] {
    for (std::size_t l = parameters_.depth(); l-- > 0;) update_layer(l, rows, stream_);
    update_if_clipped();
  });
}

template <class Traits>
template <class Then>
void Steps<Traits>::backward(int rows, int first, int end, Then&& then) {
  passes_.last_deltas(rows, first, end);
  for (std::size_t l = parameters_.depth() - 1; l > 0; --l) {
    passes_.pull_back(l, rows, first, end);
    then(l);
  }
}

template <class Traits>
void Steps<Traits>::update_layer(std::size_t l, int rows, cudaStream_t stream) {
  const ToParameters<Traits> to{numbers_.data(), parameters_.all(), parameters_.layer(l),
                                passes_.scale(l), largest_.data()};
  const Operand<Traits> delta = passes_.deltas(l, rows).operand();
  const Operand<Traits> x = passes_.values(l, rows).operand();
  const int planes = passes_.planes_of(l);
  if (parameters_.clips())
    start_gradient<Traits>(delta, x, planes, rows, parameters_.gradient(l, to), stream);
  else
    start_update<Traits>(delta, x, planes, rows, to, stream);
}

template <class Traits>
void Steps<Traits>::update_if_clipped() const {
  if (parameters_.clips()) parameters_.move_by_gradient(numbers_.data());
}

template class Steps<Mixed>;
template class Steps<Float64>;

}  // namespace annmpi::device::cuda::mini_batch
