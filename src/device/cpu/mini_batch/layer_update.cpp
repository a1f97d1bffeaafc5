#include "device/cpu/mini_batch/layer_update.hpp"

#include <algorithm>
#include <cmath>

#include "device/cpu/mini_batch/panel_update.hpp"

namespace annmpi::device::cpu::mini_batch {

template <class Real>
LayerUpdate<Real>::LayerUpdate(PackedLayer<Real>& layer, data::Range blocks)
    : layer_(layer), blocks_(blocks) {
  if (blocks_.size() == 0) return;
  const auto last = layer_.block(blocks_.end - 1);
  begin_ = layer_.block(blocks_.begin).begin;
  size_ = last.begin + last.size - begin_;
}

template <class Real>
void LayerUpdate<Real>::make_room(int states, bool keeps_gradient) {
  if (states > 0) state1_.resize(size_);
  if (states > 1) state2_.resize(size_);
  if (keeps_gradient) gradient_.resize(size_);
}

template <class Real>
void LayerUpdate<Real>::forget() {
  state1_.clear();
  state2_.clear();
}

template <class Real>
void LayerUpdate<Real>::prefetch(std::size_t block) const {
  const auto shape = layer_.block(block);
  kernels::prefetch_to_update(
      std::span<const Real>(layer_.parameters()).subspan(shape.begin, shape.size));
}

template <class Real>
double LayerUpdate<Real>::finish(std::size_t block, const ParameterUpdate& update, std::size_t rows,
                                 std::span<Real> g) {
  const auto shape = layer_.block(block);
  const std::size_t weights = shape.inputs * layer_.width();
  const double scale = 1 / static_cast<double>(rows);
  const auto w = std::span<const Real>(layer_.parameters()).subspan(shape.begin, shape.size);
  const double of_weights =
      kernels::finish_gradient(scale, update.penalty, w.first(weights), g.first(weights));
  if (!shape.has_biases) return of_weights;
  const double of_biases =
      kernels::finish_gradient(scale, 0, w.subspan(weights), g.subspan(weights));
  return std::isnan(of_biases) || of_biases > of_weights ? of_biases : of_weights;
}

template <class Real>
void LayerUpdate<Real>::apply(std::size_t block, const ParameterUpdate& update,
                              std::span<const Real> g) {
  const auto shape = layer_.block(block);
  const std::size_t at = offset(block);
  kernels::apply_update(update, g, state1_.empty() ? nullptr : state1_.data() + at,
                        state2_.empty() ? nullptr : state2_.data() + at,
                        layer_.parameters().subspan(shape.begin, shape.size));
}

template <class Real>
std::span<Real> LayerUpdate<Real>::kept_gradient(std::size_t block) {
  return std::span(gradient_).subspan(offset(block), layer_.block(block).size);
}

template class LayerUpdate<float>;
template class LayerUpdate<double>;

}  // namespace annmpi::device::cpu::mini_batch
