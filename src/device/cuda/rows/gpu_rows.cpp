#include "device/cuda/rows/gpu_rows.hpp"

#include <algorithm>
#include <list>
#include <utility>

#include "annmpi/device/memory_plan.hpp"

#include "device/cuda/runtime/event.hpp"

namespace annmpi::device::cuda {
namespace {

GpuRows room_for(const RowShape& shape, bool streamed, cudaStream_t stream) {
  GpuRows rows{shape, {}, DeviceBuffer<std::int32_t>(shape.rows())};
  if (streamed) return rows;
  const BlockLayout layout = shape.layout();
  rows.features.reserve(shape.rows() * layout.pitch);
  if (layout.pitch != layout.width) rows.features.clear(stream);  // zero padding
  return rows;
}

/// Enqueues the copies of a block to row `first`.
void send(const data::HostBlock& block, std::size_t first, const GpuRows& to, cudaStream_t stream) {
  const BlockLayout layout = to.shape.layout();
  copy(block.labels().data(), to.labels.data() + first, block.rows(), cudaMemcpyHostToDevice,
       stream);
  copy_rows(block, layout, to.features.data() + first * layout.pitch, stream);
}

/// A pinned block in host memory.
struct Place {
  explicit Place(data::HostBlock with_room)
      : block(std::move(with_room)), pinned(block.bytes().data(), block.bytes().size()) {}

  data::HostBlock block;
  PinnedRange pinned;
  Event copied;
};

/// Synchronizes the stream on destruction, so that no buffer is freed while copies use it.
class SynchronizeAtEnd {
 public:
  explicit SynchronizeAtEnd(cudaStream_t stream) : stream_(stream) {}
  SynchronizeAtEnd(const SynchronizeAtEnd&) = delete;
  SynchronizeAtEnd& operator=(const SynchronizeAtEnd&) = delete;
  ~SynchronizeAtEnd() { cudaStreamSynchronize(stream_); }

 private:
  cudaStream_t stream_;
};

}  // namespace

BlockLayout RowShape::layout() const {
  const std::size_t width = columns * io::bytes_of(type);
  return {width, static_cast<std::size_t>(device::gpu_row_bytes(width))};
}

int RowShape::stride() const {
  return static_cast<int>(layout().pitch / io::bytes_of(type));
}

RowShape shape_of(const data::LocalSet& rows) {
  return {rows.range(), rows.columns(), rows.type(), rows.feature_scale()};
}

GpuRows copy_to_gpu(const data::LocalSet& rows, cudaStream_t stream,
                    const std::function<void()>& wait) {
  const bool streamed = rows.file() != nullptr;
  GpuRows there = room_for(shape_of(rows), streamed, stream);
  if (streamed)
    copy(rows.labels().data(), there.labels.data(), there.labels.size(), cudaMemcpyHostToDevice,
         stream);
  else
    send(rows.in_memory(), 0, there, stream);
  wait();
  return there;
}

GpuRows receive_on_gpu(const device::RowsToCome& rows, const device::ReadBlock& read) {
  const data::Range own = rows.rows;
  const RowShape shape{own, rows.set.features, rows.set.type, rows.set.feature_scale};
  const Stream copies;
  GpuRows there = room_for(shape, false, copies);
  const std::uint64_t most = rows.block_rows();
  std::list<Place> places;
  const SynchronizeAtEnd settled(copies);
  for (std::uint64_t first = own.begin; first < own.end; first += most) {
    if (places.size() < device::blocks_on_the_way)
      places.emplace_back(
          data::HostBlock({0, most}, shape.columns, shape.type, shape.feature_scale));
    else
      places.splice(places.end(), places, places.begin());  // the oldest block
    Place& place = places.back();
    place.copied.wait();
    place.block.take({first, std::min(first + most, own.end)});
    read(place.block);
    send(place.block, first - own.begin, there, copies);
    place.copied.record(copies);
  }
  wait_for(copies);
  return there;
}

}  // namespace annmpi::device::cuda
