#include "model/cpu/first_layer.hpp"

#include "model/cpu/kernels/simd_target.hpp"

namespace annmpi::model::cpu {

std::unique_ptr<FirstLayer> make_first_layer(const Layer& layer, const FirstLayerOptions& options) {
#ifdef ANNMPI_AMX_KERNELS
  if (options.bytes && kernels::uses_amx() && suits_integers(layer, options.training_rows))
    return make_byte_first_layer(layer, options);
#endif
  return is_narrow(layer) ? make_narrow_first_layer(layer, options)
                          : make_wide_first_layer(layer, options);
}

}  // namespace annmpi::model::cpu
