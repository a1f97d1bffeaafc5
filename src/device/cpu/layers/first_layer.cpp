#include "device/cpu/layers/first_layer.hpp"

#include "device/cpu/simd/simd_target.hpp"

namespace annmpi::device::cpu {

bool multiplies_in_integers(const network::Layer& layer, bool bytes, std::uint64_t training_rows) {
#ifdef ANNMPI_AMX_KERNELS
  return bytes && kernels::uses_amx() && suits_integers(layer, training_rows);
#else
  static_cast<void>(layer), static_cast<void>(bytes), static_cast<void>(training_rows);
  return false;
#endif
}

std::unique_ptr<FirstLayer> make_first_layer(const network::Layer& layer,
                                             const FirstLayerOptions& options) {
#ifdef ANNMPI_AMX_KERNELS
  if (multiplies_in_integers(layer, options.bytes, options.training_rows))
    return make_byte_first_layer(layer, options);
#endif
  return is_narrow(layer) ? make_narrow_first_layer(layer, options)
                          : make_wide_first_layer(layer, options);
}

}  // namespace annmpi::device::cpu
