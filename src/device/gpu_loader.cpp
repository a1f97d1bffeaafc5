#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <dlfcn.h>
#include <fmt/format.h>

#include "annmpi/base/arithmetic.hpp"
#include "annmpi/device/gpu.hpp"

#include "device/gpu_module.hpp"

namespace annmpi::device {
namespace {

/// The dynamic loader's message for its last failure.
std::string loader_words() {
  const char* words = ::dlerror();
  return words == nullptr ? "no reason given" : words;
}

FoundGpu none(std::string trouble, bool expected = true) {
  FoundGpu found;
  found.trouble = std::move(trouble);
  found.expected = expected;
  return found;
}

/// The module's table; null if it is from another build.
const GpuModule* table_of(void* library) {
  const auto entry = reinterpret_cast<GpuModuleEntry>(::dlsym(library, gpu_module_entry));
  const GpuModule* module = entry == nullptr ? nullptr : entry();
  return module != nullptr && module->build == std::string_view(build_identity()) ? module
                                                                                  : nullptr;
}

}  // namespace

std::string gpu_module_path() {
  constexpr std::string_view from_program = ANNMPI_CUDA_MODULE_PATH;
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (from_program.empty() || error) return "";
  return (program.parent_path() / from_program).lexically_normal().string();
}

FoundGpu find_gpu(int local_rank, const std::string& module_path) {
  if (module_path.empty())
    return none(
        "this program was built without its GPU module; build it where NVIDIA's CUDA toolkit is "
        "installed (-DANNMPI_CUDA=ON)",
        false);
  // Look for a driver first: the module's libraries load slowly, and load without a driver too.
  if (::dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL) == nullptr)
    return none(
        fmt::format("no NVIDIA driver on this host ({}); run on a node with GPUs", loader_words()),
        false);
  // Never closed: the CUDA runtime cannot be unloaded safely.
  void* library = ::dlopen(module_path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return none(fmt::format(
        "the GPU module cannot be loaded ({}); install it beside the program, and add the "
        "libraries of NVIDIA's CUDA toolkit to LD_LIBRARY_PATH",
        loader_words()));
  require_sound_arithmetic("after loading " + module_path);
  const GpuModule* module = table_of(library);
  if (module == nullptr)
    return none(fmt::format(
        "the GPU module is from another build than the program ({}); install both from one build",
        module_path));
  FoundGpu found = module->find_gpu(local_rank);
  require_sound_arithmetic("after starting CUDA");
  found.expected = true;
  found.module = module;
  return found;
}

}  // namespace annmpi::device
