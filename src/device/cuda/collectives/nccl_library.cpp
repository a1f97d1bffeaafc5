#include "device/cuda/collectives/nccl_library.hpp"

#include <dlfcn.h>

namespace annmpi::device::cuda {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

}  // namespace

std::optional<NcclLibrary> load_nccl() {
  void* library = ::dlopen("libnccl.so.2", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::nullopt;
  NcclLibrary nccl;
  const bool complete = find(library, "ncclGetVersion", nccl.get_version) &&
                        find(library, "ncclGetUniqueId", nccl.get_unique_id) &&
                        find(library, "ncclCommInitRankConfig", nccl.init) &&
                        find(library, "ncclCommGetAsyncError", nccl.get_state) &&
                        find(library, "ncclCommAbort", nccl.abort) &&
                        find(library, "ncclAllReduce", nccl.all_reduce) &&
                        find(library, "ncclGetErrorString", nccl.error_string) &&
                        find(library, "ncclGetLastError", nccl.last_error);
  return complete ? std::optional(nccl) : std::nullopt;
}

}  // namespace annmpi::device::cuda
