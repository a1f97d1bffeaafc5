#include "model/cpu/first_layer.hpp"

namespace annmpi::model::cpu {

std::unique_ptr<FirstLayer> make_first_layer(const Layer& layer, const FirstLayerOptions& options) {
  return is_narrow(layer) ? make_narrow_first_layer(layer, options)
                          : make_wide_first_layer(layer, options);
}

}  // namespace annmpi::model::cpu
