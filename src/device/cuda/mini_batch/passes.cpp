#include "device/cuda/mini_batch/passes.hpp"

#include <algorithm>

#include "device/cuda/mini_batch/layers.hpp"

namespace annmpi::device::cuda::mini_batch {

template <class Traits>
Passes<Traits>::Passes(const network::Network& network, io::ElementType type,
                       const device::BatchFacts& facts, const ParameterMemory<Traits>& parameters,
                       cudaStream_t stream)
    : parameters_(parameters),
      stream_(stream),
      activation_(network.activation),
      output_(network.output),
      type_(type),
      feature_scale_(facts.feature_scale),
      layout_(parameters.layout(), planes_of_features<Traits>(type), Traits::planes),
      measure_rows_(layout_.measure_rows(sizeof(Element), loss_rows)),
      numbers_(static_cast<std::size_t>(
          std::max(layout_.size_of_row() * static_cast<long long>(facts.rows),
                   layout_.values_of_row() * measure_rows_))),
      labels_(std::max<std::size_t>(facts.rows, static_cast<std::size_t>(measure_rows_))),
      logits_(labels_.size() * network.classes()) {
  if (!rules::needs_argument(activation_)) return;
  for (std::size_t l = 0; l + 1 < parameters_.depth(); ++l)
    arguments_.emplace_back(labels_.size() * network.layers[l].outputs);
}

template <class Traits>
std::uint64_t Passes<Traits>::bytes() const {
  std::uint64_t sum = numbers_.size() * sizeof(Element) + labels_.size() * sizeof(int) +
                      logits_.size() * sizeof(Real);
  for (const auto& layer : arguments_) sum += layer.size() * sizeof(Real);
  return sum;
}

template <class Traits>
LabelledLogits<typename Traits::Real> Passes<Traits>::logits() const {
  const LayerPlace& last = parameters_.layer(parameters_.depth() - 1);
  return {logits_.data(), labels_.data(), last.outputs, output_};
}

template <class Traits>
void Passes<Traits>::take(const ChosenRows& rows, const StepStart<Traits>& start) const {
  take_rows<Traits>(
      rows,
      {values(0, rows.choice.count), labels_.data(), parameters_.layer(0).inputs, feature_scale_},
      start, stream_);
}

template <class Traits>
void Passes<Traits>::up(int rows, int first, int end) const {
  for (std::size_t l = 0; l < parameters_.depth(); ++l) {
    const LayerPlace& layer = parameters_.layer(l);
    const Operand<Traits> x = values(l, rows).operand();
    if (l + 1 < parameters_.depth())
      start_values<Traits>(x, planes_of(l), parameters_.weights(l), layer, first, end,
                           {activation_, scale(l), parameters_.biases(l), values(l + 1, rows),
                            layer.outputs, arguments(l)},
                           stream_);
    else
      start_logits<Traits>(x, planes_of(l), parameters_.weights(l), layer, first, end,
                           {scale(l), parameters_.biases(l), logits_.data(), layer.outputs},
                           stream_);
  }
}

template <class Traits>
void Passes<Traits>::last_deltas(int rows, int first, int end) const {
  start_deltas<Traits>(logits(), first, end, deltas(parameters_.depth() - 1, rows), stream_);
}

template <class Traits>
void Passes<Traits>::pull_back(std::size_t l, int rows, int first, int end) const {
  start_pull_back<Traits>(deltas(l, rows).operand(), parameters_.weights(l), parameters_.layer(l),
                          first, end,
                          {activation_, values(l, rows).operand(), arguments(l - 1),
                           parameters_.layer(l).inputs, deltas(l - 1, rows)},
                          stream_);
}

template class Passes<Mixed>;
template class Passes<Float64>;

}  // namespace annmpi::device::cuda::mini_batch
