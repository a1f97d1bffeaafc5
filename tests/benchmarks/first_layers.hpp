#pragma once

namespace annmpi::benchmarks {

/// First layers, forward and exact gradient, for widths about the crossovers between their three
/// kinds and beyond (that of integers where the processor has matrix units); and what BLAS makes of
/// the same products, all rows in one call, from features that are doubles or floats already.
void register_first_layers();

}  // namespace annmpi::benchmarks
