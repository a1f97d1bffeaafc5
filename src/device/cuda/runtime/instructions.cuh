#pragma once

#include <cstdint>

#include <cuda_runtime.h>

/// Shared memory and PTX instructions. The emulation in tests replaces this header.
namespace annmpi::device::cuda {

/// The dynamic shared memory of the kernel, aligned to 16 bytes.
template <class T>
__device__ __forceinline__ T* shared_memory() {
  extern __shared__ uint4 dynamic_shared_memory[];
  return reinterpret_cast<T*>(dynamic_shared_memory);
}

/// C += A B by the tensor cores, exactly: A [16, 32] unsigned bytes, B [32, 8] signed bytes,
/// C [16, 8]. With g = lane / 4 and t = lane % 4, four bytes k to a word, a lane holds
///   A   rows g, g + 8, g, g + 8 at k = 4 t, 4 t, 16 + 4 t, 16 + 4 t
///   B   column g at k = 4 t, 16 + 4 t
///   C   (g, 2 t), (g, 2 t + 1), (g + 8, 2 t), (g + 8, 2 t + 1)
/// (PTX ISA, mma.m16n8k32). k may be in any order, the same one in A and B.
__device__ __forceinline__ void mma_u8s8(int (&C)[4], const unsigned (&A)[4],
                                         const unsigned (&B)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+r"(C[0]), "+r"(C[1]), "+r"(C[2]), "+r"(C[3])
      : "r"(A[0]), "r"(A[1]), "r"(A[2]), "r"(A[3]), "r"(B[0]), "r"(B[1]));
}

/// C = C + A B by the tensor cores: A [16, 16] and B [16, 8] bfloat16s, C [16, 8] floats, sums in
/// the tensor cores' own order and rounding. With g = lane / 4 and t = lane % 4, two numbers k and
/// k + 1 to a word, a lane holds
///   A   rows g, g + 8, g, g + 8 at k = 2 t, 2 t, 8 + 2 t, 8 + 2 t
///   B   column g at k = 2 t, 8 + 2 t
///   C   (g, 2 t), (g, 2 t + 1), (g + 8, 2 t), (g + 8, 2 t + 1)
/// (PTX ISA, mma.m16n8k16).
__device__ __forceinline__ void mma_bf16(float (&C)[4], const unsigned (&A)[4], unsigned b0,
                                         unsigned b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+f"(C[0]), "+f"(C[1]), "+f"(C[2]), "+f"(C[3])
      : "r"(A[0]), "r"(A[1]), "r"(A[2]), "r"(A[3]), "r"(b0), "r"(b1));
}

/// C = C + A B by the tensor cores in doubles: A [8, 4], B [4, 8], C [8, 8]. A lane holds (g, t) of
/// A, (t, g) of B and (g, 2 t), (g, 2 t + 1) of C (PTX ISA, mma.m8n8k4).
__device__ __forceinline__ void mma_doubles(double (&C)[2], double a, double b) {
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};"
               : "+d"(C[0]), "+d"(C[1])
               : "d"(a), "d"(b));
}

/// The same for A [16, 8], B [8, 8], C [16, 8]: A (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4);
/// B (t, g), (t + 4, g); C (g, 2 t), (g, 2 t + 1), (g + 8, 2 t), (g + 8, 2 t + 1) (PTX ISA,
/// mma.m16n8k8, from sm_90 on; before, four of the above).
__device__ __forceinline__ void mma_doubles(double (&C)[4], const double (&A)[4],
                                            const double (&B)[2]) {
#if __CUDA_ARCH__ >= 900
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f64.f64.f64.f64 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
      "{%8, %9}, {%0, %1, %2, %3};"
      : "+d"(C[0]), "+d"(C[1]), "+d"(C[2]), "+d"(C[3])
      : "d"(A[0]), "d"(A[1]), "d"(A[2]), "d"(A[3]), "d"(B[0]), "d"(B[1]));
#else
  double upper[2] = {C[0], C[1]}, lower[2] = {C[2], C[3]};
  for (int half = 0; half < 2; ++half) {
    mma_doubles(upper, A[2 * half], B[half]);
    mma_doubles(lower, A[2 * half + 1], B[half]);
  }
  C[0] = upper[0], C[1] = upper[1], C[2] = lower[0], C[3] = lower[1];
#endif
}

/// Loads four [8, 8] matrices of 16-bit numbers from shared memory: lanes 8 i to 8 i + 7 pass the
/// addresses of the rows of matrix i, multiples of 16 bytes. A lane gets (g, 2 t) and (g, 2 t + 1)
/// of each, or transposed (2 t, g) and (2 t + 1, g).
__device__ __forceinline__ void load_matrices(unsigned (&R)[4], const void* row) {
  const auto from = static_cast<unsigned>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(R[0]), "=r"(R[1]), "=r"(R[2]), "=r"(R[3])
               : "r"(from)
               : "memory");
}
__device__ __forceinline__ void load_transposed_matrices(unsigned (&R)[4], const void* row) {
  const auto from = static_cast<unsigned>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(R[0]), "=r"(R[1]), "=r"(R[2]), "=r"(R[3])
               : "r"(from)
               : "memory");
}

/// Starts a copy of 16 bytes from global to shared memory, bypassing the L1 cache: the first
/// `filled` bytes, then zeros. Both addresses are aligned to 16.
__device__ __forceinline__ void copy_async(void* shared, const void* global, unsigned filled) {
  const auto to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global), "r"(filled)
               : "memory");
}
/// The same for 8 bytes, through the L1 cache.
__device__ __forceinline__ void copy_8_async(void* shared, const void* global, unsigned filled) {
  const auto to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;" ::"r"(to), "l"(global), "r"(filled)
               : "memory");
}
/// Commits the copies of this thread since the last commit as a group.
__device__ __forceinline__ void commit_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
/// Waits until all but the last `Left` groups of this thread are complete.
template <unsigned Left>
__device__ __forceinline__ void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Left) : "memory");
}

}  // namespace annmpi::device::cuda
