#include "device/cpu/mini_batch/passes.hpp"

#include <algorithm>

#include "device/cpu/layers/activations.hpp"

namespace annmpi::device::cpu::mini_batch {

template <class Real>
BatchPasses<Real>::BatchPasses(const network::Network& network, const InputFormat& format,
                               std::size_t most_rows, std::size_t parts, std::size_t threads)
    : network_(network),
      blocks_(parts, threads, InputBlock<Real>::most_rows),
      inputs_(blocks_.most(most_rows), InputBlock<Real>(format)),
      values_(make_values<Real>(network, most_rows)),
      deltas_(make_values<Real>(network, most_rows)) {
  if (!rules::needs_argument(network.activation)) return;
  arguments_ = make_values<Real>(network, most_rows);
  arguments_.pop_back();
}

template <class Real>
Panels<Real> BatchPasses<Real>::part_of(std::vector<kernels::AlignedVector<Real>>& all,
                                        std::size_t l, const RowBlock& block) {
  const std::size_t columns = network_.layers[l].outputs;
  const data::Range rows = blocks_.rows_of(block.part);
  return {all[l].data() + rows.begin * padded(columns), static_cast<std::size_t>(rows.size()),
          columns};
}

template <class Real>
Panels<Real> BatchPasses<Real>::arguments_of(std::size_t l, const RowBlock& block) {
  return part_of(l < arguments_.size() ? arguments_ : values_, l, block);
}

template <class Real>
void BatchPasses<Real>::fill(std::size_t block, const data::Batch& batch) {
  const RowBlock& own = blocks_[block];
  inputs_[block].fill(batch.features.subspan(own.first, own.rows), batch.type, true);
}

template <class Real>
void BatchPasses<Real>::forward(std::size_t l, std::size_t block, const PackedLayer<Real>& layer,
                                Scratch<Real>& scratch) {
  const RowBlock& own = blocks_[block];
  const std::size_t first = blocks_.first_in_part(own);
  const Panels<Real> a = part_of(values_, l, own);
  const Panels<Real> z = arguments_of(l, own);
  for (std::size_t q = 0; q < z.count(); ++q) {
    if (l == 0)
      inputs_[block].forward(z.width(), layer.panel(q), z.at(q, first));
    else
      mini_batch::forward(layer, part_of(values_, l - 1, own), q, first, own.rows, scratch, z);
    if (l + 1 < network_.layers.size())
      kernels::activate(network_.activation,
                        std::span<const Real>(z.at(q, first), own.rows * z.width()),
                        std::span(a.at(q, first), own.rows * a.width()));
  }
}

template <class Real>
void BatchPasses<Real>::take_losses(std::size_t block, const data::Batch& batch,
                                    OutputLosses& losses) {
  const RowBlock& own = blocks_[block];
  const std::size_t first = blocks_.first_in_part(own);
  const std::size_t last = network_.layers.size() - 1;
  losses.take(part_of(values_, last, own), first, batch.labels.subspan(own.first, own.rows));
  losses.put_delta(first, part_of(deltas_, last, own));
}

template <class Real>
void BatchPasses<Real>::backward(std::size_t l, std::size_t block, const PackedLayer<Real>& layer,
                                 Scratch<Real>& scratch) {
  const RowBlock& own = blocks_[block];
  const std::size_t first = blocks_.first_in_part(own);
  const Panels<Real> delta = part_of(deltas_, l, own);
  const Panels<Real> below = part_of(deltas_, l - 1, own);
  const Panels<Real> values = part_of(values_, l - 1, own);
  const Panels<Real> arguments = arguments_of(l - 1, own);
  for (std::size_t p = 0; p < below.count(); ++p) {
    pull_back(layer, delta, p, first, own.rows, scratch, below);
    const std::size_t size = own.rows * below.width();
    kernels::multiply_by_derivative(
        network_.activation, std::span<const Real>(arguments.at(p, first), size),
        std::span<const Real>(values.at(p, first), size), std::span(below.at(p, first), size));
  }
}

template <class Real>
void BatchPasses<Real>::sum_gradient(std::size_t l,
                                     const typename PackedLayer<Real>::Block& parameters,
                                     data::Range row_blocks, std::span<Real> g) {
  std::ranges::fill(g, Real{0});
  for (std::size_t b = row_blocks.begin; b < row_blocks.end; ++b) {
    const RowBlock& own = blocks_[b];
    const std::size_t first = blocks_.first_in_part(own);
    const Panels<Real> delta = part_of(deltas_, l, own);
    if (l == 0)
      inputs_[b].add_gradient(parameters.first_input, parameters.inputs, delta.width(),
                              delta.at(parameters.panel, first), g.data());
    else
      add_gradient<Real>(parameters, part_of(values_, l - 1, own), delta, first, own.rows,
                         g.data());
    if (parameters.has_biases)
      add_bias_gradient(parameters.panel, delta, first, own.rows,
                        g.data() + parameters.inputs * delta.width());
  }
}

template <class Real>
std::uint64_t BatchPasses<Real>::bytes() const {
  std::uint64_t sum = 0;
  for (const auto& input : inputs_) sum += input.bytes();
  for (const auto* layers : {&values_, &arguments_, &deltas_})
    for (const auto& values : *layers) sum += values.size() * sizeof(Real);
  return sum;
}

template class BatchPasses<float>;
template class BatchPasses<double>;

}  // namespace annmpi::device::cpu::mini_batch
