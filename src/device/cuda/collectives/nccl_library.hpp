#pragma once

#include <optional>

#include <nccl.h>

namespace annmpi::device::cuda {

/// NCCL's functions. The library is loaded only for several GPUs: it is large, and missing on some
/// machines with GPUs.
struct NcclLibrary {
  decltype(&ncclGetVersion) get_version = nullptr;
  decltype(&ncclGetUniqueId) get_unique_id = nullptr;
  decltype(&ncclCommInitRankConfig) init = nullptr;
  decltype(&ncclCommGetAsyncError) get_state = nullptr;
  decltype(&ncclCommAbort) abort = nullptr;
  decltype(&ncclAllReduce) all_reduce = nullptr;
  decltype(&ncclGetErrorString) error_string = nullptr;
  decltype(&ncclGetLastError) last_error = nullptr;
};

/// Empty if the library cannot be loaded or lacks a function. It is never unloaded.
[[nodiscard]] std::optional<NcclLibrary> load_nccl();

}  // namespace annmpi::device::cuda
