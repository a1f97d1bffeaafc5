// Prints the result of find_gpu() of a GPU module.

#include <cstdio>
#include <string_view>

#include <dlfcn.h>

#include "device/gpu_module.hpp"

int main(int count, char** arguments) {
  using namespace annmpi::device;
  if (count != 2) return 2;
  void* library = ::dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    std::printf("not loaded: %s\n", ::dlerror());
    return 2;
  }
  const auto entry = reinterpret_cast<GpuModuleEntry>(::dlsym(library, gpu_module_entry));
  if (entry == nullptr || entry()->build != std::string_view(build_identity())) return 2;
  const FoundGpu found = entry()->find_gpu(0);
  std::printf("%s\n", found ? found.gpu.name.c_str() : found.trouble.c_str());
  return 0;
}
