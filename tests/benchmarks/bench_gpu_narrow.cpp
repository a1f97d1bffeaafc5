// Benchmarks first layers of few units over floats and doubles, read once (narrow) and by converted
// tiles: build/release/tests/bench_gpu_narrow [ROWS] on an idle GPU.
//
// Estimates, not measured, for 1,000,000 x 1024 floats on an H100 (3.35 TB/s; mma peak 33e12
// products of doubles per second). Read once, float64 and mixed are the same computation:
//
//            least bytes  memory    products            limit    forward  backward
//   8 units  4.16 GB      1.24 ms    8.2e9   0.25 ms    1.24 ms  1.5 ms   1.6 ms
//  32        4.35 GB      1.30 ms   32.8e9   0.99 ms    1.30 ms  1.7 ms   1.9 ms
//  64        4.61 GB      1.38 ms   65.5e9   1.99 ms    1.99 ms  2.6 ms   2.9 ms
//   on tiles, float64     20.5 GB                                over 6 ms (8 units) to 8 (64)
//   on tiles, mixed       12.3 GB                                over 3.6 ms       to 6
//
// Other costs: weights are read from the L2 cache once per 256 rows (h = 32: a quarter of the
// features' bytes, 64: half), deltas once per 256 columns (the same); each feature is converted
// once, 16 per clock and multiprocessor, 0.28 ms, overlapped; sums over rows take 2 (h 1025)
// atomics per 4096 rows, 16e6 at h = 32.
//
// Occupancy of a multiprocessor with 227 KB and 65,536 registers; compiled for sm_90, no spills:
//
//            forward, floats                    backward, floats
//   8 units  102 KB, 118 registers: 2 blocks    108 KB, 116 registers: 2 blocks of 8 warps
//  32        122 KB, 170            1           126 KB, 150            1
//  64        147 KB, 237            1           150 KB, 204            1
//
// Each block has 64 KB (forward) or 66 KB (backward) of features in flight, where 18 KB hide the
// memory latency. Two warps per scheduler alternate between 16 accumulator matrices for 32 units
// (32 for 64), so that no product depends on the previous one.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <cuda_runtime.h>

#include "benchmarks/gpu_timing.hpp"
#include "device/cuda/gemm/blas.hpp"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::tests {
namespace {

using device::cuda::DeviceBuffer;

constexpr int columns = 1024;

/// Measured peaks per second.
struct Peaks {
  double bytes;     ///< read and written
  double products;  ///< of doubles, by cuBLAS
};

Peaks measure_peaks(const device::cuda::Blas& blas, cudaStream_t stream) {
  constexpr long long n = 8192;
  DeviceBuffer<double> A(n * n), C(n * n);
  A.clear(stream);
  const double ms = best_ms(stream, [&] {
    blas.multiply_by_transposed<double>({A.data(), n, n, n}, {A.data(), n, n, n}, 0,
                                        {C.data(), n, n, n});
  });
  const Peaks peaks{copied_bytes_per_second(stream), 1e3 * n * n * double{n} / ms};
  std::printf("copying %.2f TB/s, products of doubles by cuBLAS %.1f T/s\n\n", peaks.bytes / 1e12,
              peaks.products / 1e12);
  return peaks;
}

/// Milliseconds per pass.
struct Times {
  double forward, backward;
};

Times times_of(device::cuda::FirstLayer& layer, const device::cuda::Features& X, int units,
               cudaStream_t stream) {
  const auto size = static_cast<std::size_t>(X.rows) * static_cast<std::size_t>(units);
  DeviceBuffer<double> parameters(static_cast<std::size_t>(units) * (columns + 1)), values(size);
  parameters.clear(stream);
  values.clear(stream);
  const std::vector<network::UnitSplit> bounds(
      static_cast<std::size_t>(units),
      {exact_sum::make_split(8192, 1 << 20), exact_sum::make_split(8192, 1 << 20)});
  DeviceBuffer<network::UnitSplit> splits(bounds.size());
  device::cuda::copy(bounds.data(), splits.data(), bounds.size(), cudaMemcpyHostToDevice, stream);
  layer.start(splits.data());
  return {best_ms(stream,
                  [&] {
                    layer.prepare(parameters.data(), 1);
                    layer.forward(X, values.data());
                  }),
          best_ms(stream, [&] { layer.add(X, values.data()); })};
}

template <class Element>
void bench(long long rows, const Peaks& peaks, const device::cuda::Blas& blas,
           cudaStream_t stream) {
  constexpr bool floats = std::is_same_v<Element, float>;
  DeviceBuffer<Element> memory(static_cast<std::size_t>(rows) * columns);
  memory.clear(stream);
  const device::cuda::Features X{
      io::element_type_of<Element>, memory.data(), rows, columns, columns, 8192};
  for (const int units : {8, 32, 64}) {
    const double products = static_cast<double>(rows) * columns * units;
    const double bytes = static_cast<double>(memory.size() * sizeof(Element)) +
                         8.0 * static_cast<double>(rows) * units;
    const double limit = 1e3 * std::max(bytes / peaks.bytes, products / peaks.products);
    const auto print = [&](const char* way, std::unique_ptr<device::cuda::FirstLayer> layer) {
      const Times its = times_of(*layer, X, units, stream);
      std::printf(
          "  %-24s forward %9.4f ms (%5.1f %% of the limit)  backward %9.4f ms (%5.1f %%)\n", way,
          its.forward, 100 * limit / its.forward, its.backward, 100 * limit / its.backward);
      return its;
    };
    std::printf("%lld rows of %s, %d units: %.2f GB, %.1fe9 products, limit %.4f ms\n", rows,
                floats ? "floats" : "doubles", units, bytes / 1e9, products / 1e9, limit);
    const device::cuda::FirstLayerShape shape{units, columns};
    const Times narrow = print("read once", device::cuda::make_narrow_first_layer(
                                                shape, static_cast<std::uint64_t>(rows), stream));
    const Times tiles = print(
        "on tiles, float64", device::cuda::make_converting_first_layer(shape, false, blas, stream));
    print("on tiles, mixed", device::cuda::make_converting_first_layer(shape, true, blas, stream));
    std::printf(
        "SUMMARY: %s h=%d %.2f + %.2f ms (%.0f + %.0f %% of the limit; tiles %.2f + %.2f)\n",
        floats ? "float32" : "float64", units, narrow.forward, narrow.backward,
        100 * limit / narrow.forward, 100 * limit / narrow.backward, tiles.forward, tiles.backward);
  }
}

int run(long long rows) {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
    std::puts("no GPU on this host: nothing was measured");
    return 0;
  }
  const device::cuda::Stream stream;
  const device::cuda::Blas blas(stream);
  const Peaks peaks = measure_peaks(blas, stream);
  std::vector<long long> sizes{rows};
  if (rows > 2700) sizes.insert(sizes.begin(), 2700);
  for (const long long size : sizes) {
    bench<float>(size, peaks, blas, stream);
    bench<double>(size, peaks, blas, stream);
  }
  return 0;
}

}  // namespace
}  // namespace annmpi::tests

int main(int count, char** arguments) {
  return annmpi::tests::run(count > 1 ? std::atoll(arguments[1]) : 1'000'000);
}
