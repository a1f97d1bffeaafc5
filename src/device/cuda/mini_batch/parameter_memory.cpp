#include "device/cuda/mini_batch/parameter_memory.hpp"

#include <utility>

#include "device/cuda/mini_batch/layers.hpp"
#include "device/cuda/mini_batch/parameters.hpp"

namespace annmpi::device::cuda::mini_batch {

template <class Traits>
ParameterMemory<Traits>::ParameterMemory(const network::Network& network, cudaStream_t stream)
    : stream_(stream),
      layout_(network),
      values_(static_cast<std::size_t>(layout_.count)),
      operands_(has_operands ? values_.size() * Traits::planes : 0) {
  values_.clear(stream_);
  operands_.clear(stream_);
}

template <class Traits>
std::uint64_t ParameterMemory<Traits>::bytes() const {
  std::uint64_t sum = operands_.size() * sizeof(Element) + squares_.size() * sizeof(double);
  for (const auto* reals : {&values_, &first_, &second_, &gradients_})
    sum += reals->size() * sizeof(Real);
  return sum;
}

template <class Traits>
void ParameterMemory<Traits>::take(const double* theta) {
  for (const LayerPlace& place : layout_.layers) take_layer(theta, place, all(), stream_);
  first_.clear(stream_);
  second_.clear(stream_);
  states_ = 0;
}

template <class Traits>
void ParameterMemory<Traits>::give(double* theta) const {
  for (const LayerPlace& place : layout_.layers) give_layer(all(), place, theta, stream_);
}

template <class Traits>
bool ParameterMemory<Traits>::prepare_for(const ParameterUpdate& update) {
  const bool clips = update.clip_norm > 0;
  if (std::exchange(clips_, clips) != clips) has_moved_ = true;
  reserve_states(states_of(update));
  if (clips) {
    reserve(gradients_);
    std::size_t sums = 0;
    for (const LayerPlace& place : layout_.layers)
      sums += static_cast<std::size_t>(sums_of_squares(place));
    squares_.reserve(sums);  // makes room together with gradients_
  }
  return std::exchange(has_moved_, false);
}

template <class Traits>
void ParameterMemory<Traits>::reserve_states(int states) {
  states_ = states;
  if (states > 0) reserve(first_);
  if (states > 1) reserve(second_);
}

template <class Traits>
void ParameterMemory<Traits>::reserve(DeviceBuffer<Real>& buffer) {
  if (buffer.size() > 0) return;
  has_moved_ = true;
  buffer.reserve(values_.size());
  buffer.clear(stream_);
}

template <class Traits>
Parameters<Traits> ParameterMemory<Traits>::all() const {
  Element* operands = nullptr;
  if constexpr (has_operands)
    operands = operands_.data();
  else
    operands = values_.data();
  return {values_.data(), first_.data(), second_.data(), operands, layout_.count};
}

template <class Traits>
Operand<Traits> ParameterMemory<Traits>::weights(std::size_t l) const {
  return {all().operands + layer(l).weights, layout_.count, layer(l).pitch};
}

template <class Traits>
ToGradient<Traits> ParameterMemory<Traits>::gradient(std::size_t l,
                                                     const ToParameters<Traits>& update) const {
  long long before = 0;
  for (std::size_t below = 0; below < l; ++below) before += sums_of_squares(layer(below));
  return {update, gradients_.data(), squares_.data() + before};
}

template <class Traits>
void ParameterMemory<Traits>::move_by_gradient(const StepNumbers<Real>* step) const {
  move_clipped(step, squares_.data(), static_cast<int>(squares_.size()), gradients_.data(), all(),
               stream_);
}

template class ParameterMemory<Mixed>;
template class ParameterMemory<Float64>;

}  // namespace annmpi::device::cuda::mini_batch
