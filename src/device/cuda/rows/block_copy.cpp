#include "device/cuda/rows/block_copy.hpp"

#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

void copy_rows(const data::HostBlock& rows, const BlockLayout& layout, std::byte* to,
               cudaStream_t stream) {
  const std::size_t count = rows.rows();
  if (layout.pitch == layout.width)
    return copy(rows.bytes().data(), to, count * layout.width, cudaMemcpyHostToDevice, stream);
  if (count == 0) return;
  check(cudaMemcpy2DAsync(to, layout.pitch, rows.bytes().data(), layout.width, layout.width, count,
                          cudaMemcpyHostToDevice, stream),
        "copying features");
}

PinnedRange::PinnedRange(const std::byte* memory, std::size_t size)
    : memory_(const_cast<std::byte*>(memory)),
      size_(size),
      is_pinned_(size > 0 &&
                 cudaHostRegister(memory_, size, cudaHostRegisterDefault) == cudaSuccess) {
  if (!is_pinned_) (void)cudaGetLastError();
}

PinnedRange::~PinnedRange() {
  if (memory_ != nullptr && is_pinned_) cudaHostUnregister(memory_);
}

}  // namespace annmpi::device::cuda
