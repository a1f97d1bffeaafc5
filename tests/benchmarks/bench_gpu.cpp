// Benchmarks the kernels of the first layer against the peaks of the GPU; run on an idle GPU.
//
// Estimates to compare with (an H100: 3.35 TB/s, 132 multiprocessors, each about 2,600 products of
// bytes per clock through mma.sync, that is 580e12 products/s at 1.7 GHz; an A100: 2.0 TB/s and 108
// times 2,048), for 1,000,000 x 1024 bytes on an H100:
//
//                        least bytes  products     forward  backward  bound by
//     8 units, 8 slices  1.02 GB      65.5e9       0.36 ms  0.42 ms   memory
//    32 units, 8 slices  1.02 GB      262e9        0.6 ms   0.7 ms    products
//   512 units, 8 slices  5.1 GB       4.2e12       12 ms    13 ms     products
//   512 units, 4 slices  5.1 GB       2.1e12       6.5 ms   7 ms      products
//   cublasDgemm, 512     12 GB        1.05 TFLOP   17 ms at 60 TFLOP/s
//
// Shared memory limits products before the tensor cores do: a warp's 64 x 64 tile reads 4 KB for 32
// instructions, 80 of 128 bytes per clock. A block of 8 warps has 40 (8 units) to 72 KB of features
// and slices in flight; 18 KB per multiprocessor hide the latency of memory.
// Galaxies (2,700 x 1024, 8 units): forward 4 us, slicing and backward 6 us; for the rest of their
// iterations see bench_gpu_operations.cpp.
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include "benchmarks/gpu_timing.hpp"
#include "device/cuda/gemm/blas.hpp"
#include "device/cuda/layers/first_layer.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::tests {
namespace {

using device::cuda::check;
using device::cuda::DeviceBuffer;

/// Measured peaks per second.
struct Peaks {
  double bytes = 0;     ///< read and written
  double products = 0;  ///< of bytes, by cuBLAS
};

Peaks measure_peaks(cudaStream_t stream) {
  Peaks peaks;
  peaks.bytes = copied_bytes_per_second(stream);
  constexpr int n = 8192;
  const DeviceBuffer<std::int8_t> A(std::size_t{n} * n), B(std::size_t{n} * n);
  DeviceBuffer<std::int32_t> C(std::size_t{n} * n);
  cublasHandle_t handle = nullptr;
  const std::int32_t one = 1, zero = 0;
  if (cublasCreate(&handle) == CUBLAS_STATUS_SUCCESS) {
    cublasSetStream(handle, stream);
    bool works = true;
    const double ms = best_ms(stream, [&] {
      works = cublasGemmEx(handle, CUBLAS_OP_T, CUBLAS_OP_N, n, n, n, &one, A.data(), CUDA_R_8I, n,
                           B.data(), CUDA_R_8I, n, &zero, C.data(), CUDA_R_32I, n,
                           CUBLAS_COMPUTE_32I, CUBLAS_GEMM_DEFAULT) == CUBLAS_STATUS_SUCCESS;
    });
    if (works) peaks.products = 1e3 * n * double{n} * n / ms;
    cublasDestroy(handle);
  }
  std::printf("copying %.2f TB/s, products of bytes by cuBLAS %.0f T/s\n\n", peaks.bytes / 1e12,
              peaks.products / 1e12);
  return peaks;
}

void print(const std::string& what, double ms, double bytes, double products, const Peaks& peaks) {
  std::printf("%-34s %9.4f ms  %7.0f GB/s %5.1f %%  %6.1f T products/s %5.1f %%\n", what.c_str(),
              ms, bytes / ms / 1e6, 1e5 * bytes / ms / peaks.bytes, products / ms / 1e9,
              peaks.products > 0 ? 1e5 * products / ms / peaks.products : 0.0);
}

/// The passes over bytes.
void bench_passes(std::size_t rows, int units, int slices, const Peaks& peaks,
                  cudaStream_t stream) {
  constexpr int columns = 1024;
  const auto layer_rows = static_cast<double>(rows);
  const auto layer = device::cuda::make_byte_first_layer({units, columns}, slices, stream);
  DeviceBuffer<std::uint8_t> X(rows * columns);
  check(cudaMemsetAsync(X.data(), 0x5a, X.size(), stream), "filling memory");
  DeviceBuffer<double> parameters(static_cast<std::size_t>(units) * (columns + 1)),
      Z(rows * static_cast<std::size_t>(units)), delta(Z.size());
  parameters.clear(stream);
  delta.clear(stream);
  const std::vector<byte_slices::Scale> scales(static_cast<std::size_t>(units),
                                               byte_slices::scale_for(1, 8));
  device::cuda::copy(scales.data(), layer->slice_start().scales, scales.size(),
                     cudaMemcpyHostToDevice, stream);
  const auto count = static_cast<long long>(rows);
  const device::cuda::Features features{
      io::ElementType::uint8, X.data(), count, columns, columns, count};
  const double products = layer_rows * columns * units * slices;
  const double carried = 8.0 * layer_rows * units;
  const std::string shape = std::to_string(rows) + " x " + std::to_string(units) + ", " +
                            std::to_string(slices) + " slices";
  std::printf("%s\n", shape.c_str());
  print("  pack", best_ms(stream, [&] { layer->prepare(parameters.data(), 1); }),
        8.0 * columns * units, 0, peaks);
  print("  forward", best_ms(stream, [&] { layer->forward(features, Z.data()); }),
        layer_rows * columns + carried, products, peaks);
  layer->start(nullptr);
  print("  slice and backward", best_ms(stream, [&] { layer->add(features, delta.data()); }),
        layer_rows * columns + 3 * carried, products, peaks);
}

template <class Number>
void bench_blas(std::size_t rows, int units, const char* name, cudaStream_t stream) {
  constexpr int columns = 1024;
  const device::cuda::Blas blas(stream);
  DeviceBuffer<Number> X(rows * columns), W(static_cast<std::size_t>(units) * columns),
      Z(rows * static_cast<std::size_t>(units));
  X.clear(stream);
  W.clear(stream);
  const double ms = best_ms(stream, [&] {
    blas.multiply_by_transposed<Number>({X.data(), static_cast<long long>(rows), columns, columns},
                                        {W.data(), units, columns, columns}, 0,
                                        {Z.data(), static_cast<long long>(rows), units, units});
  });
  std::printf("  %-32s %9.4f ms  %7.1f TFLOP/s\n", name, ms,
              2.0 * static_cast<double>(rows) * columns * units / ms / 1e9);
}

int run() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
    std::puts("no GPU on this host: nothing was measured");
    return 0;
  }
  const device::cuda::Stream stream;
  const Peaks peaks = measure_peaks(stream);
  for (const std::size_t rows : {std::size_t{2700}, std::size_t{1'000'000}})
    for (const int units : {8, 32, 512}) {
      for (const int slices : {8, 4}) bench_passes(rows, units, slices, peaks, stream);
      bench_blas<double>(rows, units, "cublasDgemm, forward", stream);
      bench_blas<float>(rows, units, "cublasSgemm, forward", stream);
    }
  return 0;
}

}  // namespace
}  // namespace annmpi::tests

int main() {
  return annmpi::tests::run();
}
