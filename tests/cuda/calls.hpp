#pragma once

#include <array>
#include <cstdint>

/// What the host asked of the GPU: counted by the emulation, or between the program and the CUDA
/// runtime (counted_runtime.cpp).
namespace annmpi::tests {

enum class Way { to_device, to_host, on_device };

struct Calls {
  std::int64_t launches = 0;  ///< of kernels, one by one
  std::int64_t products = 0;  ///< by cuBLAS, of one kernel or two each
  std::int64_t graphs = 0;    ///< launches of whole graphs
  std::int64_t memsets = 0;
  std::array<std::int64_t, 3> copies{};
  std::array<std::uint64_t, 3> bytes{};  ///< that were copied each way
  std::int64_t waits = 0;                ///< of the host, by the driver
  /// Whether a stream is done: in the emulation once for each wait for a kernel's report, on a GPU
  /// seldom.
  std::int64_t queries = 0;

  void copied(Way way, std::uint64_t size) {
    ++copies[static_cast<std::size_t>(way)];
    bytes[static_cast<std::size_t>(way)] += size;
  }
};

/// So far, of all streams.
[[nodiscard]] Calls& calls();

[[nodiscard]] inline Calls operator-(const Calls& after, const Calls& before) {
  Calls less{after.launches - before.launches,
             after.products - before.products,
             after.graphs - before.graphs,
             after.memsets - before.memsets,
             {},
             {},
             after.waits - before.waits,
             after.queries - before.queries};
  for (std::size_t way = 0; way < less.copies.size(); ++way) {
    less.copies[way] = after.copies[way] - before.copies[way];
    less.bytes[way] = after.bytes[way] - before.bytes[way];
  }
  return less;
}

}  // namespace annmpi::tests
