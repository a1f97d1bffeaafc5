#include "device/cpu/mini_batch/cpu_mini_batch_device.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <omp.h>

#include "annmpi/device/instructions.hpp"

#include "device/cpu/simd/thread_arithmetic.hpp"

namespace annmpi::device {
namespace cpu::mini_batch {

template <class Real>
CpuMiniBatchDevice<Real>::Workspace::Workspace(const network::Network& network,
                                               const InputFormat& format)
    : scratch(most_panels(network)),
      gradient((PackedLayer<Real>::block_inputs + 1) * wide_panel),
      losses(network, InputBlock<Real>::most_rows),
      measure(network, format) {}

template <class Real>
CpuMiniBatchDevice<Real>::CpuMiniBatchDevice(network::Network network, const BatchFacts& facts,
                                             const DeviceOptions& options, RankExchange* exchange)
    : network_(std::move(network)),
      space_(network_.parameters()),
      format_{network_.inputs(), facts.feature_scale, false},
      options_(options),
      exchange_(exchange),
      rank_(exchange != nullptr ? exchange->rank() : 0),
      ranks_(exchange != nullptr ? exchange->size() : 1),
      by_sums_(ranks_ > 1 && !options.deterministic),
      threads_(static_cast<std::size_t>(options.threads)),
      passes_(network_, format_, facts.rows, ranks_, threads_),
      begins_(ranks_ + 1) {
  require_sound_arithmetic_on(options_.threads);
  layers_.reserve(network_.layers.size());  // updates_ hold references
  for (const network::Layer& layer : network_.layers) {
    layers_.emplace_back(layer, layers_.empty());
    const std::size_t blocks = layers_.back().blocks();
    updates_.emplace_back(layers_.back(),
                          by_sums_ ? data::Range{0, blocks} : data::part_of(blocks, rank_, ranks_));
  }
  for (std::size_t t = 0; t < threads_; ++t)
    work_.push_back(std::make_unique<Workspace>(network_, format_));
  for (Tickets* tickets : {&values_coming_, &deltas_coming_, &sums_coming_, &parameters_coming_})
    tickets->resize(depth());
}

template <class Real>
std::string CpuMiniBatchDevice<Real>::description() const {
  return fmt::format("CPU, {} thread{} a rank, {} kernels", options_.threads,
                     options_.threads == 1 ? "" : "s", simd_target());
}

template <class Real>
std::uint64_t CpuMiniBatchDevice<Real>::bytes() const {
  std::uint64_t sum = passes_.bytes();
  for (const auto& layer : layers_) sum += layer.bytes();
  for (const auto& update : updates_) sum += update.bytes();
  return sum;
}

template <class Real>
void CpuMiniBatchDevice<Real>::set_parameters(const Vector& theta) {
  await_parameters();
  for (std::size_t l = 0; l < depth(); ++l) {
    const network::Layer& layer = network_.layers[l];
    layers_[l].pack(elements(theta).subspan(layer.offset, layer.size()));
    updates_[l].forget();
  }
  states_ = 0;
}

template <class Real>
void CpuMiniBatchDevice<Real>::get_parameters(Vector& theta) {
  await_parameters();
  for (std::size_t l = 0; l < depth(); ++l) {
    const network::Layer& layer = network_.layers[l];
    layers_[l].unpack(elements(theta).subspan(layer.offset, layer.size()));
  }
}

template <class Real>
bool CpuMiniBatchDevice<Real>::draw_batches_from(const DeviceRows& training,
                                                 const data::BatchOrder&) {
  const bool in_lists = training.facts().filled < filled_share_of_lists;
  if (in_lists != format_.in_lists) {
    format_.in_lists = in_lists;
    passes_.take_inputs_as(format_);
    for (const auto& own : work_) own->measure.take_inputs_as(format_);
  }
  return false;
}

template <class Real>
LossAndHits CpuMiniBatchDevice<Real>::measure(DeviceRows& rows) {
  await_parameters();
  for (const auto& own_work : work_) own_work->measure.clear();
  own(rows).data().for_each_block(
      [&](const data::HostBlock& block) { measure_block(block, rows.facts().chunk_rows); });
  LossAndHits sums;
  for (const auto& own_work : work_) {
    sums.loss.add(own_work->measure.loss());
    sums.hits += own_work->measure.hits();
  }
  return sums;
}

/// Measures a block of whole chunks.
template <class Real>
void CpuMiniBatchDevice<Real>::measure_block(const data::HostBlock& block,
                                             std::uint64_t chunk_rows) {
  // No block crosses the end of a chunk, so blocks do not depend on where a rank's rows begin.
  const std::size_t in_chunk =
      (chunk_rows + RowMeasure<Real>::most_rows - 1) / RowMeasure<Real>::most_rows;
  const std::size_t chunks = (block.rows() + chunk_rows - 1) / chunk_rows;
#pragma omp parallel for schedule(dynamic) num_threads(options_.threads)
  for (std::size_t index = 0; index < chunks * in_chunk; ++index) {
    const std::size_t chunk = index / in_chunk * chunk_rows;
    const std::size_t first = chunk + index % in_chunk * RowMeasure<Real>::most_rows;
    const std::size_t end = std::min<std::size_t>(
        {first + RowMeasure<Real>::most_rows, chunk + chunk_rows, block.rows()});
    if (first < end)
      work_[static_cast<std::size_t>(omp_get_thread_num())]->measure.add(layers_, block, first,
                                                                         end - first);
  }
}

template class CpuMiniBatchDevice<float>;
template class CpuMiniBatchDevice<double>;

}  // namespace cpu::mini_batch

std::unique_ptr<MiniBatchDevice> make_cpu_mini_batch_device(network::Network network,
                                                            const BatchFacts& facts,
                                                            const DeviceOptions& options,
                                                            RankExchange* exchange) {
  using namespace cpu::mini_batch;
  if (options.precision == config::Precision::mixed)
    return std::make_unique<CpuMiniBatchDevice<float>>(std::move(network), facts, options,
                                                       exchange);
  return std::make_unique<CpuMiniBatchDevice<double>>(std::move(network), facts, options, exchange);
}

}  // namespace annmpi::device
