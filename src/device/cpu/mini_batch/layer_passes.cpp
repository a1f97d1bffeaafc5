#include "device/cpu/mini_batch/layer_passes.hpp"

#include <algorithm>

namespace annmpi::device::cpu::mini_batch {

std::size_t most_panels(const network::Network& network) {
  std::size_t most = 1;
  for (const network::Layer& layer : network.layers)
    most = std::max({most, panels_of(layer.inputs), panels_of(layer.outputs)});
  return most;
}

template <class Real>
void forward(const PackedLayer<Real>& layer, const Panels<Real>& a, std::size_t panel,
             std::size_t first, std::size_t rows, Scratch<Real>& scratch, const Panels<Real>& z) {
  for (std::size_t p = 0; p < a.count(); ++p)
    scratch[p] = {a.at(p, first), layer.panel(panel) + p * a.width() * layer.width(), a.filled(p)};
  kernels::multiply<Real>(layer.width(), rows, std::span(scratch).first(a.count()), {a.width(), 1},
                          {layer.biases(panel), 0}, z.at(panel, first));
}

template <class Real>
void pull_back(const PackedLayer<Real>& layer, const Panels<Real>& delta, std::size_t input_panel,
               std::size_t first, std::size_t rows, Scratch<Real>& scratch,
               const Panels<Real>& below) {
  for (std::size_t q = 0; q < delta.count(); ++q)
    scratch[q] = {delta.at(q, first),
                  layer.transposed(input_panel) + q * delta.width() * below.width(),
                  delta.filled(q)};
  kernels::multiply<Real>(below.width(), rows, std::span(scratch).first(delta.count()),
                          {delta.width(), 1}, {}, below.at(input_panel, first));
}

template <class Real>
void add_gradient(const typename PackedLayer<Real>::Block& block, const Panels<Real>& a,
                  const Panels<Real>& delta, std::size_t first, std::size_t rows, Real* g) {
  const kernels::Stretch<Real> stretch{a.at(block.first_input / a.width(), first),
                                       delta.at(block.panel, first), rows};
  kernels::multiply<Real>(delta.width(), block.inputs, std::span(&stretch, 1), {1, a.width()},
                          {g, delta.width()}, g);
}

template <class Real>
void add_bias_gradient(std::size_t panel, const Panels<Real>& delta, std::size_t first,
                       std::size_t rows, Real* g) {
  static constexpr Real one = 1;
  const kernels::Stretch<Real> stretch{&one, delta.at(panel, first), rows};
  kernels::multiply<Real>(delta.width(), 1, std::span(&stretch, 1), {0, 0}, {g, delta.width()}, g);
}

#define ANNMPI_INSTANTIATE(Real)                                                                   \
  template void forward(const PackedLayer<Real>&, const Panels<Real>&, std::size_t, std::size_t,   \
                        std::size_t, Scratch<Real>&, const Panels<Real>&);                         \
  template void pull_back(const PackedLayer<Real>&, const Panels<Real>&, std::size_t, std::size_t, \
                          std::size_t, Scratch<Real>&, const Panels<Real>&);                       \
  template void add_gradient<Real>(const PackedLayer<Real>::Block&, const Panels<Real>&,           \
                                   const Panels<Real>&, std::size_t, std::size_t, Real*);          \
  template void add_bias_gradient(std::size_t, const Panels<Real>&, std::size_t, std::size_t,      \
                                  Real*);
ANNMPI_INSTANTIATE(float)
ANNMPI_INSTANTIATE(double)
#undef ANNMPI_INSTANTIATE

}  // namespace annmpi::device::cpu::mini_batch
