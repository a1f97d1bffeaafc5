#include "model/cpu/batch/cpu_batch_device.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <omp.h>

#include "annmpi/model/instructions.hpp"

#include "model/cpu/kernels/panel_update.hpp"
#include "model/cpu/thread_arithmetic.hpp"

namespace annmpi::model {
namespace cpu::batch {

template <class Real>
CpuBatchDevice<Real>::Workspace::Workspace(const Network& network, const InputFormat& format)
    : scratch(most_panels(network)),
      gradient((PackedLayer<Real>::block_inputs + 1) * wide_panel),
      losses(network, InputBlock<Real>::most_rows),
      measure(network, format) {}

template <class Real>
CpuBatchDevice<Real>::CpuBatchDevice(Network network, const BatchFacts& facts,
                                     const CpuOptions& options)
    : network_(std::move(network)),
      format_{network_.inputs(), facts.feature_scale, facts.filled < filled_share_of_lists},
      options_(options),
      threads_(static_cast<std::size_t>(options.threads)),
      passes_(network_, format_, facts.rows, 1, threads_) {
  require_sound_arithmetic_on(options_.threads);
  layers_.reserve(network_.layers.size());  // updates refer to them
  for (const Layer& layer : network_.layers) {
    layers_.emplace_back(layer, layers_.empty());
    updates_.emplace_back(layers_.back(), data::Range{0, layers_.back().blocks()});
  }
  for (std::size_t t = 0; t < threads_; ++t)
    work_.push_back(std::make_unique<Workspace>(network_, format_));
}

template <class Real>
std::string CpuBatchDevice<Real>::description() const {
  return fmt::format("CPU, {} thread{} a rank, {} kernels", options_.threads,
                     options_.threads == 1 ? "" : "s", simd_target());
}

template <class Real>
std::uint64_t CpuBatchDevice<Real>::bytes() const {
  std::uint64_t sum = passes_.bytes();
  for (const auto& layer : layers_) sum += layer.bytes();
  for (const auto& update : updates_) sum += update.bytes();
  return sum;
}

template <class Real>
void CpuBatchDevice<Real>::upload(std::span<const double> theta) {
  for (std::size_t l = 0; l < depth(); ++l) {
    const Layer& layer = network_.layers[l];
    layers_[l].pack(theta.subspan(layer.offset, layer.size()));
    updates_[l].forget();
  }
}

template <class Real>
void CpuBatchDevice<Real>::download(std::span<double> theta) {
  for (std::size_t l = 0; l < depth(); ++l) {
    const Layer& layer = network_.layers[l];
    layers_[l].unpack(theta.subspan(layer.offset, layer.size()));
  }
}

template <class Real>
void CpuBatchDevice<Real>::step(const BatchRows& batch, const ParameterUpdate& update) {
  passes_.blocks().share(batch.labels.size());
  for (auto& layer : updates_) layer.make_room(update);
#pragma omp parallel num_threads(options_.threads)
  {
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
    const data::Range rows = passes_.blocks().of(0, thread);
    transpose_layers(thread);
    for (std::size_t block = rows.begin; block < rows.end; ++block) passes_.fill(block, batch);
#pragma omp barrier
    for (std::size_t block = rows.begin; block < rows.end; ++block)
      pass_through(block, batch, *work_[thread]);
#pragma omp barrier
    work_[thread]->largest_gradient = 0;
    work_[thread]->squares = {};
    for (std::size_t l = 0; l < depth(); ++l) update_blocks(l, thread, update);
    if (update.clip_norm > 0) {
#pragma omp barrier
      const double scale = clipping_scale(update.clip_norm);
      for (std::size_t l = 0; l < depth(); ++l) move_by_kept(l, thread, update, scale);
    }
  }
  largest_gradient_ = 0;
  for (const auto& own : work_)
    if (std::isnan(own->largest_gradient) || own->largest_gradient > largest_gradient_)
      largest_gradient_ = own->largest_gradient;
}

template <class Real>
void CpuBatchDevice<Real>::transpose_layers(std::size_t thread) {
  for (PackedLayer<Real>& layer : layers_) {
    const data::Range own = data::part_of(layer.transposed_panels(), thread, threads_);
    for (std::size_t panel = own.begin; panel < own.end; ++panel) layer.transpose(panel);
  }
}

/// While the values of a few rows are in the cache, they go all the way up and down.
template <class Real>
void CpuBatchDevice<Real>::pass_through(std::size_t block, const BatchRows& batch, Workspace& own) {
  for (std::size_t l = 0; l < depth(); ++l) passes_.forward(l, block, layers_[l], own.scratch);
  passes_.take_losses(block, batch, own.losses);
  for (std::size_t l = depth() - 1; l > 0; --l) passes_.backward(l, block, layers_[l], own.scratch);
}

template <class Real>
data::Range CpuBatchDevice<Real>::own_blocks(std::size_t l, std::size_t thread) const {
  const data::Range all = updates_[l].blocks();
  const data::Range own = data::part_of(all.size(), thread, threads_);
  return {all.begin + own.begin, all.begin + own.end};
}

template <class Real>
void CpuBatchDevice<Real>::update_blocks(std::size_t l, std::size_t thread,
                                         const ParameterUpdate& update) {
  Workspace& own = *work_[thread];
  const data::Range blocks = own_blocks(l, thread);
  for (std::size_t b = blocks.begin; b < blocks.end; ++b) {
    const auto block = layers_[l].block(b);
    const std::span<Real> g = update.clip_norm > 0 ? updates_[l].kept_gradient(b)
                                                   : std::span(own.gradient).first(block.size);
    passes_.sum_gradient(l, block, {0, passes_.blocks().size()}, g);
    const double largest = updates_[l].finish(b, update, passes_.blocks().rows(), g);
    if (std::isnan(largest) || largest > own.largest_gradient) own.largest_gradient = largest;
    if (update.clip_norm > 0)
      own.squares.add(kernels::sum_of_squares(std::span<const Real>(g)));
    else
      updates_[l].apply(b, update, g);
  }
}

/// min(1, clip_norm / ||g||), from the squares of all threads. Each block's is a double, and their
/// sum is exact: threads may share the blocks in any way.
template <class Real>
double CpuBatchDevice<Real>::clipping_scale(double clip_norm) const {
  Superaccumulator squares;
  for (const auto& own : work_) squares.add(own->squares);
  const double norm = std::sqrt(squares.value());
  return norm > clip_norm ? clip_norm / norm : 1;
}

template <class Real>
void CpuBatchDevice<Real>::move_by_kept(std::size_t l, std::size_t thread,
                                        const ParameterUpdate& update, double scale) {
  const data::Range blocks = own_blocks(l, thread);
  for (std::size_t b = blocks.begin; b < blocks.end; ++b) {
    const std::span<Real> g = updates_[l].kept_gradient(b);
    if (scale != 1) kernels::finish_gradient(scale, 0, std::span<const Real>(g), g);
    updates_[l].apply(b, update, g);
  }
}

template <class Real>
LossAndHits CpuBatchDevice<Real>::measure(const data::Shard& shard, std::uint64_t chunk_rows) {
  // Blocks never reach over the end of a chunk: the same ones, wherever a rank's rows begin.
  const std::size_t in_chunk =
      (chunk_rows + RowMeasure<Real>::most_rows - 1) / RowMeasure<Real>::most_rows;
  const std::size_t chunks = (shard.rows() + chunk_rows - 1) / chunk_rows;
  for (const auto& own : work_) own->measure.clear();
#pragma omp parallel for schedule(dynamic) num_threads(options_.threads)
  for (std::size_t index = 0; index < chunks * in_chunk; ++index) {
    const std::size_t chunk = index / in_chunk * chunk_rows;
    const std::size_t first = chunk + index % in_chunk * RowMeasure<Real>::most_rows;
    const std::size_t end = std::min<std::size_t>(
        {first + RowMeasure<Real>::most_rows, chunk + chunk_rows, shard.rows()});
    if (first < end)
      work_[static_cast<std::size_t>(omp_get_thread_num())]->measure.add(layers_, shard, first,
                                                                         end - first);
  }
  LossAndHits sums;
  for (const auto& own : work_) {
    sums.loss.add(own->measure.loss());
    sums.hits += own->measure.hits();
  }
  return sums;
}

template class CpuBatchDevice<float>;
template class CpuBatchDevice<double>;

}  // namespace cpu::batch

std::unique_ptr<BatchDevice> make_cpu_batch_device(Network network, const BatchFacts& facts,
                                                   const CpuOptions& options) {
  if (options.precision == Precision::mixed)
    return std::make_unique<cpu::batch::CpuBatchDevice<float>>(std::move(network), facts, options);
  return std::make_unique<cpu::batch::CpuBatchDevice<double>>(std::move(network), facts, options);
}

}  // namespace annmpi::model
