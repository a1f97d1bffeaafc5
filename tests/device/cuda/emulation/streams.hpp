#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

/// Work of a stream, executed as late as possible: when the host waits for it, or a stream that
/// depends on it executes. So a missing wait shows as a wrong result.
namespace emulation {
using Task = std::function<void()>;
}

struct CUgraph_st {
  std::vector<emulation::Task> tasks;
};
struct CUgraphExec_st : CUgraph_st {};
struct CUstream_st {
  std::deque<emulation::Task> tasks;
  CUgraph_st* captured = nullptr;  ///< the graph that captures it instead
  bool joined = true;              ///< whether its captured work was joined to the origin stream
  bool broken = false;             ///< the capture is invalid
};
struct CUevent_st {
  CUstream_st* stream = nullptr;
  CUgraph_st* captured = nullptr;  ///< the graph that it was captured in
  std::uint64_t recorded = 0;
  /// Outlives the event where streams still refer to it, as destroying an event does not wait.
  std::shared_ptr<std::uint64_t> reached = std::make_shared<std::uint64_t>(0);
};

namespace emulation {

/// Appends work to the stream; the null stream executes at once, after all other streams.
void give(CUstream_st* stream, Task task);
/// Executes the work of the stream.
void finish(CUstream_st* stream);
/// The same for all streams, as freeing memory does on a GPU.
void finish_all();
/// Whether the host may synchronize the stream; invalidates the capture if it is capturing.
[[nodiscard]] bool may_wait();

/// Ends the capture of other streams into this graph, which is invalid if they were not joined.
void end_capture(const CUgraph_st* graph, CUstream_st& of);

/// Pinned host memory. Copies from and to pageable memory are synchronous, as in the driver.
void pin(const void* memory, std::size_t bytes);
void unpin(const void* memory);
[[nodiscard]] bool is_pinned(const void* memory);

void add_stream(CUstream_st* stream);
void remove_stream(CUstream_st* stream);

}  // namespace emulation
