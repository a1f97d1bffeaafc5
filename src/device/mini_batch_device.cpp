#include "annmpi/device/mini_batch_device.hpp"

#include <stdexcept>
#include <vector>

#include "device/cpu/gemm/dot.hpp"

namespace annmpi::device {

void MiniBatchDevice::step(const data::BatchPlace&, const ParameterUpdate&) {
  throw std::logic_error("a step without rows, on a device that does not draw its batches");
}

double MiniBatchDevice::squared_weights(const Vector& theta) {
  std::vector<double> on_host(space().dimension());
  space().download(theta, on_host);
  return squared_weights(std::span<const double>(on_host));
}

double squared_weights(const network::Network& network, std::span<const double> theta) {
  double sum = 0;
  for (const network::Layer& layer : network.layers)
    for (std::size_t j = 0; j < layer.outputs; ++j) {
      const auto W = theta.subspan(layer.offset + j * layer.row_length() + 1, layer.inputs);
      sum += cpu::kernels::fixed_order_dot(W, W);
    }
  return sum;
}

}  // namespace annmpi::device
