#include "model/cpu/first_layer.hpp"

#include "model/cpu/kernels/simd_target.hpp"

namespace annmpi::model::cpu {

bool multiplies_in_integers(const Layer& layer, bool bytes, std::uint64_t training_rows) {
#ifdef ANNMPI_AMX_KERNELS
  return bytes && kernels::uses_amx() && suits_integers(layer, training_rows);
#else
  static_cast<void>(layer), static_cast<void>(bytes), static_cast<void>(training_rows);
  return false;
#endif
}

std::unique_ptr<FirstLayer> make_first_layer(const Layer& layer, const FirstLayerOptions& options) {
#ifdef ANNMPI_AMX_KERNELS
  if (multiplies_in_integers(layer, options.bytes, options.training_rows))
    return make_byte_first_layer(layer, options);
#endif
  return is_narrow(layer) ? make_narrow_first_layer(layer, options)
                          : make_wide_first_layer(layer, options);
}

}  // namespace annmpi::model::cpu
