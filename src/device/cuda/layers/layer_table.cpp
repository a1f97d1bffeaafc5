#include "device/cuda/layers/layer_table.hpp"

#include "annmpi/base/error.hpp"
#include "annmpi/network/network.hpp"

namespace annmpi::device::cuda {

LayerTable layer_table(const network::Network& network) {
  require(network.layers.size() <= LayerTable::most,
          "the network has {} layers (a GPU computes up to {}); use compute.device = \"cpu\"",
          network.layers.size(), unsigned{LayerTable::most});
  LayerTable table{};
  for (const network::Layer& layer : network.layers) {
    table.layers[table.count++] = {static_cast<int>(layer.inputs), static_cast<int>(layer.outputs),
                                   static_cast<long long>(layer.offset), table.units};
    table.units += static_cast<int>(layer.outputs);
  }
  table.keeps_arguments = rules::needs_argument(network.activation);
  table.parameters = static_cast<long long>(network.parameters());
  return table;
}

}  // namespace annmpi::device::cuda
