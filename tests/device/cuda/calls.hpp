#pragma once

#include <array>
#include <cstdint>

/// Counts of CUDA calls, by the emulation or by wrappers of the CUDA runtime (counted_runtime.cpp).
namespace annmpi::tests {

enum class Way { to_device, to_host, on_device };

struct Calls {
  std::int64_t launches = 0;  ///< of kernels outside graphs
  std::int64_t products = 0;  ///< GEMMs of cuBLAS, one or two kernels each
  std::int64_t graphs = 0;    ///< graph launches
  std::int64_t memsets = 0;
  std::array<std::int64_t, 3> copies{};
  std::array<std::uint64_t, 3> bytes{};  ///< copied in each direction
  std::int64_t waits = 0;                ///< synchronizations of the host
  /// Stream queries: in the emulation one per wait for a completion flag, on a GPU rarely any.
  std::int64_t queries = 0;

  void copied(Way way, std::uint64_t size) {
    ++copies[static_cast<std::size_t>(way)];
    bytes[static_cast<std::size_t>(way)] += size;
  }
};

/// Counts since the start, over all streams.
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
