#pragma once

namespace annmpi::benchmarks {

/// Narrow and wide first layers, forward and exact gradient, for widths about the crossover between
/// them and beyond; and what BLAS makes of the same products, all rows in one call, from features
/// that are doubles or floats already.
void register_first_layers();

}  // namespace annmpi::benchmarks
