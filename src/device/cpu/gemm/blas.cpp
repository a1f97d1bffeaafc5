#include "device/cpu/gemm/blas.hpp"

#include <atomic>

#include <dlfcn.h>

#include "annmpi/base/arithmetic.hpp"
#include "annmpi/base/error.hpp"
#include "annmpi/device/instructions.hpp"

#include "device/cpu/gemm/blas_core.hpp"

namespace annmpi::device {
namespace cpu {
namespace {

constexpr auto soname = "libopenblas.so.0";

/// Never closed: the threads of the library may outlive any object here.
void* open_library() {
  // All flavours share one soname: first the OpenMP one of the build machine, then the default of
  // this machine.
  for (const std::string& path :
       {std::string(ANNMPI_OPENBLAS_DIRECTORY "/") + soname, std::string(soname)})
    if (void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  throw Error(
      "OpenBLAS cannot be loaded ({}), layers of many units need it; install the package "
      "libopenblas0-openmp on every host",
      ::dlerror());
}

template <class Function>
Function* function_of(void* library, const char* name) {
  void* found = ::dlsym(library, name);
  require(found != nullptr,
          "{} lacks the function {} (it is not OpenBLAS); install the package libopenblas0-openmp",
          soname, name);
  return reinterpret_cast<Function*>(found);
}

std::atomic<bool> loaded{false};

Blas load() {
  // Without an agreement of the ranks, this process decides alone.
  if (chosen_blas_core().empty()) choose_blas_core(blas_core_limits());
  void* library = open_library();
  require_sound_arithmetic(fmt::format("after loading {}", soname));
  // One thread: results must not depend on how a product is split over threads.
  function_of<decltype(openblas_set_num_threads)>(library, "openblas_set_num_threads")(1);
  Blas blas{
      .dgemm = function_of<decltype(cblas_dgemm)>(library, "cblas_dgemm"),
      .sgemm = function_of<decltype(cblas_sgemm)>(library, "cblas_sgemm"),
      .core = function_of<decltype(openblas_get_corename)>(library, "openblas_get_corename")(),
      .configuration =
          function_of<decltype(openblas_get_config)>(library, "openblas_get_config")()};
  // Without DYNAMIC_ARCH the library holds the kernels of one core type alone.
  const bool has_choice = blas.configuration.find("DYNAMIC_ARCH") != std::string::npos;
  const std::string chosen = chosen_blas_core();
  require(
      !has_choice || chosen.empty() || is_same_core(blas.core, chosen),
      "OPENBLAS_CORETYPE={}: {} does not know this type (it uses {} instead); set a type that it "
      "knows",
      chosen, soname, blas.core);
  loaded = true;
  return blas;
}

}  // namespace

const Blas& blas() {
  static const Blas library = load();  // retried by the next call if it throws
  return library;
}

}  // namespace cpu

std::optional<BlasLibrary> loaded_blas() {
  if (!cpu::loaded) return std::nullopt;
  return BlasLibrary{cpu::blas().core, cpu::blas().configuration};
}

}  // namespace annmpi::device
