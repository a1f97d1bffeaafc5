#pragma once

#include <string>

#include <cblas.h>

namespace annmpi::device::cpu {

/// OpenBLAS, loaded at run time, not linked: it chooses its kernels while it is loaded, and the
/// ranks must have agreed on them by then (blas_core).
struct Blas {
  decltype(&cblas_dgemm) dgemm;
  decltype(&cblas_sgemm) sgemm;
  std::string core;
  std::string configuration;
};

/// The first call loads the library, set to one thread per call. To be called once on a single
/// thread before any product.
/// @throws Error if it cannot be loaded, changes the arithmetic of this thread, or lacks the
/// kernels that the user asks for.
const Blas& blas();

}  // namespace annmpi::device::cpu
