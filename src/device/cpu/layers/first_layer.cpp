#include "device/cpu/layers/first_layer.hpp"

#include "device/cpu/simd/simd_target.hpp"

namespace annmpi::device::cpu {

bool multiplies_in_integers(const network::Layer& layer, bool bytes, std::uint64_t training_rows) {
  return bytes && kernels::uses_tiles() && suits_integers(layer, training_rows);
}

std::unique_ptr<FirstLayer> make_first_layer(const network::Layer& layer,
                                             const FirstLayerOptions& options) {
  if (multiplies_in_integers(layer, options.bytes, options.training_rows))
    return make_byte_first_layer(layer, options);
  return is_narrow(layer) ? make_narrow_first_layer(layer, options)
                          : make_wide_first_layer(layer, options);
}

}  // namespace annmpi::device::cpu
