#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

/// What a GPU was given to do, done as late as it may be: when the host waits for it, or another
/// stream that is waited for does. So a wait that is missing shows as a wrong number.
namespace emulation {
using Task = std::function<void()>;
}

struct CUgraph_st {
  std::vector<emulation::Task> tasks;
};
struct CUgraphExec_st : CUgraph_st {};
struct CUstream_st {
  std::deque<emulation::Task> tasks;
  CUgraph_st* captured = nullptr;  ///< where they are recorded instead
  bool joined = true;   ///< whether what it added to another stream's recording is waited for there
  bool broken = false;  ///< the recording
};
struct CUevent_st {
  CUstream_st* stream = nullptr;
  CUgraph_st* captured = nullptr;  ///< that it was recorded in
  std::uint64_t recorded = 0;
  /// Outlives the event where streams have yet to reach it or wait for it: destroying one waits for
  /// nothing.
  std::shared_ptr<std::uint64_t> reached = std::make_shared<std::uint64_t>(0);
};

namespace emulation {

/// Adds to what the stream has to do; on no stream, does it at once, after all that was given.
void give(CUstream_st* stream, Task task);
/// Does what the stream has to do.
void finish(CUstream_st* stream);
/// The same for all streams: what frees memory does so on a GPU.
void finish_all();
/// Whether the host may wait now: not for a stream that is being recorded, which breaks.
[[nodiscard]] bool may_wait();

/// Other streams that recorded into it do so no longer; breaks it where they were not waited for.
void end_capture(const CUgraph_st* graph, CUstream_st& of);

/// Host memory that the GPU reaches: copies from and to other memory are made when they are asked
/// for, as the driver does.
void pin(const void* memory, std::size_t bytes);
void unpin(const void* memory);
[[nodiscard]] bool is_pinned(const void* memory);

void add_stream(CUstream_st* stream);
void remove_stream(CUstream_st* stream);

}  // namespace emulation
