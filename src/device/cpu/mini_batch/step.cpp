#include <algorithm>
#include <cmath>
#include <utility>

#include <omp.h>

#include "device/cpu/mini_batch/cpu_mini_batch_device.hpp"
#include "device/cpu/mini_batch/panel_update.hpp"

// The steps of CpuMiniBatchDevice.
namespace annmpi::device::cpu::mini_batch {
namespace {

/// Granularity of gathers: the size of a row in the narrowest panel.
constexpr std::size_t piece_bytes = 64;

/// The factor that clips a gradient with this sum of squares.
double clipping_scale(double clip_norm, double squares) {
  const double norm = std::sqrt(squares);
  return norm > clip_norm ? clip_norm / norm : 1;
}

}  // namespace

template <class Real>
void CpuMiniBatchDevice<Real>::step(const data::Batch& batch, const ParameterUpdate& update) {
  passes_.blocks().share(batch.labels.size());
  states_ = states_of(update);
  for (auto& layer : updates_) layer.make_room(states_, by_sums_ || update.clip_norm > 0);
  for (const auto& own : work_) {
    own->largest_gradient = 0;
    own->squares = {};
  }
  if (ranks_ == 1)
    step_alone(batch, update);
  else if (by_sums_)
    step_by_sums(batch, update);
  else
    step_by_gathers(batch, update);
  largest_gradient_ = 0;
  for (const auto& own : work_)
    if (std::isnan(own->largest_gradient) || own->largest_gradient > largest_gradient_)
      largest_gradient_ = own->largest_gradient;
}

template <class Real>
void CpuMiniBatchDevice<Real>::step_alone(const data::Batch& batch, const ParameterUpdate& update) {
#pragma omp parallel num_threads(options_.threads)
  {
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
    transpose_layers(thread);
    fill(0, thread, batch);
#pragma omp barrier
    // Forward and backward for one block of rows while its values are in the cache.
    const data::Range rows = passes_.blocks().of(0, thread);
    for (std::size_t block = rows.begin; block < rows.end; ++block) {
      pass_up(block, batch, *work_[thread]);
      for (std::size_t l = depth() - 1; l > 0; --l)
        passes_.backward(l, block, layers_[l], work_[thread]->scratch);
    }
#pragma omp barrier
    for (std::size_t l = 0; l < depth(); ++l) update_blocks(l, thread, update);
    if (update.clip_norm > 0) {
#pragma omp barrier
      const double scale = clipping_scale(update.clip_norm, squares().value());
      for (std::size_t l = 0; l < depth(); ++l) move_clipped(l, thread, update, scale);
    }
  }
}

template <class Real>
void CpuMiniBatchDevice<Real>::step_by_gathers(const data::Batch& batch,
                                               const ParameterUpdate& update) {
  on_threads([&](std::size_t thread) { fill(rank_, thread, batch); });
  for (std::size_t l = 0; l < depth(); ++l) {
    await(parameters_coming_, l);
    on_own_rows([&](std::size_t block, Workspace& own) {
      passes_.forward(l, block, layers_[l], own.scratch);
      if (l + 1 == depth()) passes_.take_losses(block, batch, own.losses);
    });
    if (l + 1 < depth()) gather(passes_.all_values(l), l, values_coming_);
  }
  gather(passes_.all_deltas(depth() - 1), depth() - 1, deltas_coming_);
  on_threads([&](std::size_t thread) { transpose_layers(thread); });
  for (std::size_t l = depth() - 1; l > 0; --l) {
    on_own_rows([&](std::size_t block, Workspace& own) {
      passes_.backward(l, block, layers_[l], own.scratch);
    });
    gather(passes_.all_deltas(l - 1), l - 1, deltas_coming_);
  }
  on_threads([&](std::size_t thread) {
    for (std::size_t part = 0; part < ranks_; ++part)
      if (part != rank_) fill(part, thread, batch);
  });
  for (std::size_t l = depth(); l-- > 0;) {
    await(deltas_coming_, l);
    if (l > 0) await(values_coming_, l - 1);
    on_threads([&](std::size_t thread) { update_blocks(l, thread, update); });
    if (update.clip_norm == 0) gather_parameters(l);
  }
  if (update.clip_norm == 0) return;
  Superaccumulator all = squares();
  exchange_->sum(all.limbs());
  const double scale = clipping_scale(update.clip_norm, all.value());
  for (std::size_t l = depth(); l-- > 0;) {
    on_threads([&](std::size_t thread) { move_clipped(l, thread, update, scale); });
    gather_parameters(l);
  }
}

template <class Real>
void CpuMiniBatchDevice<Real>::step_by_sums(const data::Batch& batch,
                                            const ParameterUpdate& update) {
  on_threads([&](std::size_t thread) {
    transpose_layers(thread);
    fill(rank_, thread, batch);
  });
  on_own_rows([&](std::size_t block, Workspace& own) { pass_up(block, batch, own); });
  for (std::size_t l = depth(); l-- > 0;) {
    on_threads([&](std::size_t thread) { sum_blocks(l, thread, own_row_blocks()); });
    sums_coming_[l] = exchange_->start_sum(updates_[l].kept_gradient());
    if (l > 0)
      on_own_rows([&](std::size_t block, Workspace& own) {
        passes_.backward(l, block, layers_[l], own.scratch);
      });
  }
  for (std::size_t l = depth(); l-- > 0;) {
    await(sums_coming_, l);
    on_threads([&](std::size_t thread) { finish_blocks(l, thread, update); });
  }
  if (update.clip_norm == 0) return;
  const double scale = clipping_scale(update.clip_norm, squares().value());
  on_threads([&](std::size_t thread) {
    for (std::size_t l = 0; l < depth(); ++l) move_clipped(l, thread, update, scale);
  });
}

template <class Real>
void CpuMiniBatchDevice<Real>::fill(std::size_t part, std::size_t thread,
                                    const data::Batch& batch) {
  const data::Range rows = passes_.blocks().of(part, thread);
  for (std::size_t block = rows.begin; block < rows.end; ++block) passes_.fill(block, batch);
}

template <class Real>
void CpuMiniBatchDevice<Real>::transpose_layers(std::size_t thread) {
  for (PackedLayer<Real>& layer : layers_) {
    const data::Range own = data::part_of(layer.transposed_panels(), thread, threads_);
    for (std::size_t panel = own.begin; panel < own.end; ++panel) layer.transpose(panel);
  }
}

template <class Real>
void CpuMiniBatchDevice<Real>::pass_up(std::size_t block, const data::Batch& batch,
                                       Workspace& own) {
  for (std::size_t l = 0; l < depth(); ++l) passes_.forward(l, block, layers_[l], own.scratch);
  passes_.take_losses(block, batch, own.losses);
}

template <class Real>
void CpuMiniBatchDevice<Real>::sum_blocks(std::size_t l, std::size_t thread,
                                          data::Range row_blocks) {
  const data::Range blocks = own_blocks(l, thread);
  for (std::size_t b = blocks.begin; b < blocks.end; ++b)
    passes_.sum_gradient(l, layers_[l].block(b), row_blocks, updates_[l].kept_gradient(b));
}

template <class Real>
void CpuMiniBatchDevice<Real>::finish_blocks(std::size_t l, std::size_t thread,
                                             const ParameterUpdate& update) {
  const data::Range blocks = own_blocks(l, thread);
  for (std::size_t b = blocks.begin; b < blocks.end; ++b)
    finish_block(l, b, *work_[thread], update, updates_[l].kept_gradient(b));
}

/// Computes the gradient of each block and updates it while it is in the cache.
template <class Real>
void CpuMiniBatchDevice<Real>::update_blocks(std::size_t l, std::size_t thread,
                                             const ParameterUpdate& update) {
  const data::Range blocks = own_blocks(l, thread);
  for (std::size_t b = blocks.begin; b < blocks.end; ++b) {
    const auto block = layers_[l].block(b);
    if (update.clip_norm == 0) updates_[l].prefetch(b);
    const std::span<Real> g = update.clip_norm > 0
                                  ? updates_[l].kept_gradient(b)
                                  : std::span(work_[thread]->gradient).first(block.size);
    passes_.sum_gradient(l, block, all_row_blocks(), g);
    finish_block(l, b, *work_[thread], update, g);
  }
}

/// Finishes the gradient of a block and updates its parameters, unless clipping defers that until
/// the norm of the whole gradient is known.
template <class Real>
void CpuMiniBatchDevice<Real>::finish_block(std::size_t l, std::size_t block, Workspace& own,
                                            const ParameterUpdate& update, std::span<Real> g) {
  const double largest = updates_[l].finish(block, update, passes_.blocks().rows(), g);
  if (std::isnan(largest) || largest > own.largest_gradient) own.largest_gradient = largest;
  if (update.clip_norm > 0)
    own.squares.add(kernels::sum_of_squares(std::span<const Real>(g)));
  else
    updates_[l].apply(block, update, g);
}

template <class Real>
void CpuMiniBatchDevice<Real>::move_clipped(std::size_t l, std::size_t thread,
                                            const ParameterUpdate& update, double scale) {
  const data::Range blocks = own_blocks(l, thread);
  for (std::size_t b = blocks.begin; b < blocks.end; ++b) {
    const std::span<Real> g = updates_[l].kept_gradient(b);
    if (scale != 1) kernels::finish_gradient(scale, 0, std::span<const Real>(g), g);
    updates_[l].apply(b, update, g);
  }
}

template <class Real>
template <class Work>
void CpuMiniBatchDevice<Real>::on_threads(Work&& work) {
#pragma omp parallel num_threads(options_.threads)
  work(static_cast<std::size_t>(omp_get_thread_num()));
}

template <class Real>
template <class Work>
void CpuMiniBatchDevice<Real>::on_own_rows(Work&& work) {
  on_threads([&](std::size_t thread) {
    const data::Range rows = passes_.blocks().of(rank_, thread);
    for (std::size_t block = rows.begin; block < rows.end; ++block) work(block, *work_[thread]);
  });
}

/// Starts the gather of a layer's values or deltas over all ranks.
template <class Real>
void CpuMiniBatchDevice<Real>::gather(std::span<Real> all, std::size_t l, Tickets& tickets) {
  const std::size_t row_bytes = padded(network_.layers[l].outputs) * sizeof(Real);
  for (std::size_t r = 0; r < ranks_; ++r)
    begins_[r + 1] = passes_.blocks().rows_of(r).end * row_bytes / piece_bytes;
  tickets[l] = exchange_->start_gather(
      std::as_writable_bytes(all).first(passes_.blocks().rows() * row_bytes), piece_bytes, begins_);
}

template <class Real>
void CpuMiniBatchDevice<Real>::gather_parameters(std::size_t l) {
  const std::span<Real> all = layers_[l].parameters();
  const std::size_t blocks = layers_[l].blocks();
  for (std::size_t r = 0; r < ranks_; ++r) {
    const std::size_t end = data::part_of(blocks, r, ranks_).end;
    const std::size_t size = end < blocks ? layers_[l].block(end).begin : all.size();
    begins_[r + 1] = size * sizeof(Real) / piece_bytes;
  }
  parameters_coming_[l] =
      exchange_->start_gather(std::as_writable_bytes(all), piece_bytes, begins_);
}

template <class Real>
void CpuMiniBatchDevice<Real>::await(Tickets& tickets, std::size_t l) {
  if (const auto ticket = std::exchange(tickets[l], std::nullopt)) exchange_->finish(*ticket);
}

template <class Real>
void CpuMiniBatchDevice<Real>::await_parameters() {
  for (std::size_t l = 0; l < depth(); ++l) await(parameters_coming_, l);
}

/// Sums of blocks are doubles and are added exactly: the distribution of blocks over threads and
/// ranks does not matter.
template <class Real>
Superaccumulator CpuMiniBatchDevice<Real>::squares() const {
  Superaccumulator sum;
  for (const auto& own : work_) sum.add(own->squares);
  return sum;
}

template <class Real>
data::Range CpuMiniBatchDevice<Real>::own_blocks(std::size_t l, std::size_t thread) const {
  const data::Range all = updates_[l].blocks();
  const data::Range own = data::part_of(all.size(), thread, threads_);
  return {all.begin + own.begin, all.begin + own.end};
}

template <class Real>
data::Range CpuMiniBatchDevice<Real>::all_row_blocks() const {
  return {0, passes_.blocks().size()};
}

template <class Real>
data::Range CpuMiniBatchDevice<Real>::own_row_blocks() const {
  return {passes_.blocks().of(rank_, 0).begin, passes_.blocks().of(rank_, threads_ - 1).end};
}

// The public members that this file defines.
#define ANNMPI_INSTANTIATE(Real)                                                            \
  template void CpuMiniBatchDevice<Real>::step(const data::Batch&, const ParameterUpdate&); \
  template void CpuMiniBatchDevice<Real>::await_parameters();
ANNMPI_INSTANTIATE(float)
ANNMPI_INSTANTIATE(double)
#undef ANNMPI_INSTANTIATE

}  // namespace annmpi::device::cpu::mini_batch
