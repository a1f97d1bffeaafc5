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

/// Upper limit for the features of a block, unless one chunk is larger.
inline constexpr std::size_t default_block_bytes = std::size_t{8} << 20;

/// Rows of a block: as many whole chunks as fit into `block_bytes`, at least one, and at most
/// `rows`.
[[nodiscard]] std::uint64_t rows_of_block(std::uint64_t rows, std::uint64_t chunk_rows,
                                          std::size_t row_bytes,
                                          std::size_t block_bytes = default_block_bytes);

/// The rows that a rank owns, in memory or "streamed": read from their file in every pass. Labels
/// are always in memory.
///
/// A pass over streamed rows visits blocks of whole chunks. A thread reads them ahead, also across
/// the end of a pass, so that the next pass finds its first blocks in memory. Memory is limited to
/// `blocks_in_memory` blocks for any number of rows. Move-only.
class LocalSet {
 public:
  static constexpr std::size_t blocks_in_memory = 3;

  /// Rows in memory.
  LocalSet(HostBlock rows);
  /// Streamed rows: reads and checks their labels.
  /// @param rows a run of whole chunks of `chunk_rows`
  /// @throws Error if a label names no class, or if the file cannot be streamed
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

  /// The file of streamed rows, for random access; null for rows in memory.
  [[nodiscard]] const io::RowFile* file() const;
  /// The rows, if they are in memory. Must not be called for streamed rows.
  [[nodiscard]] const HostBlock& in_memory() const { return shard_; }

  /// One pass: calls work(const HostBlock& block) for all rows in order, at least once (with an
  /// empty block if there are no rows). A block is valid until work returns. Passes must not
  /// overlap.
  /// @throws Error if streamed rows cannot be read, or their file has changed; all later passes
  /// fail too.
  template <class Work>
  void for_each_block(Work&& work) const {
    if (!stream_) return work(shard_);
    for (std::size_t block = 0; block < blocks(); ++block) work(next_block());
  }

  /// Memory held for features: all of them, or the blocks of streamed rows.
  [[nodiscard]] std::uint64_t feature_memory() const;

 private:
  struct Stream;

  [[nodiscard]] std::size_t blocks() const;
  [[nodiscard]] const HostBlock& next_block() const;

  HostBlock shard_;                 ///< empty if rows are streamed
  std::unique_ptr<Stream> stream_;  ///< null if rows are in memory
};

/// Memory of a streamed LocalSet for the features of `rows` rows, in bytes.
[[nodiscard]] std::uint64_t streamed_feature_memory(const Dataset& set, std::uint64_t rows,
                                                    std::uint64_t chunk_rows,
                                                    std::size_t block_bytes = default_block_bytes);

}  // namespace annmpi::data
