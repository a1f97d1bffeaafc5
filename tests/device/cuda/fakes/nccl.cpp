// A fake NCCL, libnccl.so.2, which sums by MPI over all ranks of the job. FAKE_NCCL selects a
// fault: "no id" on rank 0, "no connection" on the last rank, "wrong" sums on the last rank, "gone"
// for a rank that dies after connecting. FAKE_NCCL_LEFT is set once this rank has aborted.

#include <cstdlib>
#include <string_view>

#include <mpi.h>
#include <nccl.h>

struct ncclComm {
  int polls_left = 3;  ///< until the operation completes
  bool fails = false;
};

namespace {

bool does(std::string_view what) {
  const char* text = std::getenv("FAKE_NCCL");
  return text != nullptr && text == what;
}

bool is_last_rank() {
  int rank = 0;
  int size = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return rank == size - 1;
}

}  // namespace

extern "C" {

ncclResult_t ncclGetVersion(int* version) {
  *version = 21903;
  return ncclSuccess;
}
ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  for (int i = 0; i < NCCL_UNIQUE_ID_BYTES; ++i) id->internal[i] = static_cast<char>(i);
  return does("no id") ? ncclSystemError : ncclSuccess;
}
ncclResult_t ncclCommInitRankConfig(ncclComm_t* connection, int, ncclUniqueId id, int,
                                    ncclConfig_t* config) {
  if (config->blocking != 0) return ncclInvalidUsage;
  for (int i = 0; i < NCCL_UNIQUE_ID_BYTES; ++i)
    if (id.internal[i] != static_cast<char>(i)) return ncclInvalidArgument;
  *connection = new ncclComm;
  (*connection)->fails = does("no connection") && is_last_rank();
  return ncclInProgress;
}
ncclResult_t ncclCommGetAsyncError(ncclComm_t connection, ncclResult_t* state) {
  *state = connection->polls_left > 0          ? ncclInProgress
           : connection->fails || does("gone") ? ncclRemoteError
                                               : ncclSuccess;
  --connection->polls_left;
  return ncclSuccess;
}
ncclResult_t ncclCommAbort(ncclComm_t connection) {
  delete connection;
  ::setenv("FAKE_NCCL_LEFT", "yes", 1);
  return ncclSuccess;
}
ncclResult_t ncclAllReduce(const void* from, void* to, std::size_t count, ncclDataType_t type,
                           ncclRedOp_t operation, ncclComm_t, cudaStream_t) {
  if (from != to || operation != ncclSum) return ncclInvalidUsage;
  MPI_Allreduce(MPI_IN_PLACE, to, static_cast<int>(count),
                type == ncclFloat64 ? MPI_DOUBLE : MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
  if (does("wrong") && is_last_rank()) static_cast<char*>(to)[8] ^= 1;
  return ncclSuccess;
}
const char* ncclGetErrorString(ncclResult_t) {
  return "an error of a test";
}
const char* ncclGetLastError(ncclComm_t) {
  return "";
}
}
