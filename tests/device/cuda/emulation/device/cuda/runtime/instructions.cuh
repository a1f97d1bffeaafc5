#pragma once

// Host implementation of the module's header of this name, which it replaces.

#include <cstdint>

#include "cuda_runtime.h"

namespace emulation {
[[nodiscard]] void* shared_memory();
void begin_copy(void* to, const void* from, unsigned bytes, unsigned filled);
void commit_copies();
void finish_copies(unsigned left);

/// Fragments held by a lane.
struct MatrixLane {
  int* C;
  const unsigned* A;
  const unsigned* B;
};
void multiply_bytes(void* const* lanes);

struct FloatLane {
  float* C;
  const unsigned* A;
  unsigned B[2];
};
void multiply_bf16(void* const* lanes);

struct DoubleLane {
  double* C;
  double a, b;
};
void multiply_doubles(void* const* lanes);

struct RowLane {
  unsigned* R;
  const void* row;
};
void load_matrices(void* const* lanes);
void load_transposed_matrices(void* const* lanes);
}  // namespace emulation

namespace annmpi::device::cuda {

template <class T>
T* shared_memory() {
  return static_cast<T*>(emulation::shared_memory());
}

inline void mma_u8s8(int (&C)[4], const unsigned (&A)[4], const unsigned (&B)[2]) {
  emulation::MatrixLane mine{C, A, B};
  emulation::require_whole_warp(0xffffffffU);
  emulation::meet_warp(&mine, emulation::multiply_bytes);
}

inline void mma_bf16(float (&C)[4], const unsigned (&A)[4], unsigned b0, unsigned b1) {
  emulation::FloatLane mine{C, A, {b0, b1}};
  emulation::require_whole_warp(0xffffffffU);
  emulation::meet_warp(&mine, emulation::multiply_bf16);
}
inline void mma_doubles(double (&C)[2], double a, double b) {
  emulation::DoubleLane mine{C, a, b};
  emulation::require_whole_warp(0xffffffffU);
  emulation::meet_warp(&mine, emulation::multiply_doubles);
}
inline void mma_doubles(double (&C)[4], const double (&A)[4], const double (&B)[2]) {
  double upper[2] = {C[0], C[1]}, lower[2] = {C[2], C[3]};
  for (int half = 0; half < 2; ++half) {
    mma_doubles(upper, A[2 * half], B[half]);
    mma_doubles(lower, A[2 * half + 1], B[half]);
  }
  C[0] = upper[0], C[1] = upper[1], C[2] = lower[0], C[3] = lower[1];
}
inline void load_matrices(unsigned (&R)[4], const void* row) {
  emulation::RowLane mine{R, row};
  emulation::require_whole_warp(0xffffffffU);
  emulation::meet_warp(&mine, emulation::load_matrices);
}
inline void load_transposed_matrices(unsigned (&R)[4], const void* row) {
  emulation::RowLane mine{R, row};
  emulation::require_whole_warp(0xffffffffU);
  emulation::meet_warp(&mine, emulation::load_transposed_matrices);
}

/// Copies take effect in the wait.
inline void copy_async(void* shared, const void* global, unsigned filled) {
  emulation::begin_copy(shared, global, 16, filled);
}
inline void copy_8_async(void* shared, const void* global, unsigned filled) {
  emulation::begin_copy(shared, global, 8, filled);
}
inline void commit_copies() {
  emulation::commit_copies();
}
template <unsigned Left>
void wait_for_copies() {
  emulation::finish_copies(Left);
}

}  // namespace annmpi::device::cuda
