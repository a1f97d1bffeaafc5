#pragma once

#include <optional>

#include <nccl.h>

namespace annmpi::device::cuda {

/// The functions of NCCL that are used, from a library that is loaded where several GPUs work
/// together, and there alone: it is large, and not on every machine that has GPUs.
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

/// Nothing where it cannot be loaded, or lacks a function. Loaded for good.
[[nodiscard]] std::optional<NcclLibrary> load_nccl();

}  // namespace annmpi::device::cuda
