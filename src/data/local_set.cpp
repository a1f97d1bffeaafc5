#include "annmpi/data/local_set.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "annmpi/data/schema.hpp"

#include "data/read_ahead.hpp"

namespace annmpi::data {

std::uint64_t rows_of_block(std::uint64_t rows, std::uint64_t chunk_rows, std::size_t row_bytes,
                            std::size_t block_bytes) {
  const std::uint64_t chunks = std::max<std::uint64_t>(1, block_bytes / (chunk_rows * row_bytes));
  return std::min(rows, chunks * chunk_rows);
}

/// Endless sequence of blocks in the order of the rows, starting over after the last one.
struct LocalSet::Stream {
  Stream(const io::Hdf5File& from, const Dataset& of_set, Range own, std::uint64_t chunk_rows,
         std::size_t block_bytes)
      : rows(own),
        columns(of_set.features),
        type(of_set.type),
        feature_scale(of_set.feature_scale),
        file(from.row_file(schema::features)),
        labels(read_labels(from, of_set, own)),
        block_rows(rows_of_block(own.size(), chunk_rows, file.row_bytes(), block_bytes)),
        next_row(own.begin),
        ahead(slots(), [this](HostBlock& block) { read(block); }) {}

  [[nodiscard]] std::vector<HostBlock> slots() const {
    std::vector<HostBlock> made;
    for (std::size_t i = 0; i < blocks_in_memory; ++i)
      made.emplace_back(Range{rows.begin, rows.begin + block_rows}, columns, type, feature_scale);
    return made;
  }

  /// Runs on the background thread.
  void read(HostBlock& block) {
    const Range own{next_row, std::min(next_row + block_rows, rows.end)};
    block.take(own);
    file.read(own.begin, own.size(), block.bytes());
    file.require_unchanged();
    std::ranges::copy(std::span(labels).subspan(own.begin - rows.begin, own.size()),
                      block.labels().begin());
    next_row = own.end < rows.end ? own.end : rows.begin;
  }

  Range rows;
  std::uint64_t columns;
  io::ElementType type;
  double feature_scale;
  io::RowFile file;
  std::vector<std::int32_t> labels;
  std::uint64_t block_rows;
  std::uint64_t next_row;
  ReadAhead<HostBlock> ahead;
};

LocalSet::LocalSet(HostBlock rows) : shard_(std::move(rows)) {}

LocalSet::LocalSet(const io::Hdf5File& file, const Dataset& set, Range rows,
                   std::uint64_t chunk_rows, std::size_t block_bytes)
    : stream_(std::make_unique<Stream>(file, set, rows, chunk_rows, block_bytes)) {}

LocalSet::LocalSet(LocalSet&&) noexcept = default;
LocalSet& LocalSet::operator=(LocalSet&&) noexcept = default;
LocalSet::~LocalSet() = default;

Range LocalSet::range() const {
  return stream_ ? stream_->rows : shard_.range();
}

std::uint64_t LocalSet::columns() const {
  return stream_ ? stream_->columns : shard_.columns();
}

io::ElementType LocalSet::type() const {
  return stream_ ? stream_->type : shard_.type();
}

double LocalSet::feature_scale() const {
  return stream_ ? stream_->feature_scale : shard_.feature_scale();
}

std::span<const std::int32_t> LocalSet::labels() const {
  return stream_ ? std::span<const std::int32_t>(stream_->labels) : shard_.labels();
}

const io::RowFile* LocalSet::file() const {
  return stream_ ? &stream_->file : nullptr;
}

std::uint64_t LocalSet::feature_memory() const {
  return stream_ ? blocks_in_memory * stream_->block_rows * row_bytes() : shard_.size_in_bytes();
}

std::size_t LocalSet::blocks() const {
  if (rows() == 0) return 1;
  return static_cast<std::size_t>((rows() + stream_->block_rows - 1) / stream_->block_rows);
}

const HostBlock& LocalSet::next_block() const {
  return stream_->ahead.next();
}

std::uint64_t streamed_feature_memory(const Dataset& set, std::uint64_t rows,
                                      std::uint64_t chunk_rows, std::size_t block_bytes) {
  return LocalSet::blocks_in_memory *
         rows_of_block(rows, chunk_rows, set.row_bytes(), block_bytes) * set.row_bytes();
}

}  // namespace annmpi::data
