#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

#include "cuda_runtime.h"
#include "device/cuda/runtime/instructions.cuh"

namespace emulation {
namespace {

constexpr int garbage = 0xcd;
constexpr std::size_t most_garbage = 1 << 20;
constexpr std::size_t shared_without_asking = 48 << 10;
constexpr std::size_t most_shared = 163 << 10;  // of an A100, the least of the supported GPUs
constexpr unsigned most_threads = 1024;

std::map<const void*, std::size_t> allowed;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
std::unique_ptr<void, Free> shared;

/// Asynchronous copies of a thread, in groups.
struct Copies {
  struct Copy {
    void* to;
    const void* from;
    unsigned bytes, filled;
  };
  std::vector<Copy> open;
  std::vector<std::vector<Copy>> groups;
};
std::vector<Copies> copies;  // per thread

void run_blocks(const dim3& grid, const dim3& threads, std::size_t bytes,
                const std::function<void()>& thread) {
  const unsigned count = threads.x * threads.y * threads.z;
  if (copies.size() < count) copies.resize(count);
  gridDim = grid;
  threadIdx = {0, 0, 0};
  blockDim = threads;
  const auto number = [&](unsigned i) {
    if (threads.y * threads.z == 1)
      threadIdx.x = i;
    else
      threadIdx = {i % threads.x, i / threads.x % threads.y, i / (threads.x * threads.y)};
  };
  bool backwards = false;
  for (unsigned z = 0; z < grid.z; ++z)
    for (unsigned y = 0; y < grid.y; ++y)
      for (unsigned x = 0; x < grid.x; ++x, backwards = !backwards) {
        blockIdx = {x, y, z};
        shared.reset(allocate(bytes));
        run_block(count, backwards, number, thread);
      }
}

}  // namespace

void* allocate(std::size_t bytes) {
  void* memory = nullptr;
  // cudaMalloc aligns to 256 bytes.
  if (posix_memalign(&memory, 256, bytes) != 0) return nullptr;
  std::memset(memory, garbage, std::min(bytes, most_garbage));
  return memory;
}

void release(void* memory) {
  std::free(memory);
}

void allow_shared_memory(const void* kernel, std::size_t bytes) {
  allowed[kernel] = bytes;
}

void* shared_memory() {
  return shared.get();
}

cudaError_t run_grid(const cudaLaunchConfig_t& config, const void* kernel,
                     std::function<void()> thread) {
  const dim3 grid = config.gridDim;
  const dim3 threads = config.blockDim;
  const unsigned count = threads.x * threads.y * threads.z;
  const std::size_t bytes = config.dynamicSmemBytes;
  const auto asked = allowed.find(kernel);
  if (count == 0 || count > most_threads || grid.x == 0 || grid.y == 0 || grid.z == 0 ||
      grid.x > 0x7fffffffU || grid.y > 65535 || grid.z > 65535 || bytes > most_shared ||
      bytes > std::max(shared_without_asking, asked == allowed.end() ? 0 : asked->second)) {
    std::fprintf(stderr, "invalid launch configuration: grid %u %u %u, %u threads, %zu bytes\n",
                 grid.x, grid.y, grid.z, count, bytes);
    return cudaErrorInvalidValue;
  }
  ++annmpi::tests::calls().launches;
  give(config.stream, [grid, threads, bytes, thread = std::move(thread)] {
    run_blocks(grid, threads, bytes, thread);
  });
  return cudaSuccess;
}

void begin_copy(void* to, const void* from, unsigned bytes, unsigned filled) {
  for (const void* const address : {static_cast<const void*>(to), from})
    if (reinterpret_cast<std::uintptr_t>(address) % bytes != 0)
      throw std::runtime_error("an asynchronous copy is not aligned to its size");
  copies[present_thread()].open.push_back({to, from, bytes, filled});
}

void commit_copies() {
  Copies& mine = copies[present_thread()];
  mine.groups.push_back(std::exchange(mine.open, {}));
}

void finish_copies(unsigned left) {
  auto& groups = copies[present_thread()].groups;
  while (groups.size() > left) {
    for (const auto& copy : groups.front()) {
      if (copy.filled > 0) std::memcpy(copy.to, copy.from, copy.filled);
      std::memset(static_cast<char*>(copy.to) + copy.filled, 0, copy.bytes - copy.filled);
    }
    groups.erase(groups.begin());
  }
}

void multiply_bytes(void* const* lanes) {
  // Fragment layout of PTX: A [16 rows][32], B [32][8 columns], C [16][8].
  const auto lane = [&](int i) { return *static_cast<const MatrixLane*>(lanes[i]); };
  std::int16_t A[16][32], B[8][32];
  for (int i = 0; i < 32; ++i)
    for (int byte = 0; byte < 4; ++byte) {
      const int k = i % 4 * 4 + byte;
      const auto of = [&](unsigned word) { return word >> 8 * byte & 0xff; };
      for (int x = 0; x < 4; ++x)
        A[i / 4 + x % 2 * 8][k + x / 2 * 16] = static_cast<std::int16_t>(of(lane(i).A[x]));
      for (int x = 0; x < 2; ++x) B[i / 4][k + x * 16] = static_cast<std::int8_t>(of(lane(i).B[x]));
    }
  for (int row = 0; row < 16; ++row)
    for (int column = 0; column < 8; ++column) {
      int sum = 0;
      for (int k = 0; k < 32; ++k) sum += A[row][k] * B[column][k];
      lane(row % 8 * 4 + column / 2).C[row / 8 * 2 + column % 2] += sum;
    }
}

}  // namespace emulation

annmpi::tests::Calls& annmpi::tests::calls() {
  static Calls all;
  return all;
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t width, std::size_t height,
                              cudaMemcpyKind kind, cudaStream_t stream) {
  using annmpi::tests::Way;
  if (width > to_pitch || width > from_pitch) return cudaErrorInvalidValue;
  annmpi::tests::calls().copied(kind == cudaMemcpyHostToDevice   ? Way::to_device
                                : kind == cudaMemcpyDeviceToHost ? Way::to_host
                                                                 : Way::on_device,
                                width * height);
  const auto copy_rows = [=](const void* source) {
    for (std::size_t row = 0; row < height; ++row)
      if (width > 0)
        std::memcpy(static_cast<char*>(to) + row * to_pitch,
                    static_cast<const char*>(source) + row * from_pitch, width);
  };
  if (kind == cudaMemcpyHostToDevice && !emulation::is_pinned(from)) {
    std::vector<char> staged(width > 0 ? (height - 1) * from_pitch + width : 0);
    if (!staged.empty()) std::memcpy(staged.data(), from, staged.size());
    emulation::give(stream, [=] { copy_rows(staged.data()); });
    return cudaSuccess;
  }
  emulation::give(stream, [=] { copy_rows(from); });
  if (kind != cudaMemcpyDeviceToHost || emulation::is_pinned(to)) return cudaSuccess;
  if (!emulation::may_wait()) return cudaErrorStreamCaptureUnsupported;
  emulation::finish(stream);
  return cudaSuccess;
}
