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
  if (rank_.size > 1) return move_together(graphs, rows);
  graphs.whole.run(stream_, [&] { move_alone(rows); });
}

template <class Traits>
double Steps<Traits>::largest_gradient() const {
  copy(largest_.data(), largest_on_host_.data(), 1, cudaMemcpyDeviceToHost, stream_);
  sums_.wait(stream_);
  return std::bit_cast<double>(largest_on_host_.values()[0]);
}

template <class Traits>
void Steps<Traits>::move_alone(int rows) {
  passes_.up(rows, 0, rows);
  // As soon as nothing reads the weights of a layer any more they move, beside what is left.
  pass_down(rows, 0, rows, [&](std::size_t l) {
    passed_.record(stream_);
    passed_.let_wait(beside_);
    update_layer(l, rows, beside_);
  });
  update_layer(0, rows, stream_);
  if (parameters_.depth() > 1) {
    updated_.record(beside_);
    updated_.let_wait(stream_);
  }
  move_if_clipped();
}

template <class Traits>
void Steps<Traits>::move_together(Graphs& graphs, int rows) {
  // Whole tiles, so that a tile is computed in one way.
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
    pass_down(rows, first, end, [](std::size_t) {});
  });
  bring_together(exchanged, bytes, sums_, stream_);
  graphs.updates.run(stream_, [&] {
    for (std::size_t l = parameters_.depth(); l-- > 0;) update_layer(l, rows, stream_);
    move_if_clipped();
  });
}

template <class Traits>
template <class Then>
void Steps<Traits>::pass_down(int rows, int first, int end, Then&& then) {
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
  const Factor<Traits> delta = passes_.deltas(l, rows).factor();
  const Factor<Traits> x = passes_.values(l, rows).factor();
  const int parts = passes_.parts_of(l);
  if (parameters_.clips())
    start_gradient<Traits>(delta, x, parts, rows, parameters_.gradient(l, to), stream);
  else
    start_update<Traits>(delta, x, parts, rows, to, stream);
}

template <class Traits>
void Steps<Traits>::move_if_clipped() const {
  if (parameters_.clips()) parameters_.move_by_gradient(numbers_.data());
}

template class Steps<Mixed>;
template class Steps<Float64>;

}  // namespace annmpi::device::cuda::mini_batch
