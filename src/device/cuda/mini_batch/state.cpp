#include <span>
#include <vector>

#include "device/cuda/mini_batch/parameter_memory.hpp"
#include "device/cuda/mini_batch/parameters.hpp"
#include "device/layer_state.hpp"

// Saving and restoring the parameter state in device memory. Every rank holds all of it.
namespace annmpi::device::cuda::mini_batch {

template <class Traits>
void ParameterMemory<Traits>::visit_state(StateVisitor& visitor,
                                          const DeviceBuffer<double>& theta) {
  std::vector<double> values(theta.size());
  give(theta.data());
  copy(theta.data(), values.data(), values.size(), cudaMemcpyDeviceToHost, stream_);
  wait_for(stream_);
  visit_layers(
      visitor, depth(), states_,
      [&](int states) {
        first_.clear(stream_);
        second_.clear(stream_);
        reserve_states(states);
      },
      [&](std::size_t l, std::string_view name, int vector) {
        const LayerPlace& place = layer(l);
        if (vector == 0)
          visitor.array(name, std::span(values).subspan(static_cast<std::size_t>(place.theta),
                                                        static_cast<std::size_t>(place.size())));
        else
          visit_part(visitor, name, place, vector == 1 ? first_ : second_);
      });
  if (!visitor.restores()) return;
  copy(values.data(), theta.data(), values.size(), cudaMemcpyHostToDevice, stream_);
  for (const LayerPlace& place : layout_.layers) take_layer(theta.data(), place, all(), stream_);
  wait_for(stream_);
}

template <class Traits>
void ParameterMemory<Traits>::visit_part(StateVisitor& visitor, std::string_view name,
                                         const LayerPlace& place,
                                         const DeviceBuffer<Real>& vector) const {
  Real* const there = vector.data() + place.weights;
  std::vector<Real> part(static_cast<std::size_t>(place.biases + place.outputs - place.weights));
  copy(there, part.data(), part.size(), cudaMemcpyDeviceToHost, stream_);
  wait_for(stream_);
  const auto at = [&](std::size_t i) -> Real& {
    return part[static_cast<std::size_t>(place.element(static_cast<long long>(i)) - place.weights)];
  };
  std::vector<double> values(static_cast<std::size_t>(place.size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(at(i));
  visitor.array(name, values);
  if (!visitor.restores()) return;
  for (std::size_t i = 0; i < values.size(); ++i) at(i) = static_cast<Real>(values[i]);
  copy(part.data(), there, part.size(), cudaMemcpyHostToDevice, stream_);
  wait_for(stream_);
}

template void ParameterMemory<Mixed>::visit_state(StateVisitor&, const DeviceBuffer<double>&);
template void ParameterMemory<Float64>::visit_state(StateVisitor&, const DeviceBuffer<double>&);

}  // namespace annmpi::device::cuda::mini_batch
