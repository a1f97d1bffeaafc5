#include <vector>

#include "device/cpu/mini_batch/cpu_mini_batch_device.hpp"
#include "device/layer_state.hpp"

// The state of a CpuMiniBatchDevice.
namespace annmpi::device::cpu::mini_batch {
namespace {

/// Visits the elements in `packed` that belong to the given blocks of a layer.
template <class Real>
void visit_blocks(StateVisitor& visitor, std::string_view name, StateLayout layout,
                  const PackedLayer<Real>& layer, data::Range blocks, std::span<Real> packed) {
  const std::size_t begin = blocks.size() == 0 ? 0 : layer.block(blocks.begin).begin;
  std::vector<double> values;
  values.reserve(packed.size());  // ranges hold pointers into it
  std::vector<StateRange> ranges;
  layer.for_each_element(blocks, [&](std::size_t i, std::size_t at) {
    values.push_back(static_cast<double>(packed[at - begin]));
    if (ranges.empty() || ranges.back().begin + ranges.back().values.size() != i)
      ranges.push_back({i, {&values.back(), 0}});
    StateRange& range = ranges.back();
    range.values = {range.values.data(), range.values.size() + 1};
  });
  visitor.array(name, layout, layer.size(), ranges);
  if (!visitor.restores()) return;
  const double* value = values.data();
  layer.for_each_element(blocks, [&](std::size_t, std::size_t at) {
    packed[at - begin] = static_cast<Real>(*value++);
  });
}

}  // namespace

template <class Real>
void CpuMiniBatchDevice<Real>::visit_state(StateVisitor& visitor) {
  await_parameters();
  visit_layers(
      visitor, depth(), states_,
      [&](int states) {
        states_ = states;
        for (auto& update : updates_) {
          update.forget();
          update.make_room(states, false);
        }
      },
      [&](std::size_t l, std::string_view name, int vector) {
        PackedLayer<Real>& layer = layers_[l];
        LayerUpdate<Real>& update = updates_[l];
        if (vector == 0)
          visit_blocks(visitor, name, StateLayout::replicated, layer, {0, layer.blocks()},
                       layer.parameters());
        else
          visit_blocks(visitor, name, by_sums_ ? StateLayout::replicated : StateLayout::sharded,
                       layer, update.blocks(), update.state(vector));
      });
}

template void CpuMiniBatchDevice<float>::visit_state(StateVisitor&);
template void CpuMiniBatchDevice<double>::visit_state(StateVisitor&);

}  // namespace annmpi::device::cpu::mini_batch
