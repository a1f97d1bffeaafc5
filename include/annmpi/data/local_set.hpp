#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "annmpi/data/dataset.hpp"
#include "annmpi/data/host_block.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/io/hdf5.hpp"
#include "annmpi/io/row_file.hpp"

namespace annmpi::data {

/// Features of a block of rows, at most, so long as a chunk is no larger.
inline constexpr std::size_t default_block_bytes = std::size_t{8} << 20;

/// Rows of a block: as many whole chunks as `block_bytes` have room for, but one at least; no more
/// than there are.
[[nodiscard]] std::uint64_t rows_of_block(std::uint64_t rows, std::uint64_t chunk_rows,
                                          std::size_t row_bytes,
                                          std::size_t block_bytes = default_block_bytes);

/// The rows that a rank owns: in memory, or read from their file whenever they are worked on
/// ("streamed"). The labels are in memory in either case.
///
/// A pass over streamed rows goes through blocks of whole chunks, which a thread reads ahead, also
/// beyond the end of a pass: the first blocks of the next one are there when it begins. Only
/// `blocks_in_memory` blocks take memory, whatever the number of rows. Move-only.
class LocalSet {
 public:
  static constexpr std::size_t blocks_in_memory = 3;

  /// Rows in memory.
  LocalSet(HostBlock rows);
  /// Streamed rows: reads and checks their labels.
  /// @param rows a run of whole chunks of `chunk_rows`
  /// @throws Error if a label names no class, or for a file that cannot be streamed
  /// (Hdf5File::row_file).
  LocalSet(const io::Hdf5File& file, const Dataset& set, Range rows, std::uint64_t chunk_rows,
           std::size_t block_bytes = default_block_bytes);
  LocalSet(LocalSet&&) noexcept;
  LocalSet& operator=(LocalSet&&) noexcept;
  ~LocalSet();

  [[nodiscard]] Range range() const;
  [[nodiscard]] std::uint64_t rows() const { return range().size(); }
  [[nodiscard]] std::uint64_t columns() const;
  [[nodiscard]] io::ElementType type() const;
  [[nodiscard]] double feature_scale() const;
  [[nodiscard]] std::size_t row_bytes() const {
    return static_cast<std::size_t>(columns()) * io::bytes_of(type());
  }
  /// [rows]
  [[nodiscard]] std::span<const std::int32_t> labels() const;

  /// The file of streamed rows, in which any of them can be read; none for rows in memory.
  [[nodiscard]] const io::RowFile* file() const;
  /// Rows in memory. Not for streamed rows.
  [[nodiscard]] const HostBlock& in_memory() const { return shard_; }

  /// One pass: calls work(block) for all rows in order, each block a const HostBlock& that is good
  /// until work returns; at least once, with a block of no rows where there are none. One pass at
  /// a time.
  /// @throws Error if streamed rows cannot be read, or their file has changed since; no pass comes
  /// to an end then.
  template <class Work>
  void for_each_block(Work&& work) const {
    if (!stream_) return work(shard_);
    for (std::size_t block = 0; block < blocks(); ++block) work(next_block());
  }

  /// Memory held for features: all of them, or the blocks.
  [[nodiscard]] std::uint64_t feature_memory() const;

 private:
  struct Stream;

  [[nodiscard]] std::size_t blocks() const;
  [[nodiscard]] const HostBlock& next_block() const;

  HostBlock shard_;                 ///< empty where rows are streamed
  std::unique_ptr<Stream> stream_;  ///< null where they are in memory
};

/// What a streamed LocalSet will hold for the features of so many rows, in bytes.
[[nodiscard]] std::uint64_t streamed_feature_memory(const Dataset& set, std::uint64_t rows,
                                                    std::uint64_t chunk_rows,
                                                    std::size_t block_bytes = default_block_bytes);

}  // namespace annmpi::data
