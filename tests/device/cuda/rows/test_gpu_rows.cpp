#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "device/cuda/device_memory.hpp"
#include "device/cuda/received_samples.hpp"
#include "device/cuda/rows/gpu_rows.hpp"

// Upload of rows from host to device memory, at once or block by block.
namespace annmpi::tests {
namespace {

using io::ElementType;

/// Expected device memory of rows [first, end), each row zero-padded.
std::vector<std::byte> laid_out(const Samples& samples, data::Range rows, std::size_t pitch) {
  const data::HostBlock shard = shard_of(samples, rows);
  const std::size_t width = shard.columns() * io::bytes_of(shard.type());
  std::vector<std::byte> memory(rows.size() * pitch);
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::memcpy(memory.data() + i * pitch, shard.bytes().data() + i * width, width);
  return memory;
}

void expect_there(const device::cuda::GpuRows& there, const Samples& samples, data::Range rows,
                  std::size_t pitch) {
  ASSERT_EQ(there.shape.layout().pitch, pitch);
  ASSERT_EQ(there.features.size(), rows.size() * pitch);
  EXPECT_EQ(on_host(there.features.data(), there.features.size(), nullptr),
            laid_out(samples, rows, pitch));
  const std::span<const std::int32_t> labels = samples.labels;
  const auto own = labels.subspan(rows.begin, rows.size());
  EXPECT_EQ(on_host(there.labels.data(), there.labels.size(), nullptr),
            std::vector<std::int32_t>(own.begin(), own.end()));
}

struct Layout {
  ElementType type;
  std::uint64_t columns;
  std::size_t pitch;
};

/// Rows are padded to 16 bytes.
const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all{{ElementType::uint8, 70, 80},
                                       {ElementType::uint8, 32, 32},
                                       {ElementType::uint8, 5, 16},
                                       {ElementType::float32, 7, 32},
                                       {ElementType::float64, 3, 32}};
  return all;
}

TEST(GpuRows, AreTheRowsReadForAnyBlockSize) {
  for (const auto& [type, columns, pitch] : layouts()) {
    const Samples samples = random_samples(125, columns, 3, type, 4);
    const data::Dataset set = header_of(samples);
    const std::size_t chunk_bytes = 10 * set.row_bytes();
    // Blocks of 1 chunk, also if the memory is too small for one, of 3 chunks and of all.
    for (const std::size_t block_bytes :
         {std::size_t{1}, chunk_bytes, 3 * chunk_bytes + 1, 100 * chunk_bytes})
      for (const data::Range rows :
           {data::Range{0, 125}, data::Range{30, 70}, data::Range{120, 125}, data::Range{50, 50}}) {
        std::vector<data::Range> read;
        const device::cuda::GpuRows there =
            device::cuda::receive_on_gpu({set, rows, 10, block_bytes}, [&](data::HostBlock& block) {
              read.push_back(block.range());
              read_block(samples, block);
            });
        expect_there(there, samples, rows, pitch);
        // In order, each row once, whole chunks.
        std::uint64_t next = rows.begin;
        for (const data::Range& range : read) {
          EXPECT_EQ(range.begin, next);
          EXPECT_TRUE(range.size() % 10 == 0 || range.end == rows.end);
          next = range.end;
        }
        EXPECT_EQ(next, rows.end);
      }
  }
}

TEST(GpuRows, AreCopiedAtOnceFromHostMemory) {
  for (const auto& [type, columns, pitch] : layouts()) {
    const Samples samples = random_samples(125, columns, 3, type, 4);
    const device::cuda::Stream stream;
    const device::cuda::GpuRows there = device::cuda::copy_to_gpu(
        shard_of(samples, {30, 70}), stream, [&] { device::cuda::wait_for(stream); });
    expect_there(there, samples, {30, 70}, pitch);
  }
}

}  // namespace
}  // namespace annmpi::tests
