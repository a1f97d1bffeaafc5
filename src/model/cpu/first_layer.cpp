#include "model/cpu/first_layer.hpp"

namespace annmpi::model::cpu {

std::unique_ptr<FirstLayer> make_first_layer(const Layer& layer, bool exact) {
  return layer.outputs <= most_narrow_units ? make_narrow_first_layer(layer, exact)
                                            : make_wide_first_layer(layer, exact);
}

}  // namespace annmpi::model::cpu
