#pragma once

#include <cstddef>

namespace annmpi::benchmarks {

/// The kernels that multiply bytes in integers, forward and gradient in both precisions, for a
/// first layer of 1,024 inputs. Only where the processor has matrix units.
void register_byte_kernels(std::size_t units, std::size_t rows);

}  // namespace annmpi::benchmarks
