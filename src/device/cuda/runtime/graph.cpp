#include "device/cuda/runtime/graph.hpp"

#include "device/cuda/runtime/check.hpp"

namespace annmpi::device::cuda {

bool Graph::begin(cudaStream_t stream) {
  // Thread-local, as other threads may allocate memory meanwhile.
  if (cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) == cudaSuccess) return true;
  (void)cudaGetLastError();
  return false;
}

void Graph::end(cudaStream_t stream) {
  cudaGraph_t graph = nullptr;
  const bool is_whole = cudaStreamEndCapture(stream, &graph) == cudaSuccess && graph != nullptr;
  if (is_whole && cudaGraphInstantiate(&recorded_, graph, 0) != cudaSuccess) recorded_ = nullptr;
  if (graph != nullptr) cudaGraphDestroy(graph);
  if (recorded_ == nullptr) (void)cudaGetLastError();
}

void Graph::launch(cudaStream_t stream) const {
  check(cudaGraphLaunch(recorded_, stream), "launching a graph");
}

void Graph::forget() {
  if (recorded_ != nullptr) cudaGraphExecDestroy(recorded_);
  recorded_ = nullptr;
  runs_ = 0;
}

}  // namespace annmpi::device::cuda
