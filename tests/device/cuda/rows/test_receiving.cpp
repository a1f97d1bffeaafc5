#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

#include "device/cuda/calls.hpp"
#include "device/cuda/device_memory.hpp"
#include "device/cuda/emulation/streams.hpp"
#include "device/cuda/received_samples.hpp"
#include "device/cuda/rows/gpu_rows.hpp"

// Timing of the copies of rows that are read block by block. The emulation executes copies from
// pinned memory as late as possible.
namespace annmpi::tests {
namespace {

constexpr std::uint64_t rows = 60, columns = 33, chunk_rows = 10;

class Receiving : public testing::Test {
 protected:
  /// Blocks of one chunk.
  template <class Read>
  device::cuda::GpuRows receive(Read&& read) {
    return device::cuda::receive_on_gpu({set_, {0, rows}, chunk_rows, 1},
                                        [&](data::HostBlock& block) {
                                          read_block(samples_, block);
                                          places_.insert(block.bytes().data());
                                          read(block);
                                        });
  }

  Samples samples_ = random_samples(rows, columns, 3, io::ElementType::uint8, 4);
  data::Dataset set_ = header_of(samples_);
  std::set<const std::byte*> places_;
};

TEST_F(Receiving, StartsTheCopyOfABlockBeforeTheNextOneIsRead) {
  const Calls before = calls();
  (void)receive([&](const data::HostBlock& block) {
    const Calls made = calls() - before;
    // Features and labels of all earlier blocks.
    EXPECT_EQ(made.bytes[static_cast<std::size_t>(Way::to_device)],
              block.range().begin * (columns + sizeof(std::int32_t)));
    EXPECT_TRUE(emulation::is_pinned(block.bytes().data()));
  });
  EXPECT_EQ(places_.size(), device::blocks_on_the_way);
}

TEST_F(Receiving, ReadsWhileACopyIsInFlight) {
  std::byte* last = nullptr;
  const device::cuda::GpuRows there = receive([&](data::HostBlock& block) {
    // Overwrites the previous block, whose copy is still in flight.
    if (last != nullptr) std::memset(last, 0xff, columns);
    last = block.bytes().data();
  });
  const std::size_t pitch = there.shape.layout().pitch;
  const auto memory = on_host(there.features.data(), there.features.size(), nullptr);
  for (std::uint64_t block = 0; block < rows / chunk_rows; ++block) {
    const bool is_last = block == rows / chunk_rows - 1;
    const std::byte expected =
        is_last ? static_cast<std::byte>(samples_.values[block * chunk_rows * columns])
                : std::byte{0xff};
    EXPECT_EQ(memory[block * chunk_rows * pitch], expected) << block;
  }
}

TEST_F(Receiving, CompletesCopiesIfReadingFails) {
  for (std::uint64_t bad = 0; bad < rows; bad += chunk_rows) {
    places_.clear();
    const auto reading = [&](const data::HostBlock& block) {
      if (block.range().begin == bad) throw std::invalid_argument("a bad label");
    };
    EXPECT_THROW((void)receive(reading), std::invalid_argument);
    // A copy still in flight would read freed memory.
    for (const std::byte* const place : places_) EXPECT_FALSE(emulation::is_pinned(place));
    emulation::finish_all();
  }
}

}  // namespace
}  // namespace annmpi::tests
