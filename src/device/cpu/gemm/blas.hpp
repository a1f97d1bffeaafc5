#pragma once

#include <string>

#include <cblas.h>

namespace annmpi::device::cpu {

/// OpenBLAS, loaded into this process: not linked, because it chooses its kernels as it is loaded,
/// and the ranks must have agreed on them by then (blas_core).
struct Blas {
  decltype(&cblas_dgemm) dgemm;
  decltype(&cblas_sgemm) sgemm;
  std::string core;
  std::string configuration;
};

/// The first call loads the library, with one thread a call; whoever makes products calls this once
/// on a single thread before.
/// @throws Error if it cannot be loaded, changes the arithmetic of this thread, or has not the
/// kernels that the user asks for.
const Blas& blas();

}  // namespace annmpi::device::cpu
