#include <bit>
#include <cstdint>
#include <cstring>

#include "cuda_runtime.h"
#include "device/cuda/runtime/instructions.cuh"

// mma instructions on the fragments of a warp, and ldmatrix.
namespace emulation {
namespace {

template <class Lane>
Lane& lane(void* const* lanes, int i) {
  return *static_cast<Lane*>(lanes[i]);
}

double from_bf16(unsigned word, int half) {
  return static_cast<double>(std::bit_cast<float>((word >> 16 * half & 0xffffU) << 16));
}

template <bool transposed>
void load(void* const* lanes) {
  for (int x = 0; x < 4; ++x) {
    std::uint16_t matrix[8][8];
    for (int row = 0; row < 8; ++row)
      std::memcpy(matrix[row], lane<RowLane>(lanes, 8 * x + row).row, sizeof matrix[row]);
    for (int i = 0; i < 32; ++i) {
      const int g = i / 4, t = i % 4;
      const unsigned low = transposed ? matrix[2 * t][g] : matrix[g][2 * t];
      const unsigned high = transposed ? matrix[2 * t + 1][g] : matrix[g][2 * t + 1];
      lane<RowLane>(lanes, i).R[x] = high << 16 | low;
    }
  }
}

}  // namespace

void load_matrices(void* const* lanes) {
  load<false>(lanes);
}
void load_transposed_matrices(void* const* lanes) {
  load<true>(lanes);
}

/// Sums of 16 products are rounded once, which is more accurate than GPUs guarantee.
void multiply_bf16(void* const* lanes) {
  double A[16][16], B[8][16];
  for (int i = 0; i < 32; ++i) {
    const FloatLane& mine = lane<FloatLane>(lanes, i);
    for (int half = 0; half < 2; ++half) {
      const int k = 2 * (i % 4) + half;
      for (int x = 0; x < 4; ++x) A[i / 4 + x % 2 * 8][k + x / 2 * 8] = from_bf16(mine.A[x], half);
      for (int x = 0; x < 2; ++x) B[i / 4][k + x * 8] = from_bf16(mine.B[x], half);
    }
  }
  for (int row = 0; row < 16; ++row)
    for (int column = 0; column < 8; ++column) {
      float& c = lane<FloatLane>(lanes, row % 8 * 4 + column / 2).C[row / 8 * 2 + column % 2];
      double sum = static_cast<double>(c);
      for (int k = 0; k < 16; ++k) sum += A[row][k] * B[column][k];
      c = static_cast<float>(sum);
    }
}

void multiply_doubles(void* const* lanes) {
  for (int row = 0; row < 8; ++row)
    for (int column = 0; column < 8; ++column) {
      double& c = lane<DoubleLane>(lanes, row * 4 + column / 2).C[column % 2];
      for (int k = 0; k < 4; ++k)
        c = std::fma(lane<DoubleLane>(lanes, row * 4 + k).a,
                     lane<DoubleLane>(lanes, column * 4 + k).b, c);
    }
}

}  // namespace emulation
