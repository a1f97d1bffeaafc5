#include "streams.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "cuda_runtime.h"

namespace emulation {
namespace {

std::vector<CUstream_st*> streams;
std::map<const char*, std::size_t> pinned;

void do_next(CUstream_st* stream) {
  const Task task = std::move(stream->tasks.front());
  stream->tasks.pop_front();
  task();
}

/// Executes the stream up to the recorded event.
void reach(const std::uint64_t& reached, std::uint64_t number, CUstream_st* stream) {
  while (reached < number && !stream->tasks.empty()) do_next(stream);
}

}  // namespace

void give(CUstream_st* stream, Task task) {
  if (stream == nullptr) {
    finish_all();
    task();
  } else if (stream->captured != nullptr) {
    stream->joined = false;
    stream->captured->tasks.push_back(std::move(task));
  } else {
    stream->tasks.push_back(std::move(task));
  }
}

void finish(CUstream_st* stream) {
  if (stream == nullptr) return finish_all();
  while (!stream->tasks.empty()) do_next(stream);
}

void finish_all() {
  for (CUstream_st* stream : streams) finish(stream);
}

bool may_wait() {
  bool may = true;
  for (CUstream_st* stream : streams)
    if (stream->captured != nullptr) {
      stream->broken = true;
      may = false;
    }
  return may;
}

void end_capture(const CUgraph_st* graph, CUstream_st& of) {
  for (CUstream_st* stream : streams)
    if (stream != &of && stream->captured == graph) {
      of.broken = of.broken || !stream->joined;
      stream->captured = nullptr;
    }
}

void pin(const void* memory, std::size_t bytes) {
  pinned[static_cast<const char*>(memory)] = bytes;
}
void unpin(const void* memory) {
  pinned.erase(static_cast<const char*>(memory));
}
bool is_pinned(const void* memory) {
  const auto* const at = static_cast<const char*>(memory);
  const auto next = pinned.upper_bound(at);
  if (next == pinned.begin()) return false;
  const auto& [begin, bytes] = *std::prev(next);
  return at < begin + bytes;
}

void add_stream(CUstream_st* stream) {
  streams.push_back(stream);
}
void remove_stream(CUstream_st* stream) {
  finish(stream);
  std::erase(streams, stream);
}

}  // namespace emulation

using emulation::finish;
using emulation::give;

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  emulation::add_stream(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  emulation::remove_stream(stream);
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  ++annmpi::tests::calls().waits;
  if (!emulation::may_wait()) return cudaErrorStreamCaptureUnsupported;
  finish(stream);
  return cudaSuccess;
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  ++annmpi::tests::calls().queries;
  if (!emulation::may_wait()) return cudaErrorStreamCaptureUnsupported;
  finish(stream);
  return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  event->stream = stream;
  event->captured = stream->captured;
  if (event->captured != nullptr) return cudaSuccess;
  const std::uint64_t number = ++event->recorded;
  give(stream, [reached = event->reached, number] { *reached = number; });
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  if (event->stream == nullptr) return cudaSuccess;
  if (event->captured != nullptr) {
    // Captured work is in one order already. The stream captures as well from now on.
    event->stream->joined = true;
    stream->captured = event->captured;
    return cudaSuccess;
  }
  give(stream, [reached = event->reached, number = event->recorded, of = event->stream] {
    emulation::reach(*reached, number, of);
  });
  return cudaSuccess;
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  if (!emulation::may_wait()) return cudaErrorStreamCaptureUnsupported;
  if (event->stream != nullptr) emulation::reach(*event->reached, event->recorded, event->stream);
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  ++annmpi::tests::calls().waits;
  return cudaEventQuery(event);
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (stream == nullptr || stream->captured != nullptr) return cudaErrorStreamCaptureUnsupported;
  stream->captured = new CUgraph_st;
  stream->broken = false;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = std::exchange(stream->captured, nullptr);
  emulation::end_capture(*graph, *stream);
  if (!stream->broken) return cudaSuccess;
  delete std::exchange(*graph, nullptr);
  return cudaErrorStreamCaptureInvalidated;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t graph, unsigned long long) {
  *made = new CUgraphExec_st{*graph};
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  ++annmpi::tests::calls().graphs;
  for (const emulation::Task& task : graph->tasks) give(stream, task);
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  delete graph;
  return cudaSuccess;
}
