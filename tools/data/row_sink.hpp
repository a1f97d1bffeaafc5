#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "data_file_writer.hpp"
#include "permutation.hpp"

namespace annmpi::data_tool {

/// Receives rows in input order and writes them to the file in blocks.
class RowSink {
 public:
  virtual ~RowSink() = default;

  /// Memory for the features of the next row: layout().row_bytes() bytes, aligned for any element
  /// type, valid until `accept`.
  virtual std::byte* place() = 0;
  /// Completes the row at `place`.
  virtual void accept(std::int32_t label) = 0;
  /// Writes the remaining rows, after the last one.
  virtual void finish() = 0;
};

/// Keeps the input order.
class OrderedRows : public RowSink {
 public:
  explicit OrderedRows(DataFileWriter& writer);

  std::byte* place() override;
  void accept(std::int32_t label) override;
  void finish() override;

 private:
  DataFileWriter& writer_;
  std::size_t capacity_;
  std::uint64_t written_ = 0;
  std::vector<std::byte> features_;
  std::vector<std::int32_t> labels_;
};

/// Writes row i to place p(i) of a random permutation p, in constant memory.
///
/// The output is divided into buckets small enough for memory. A row is appended to the bucket of
/// its place; the buckets' write buffers share one budget, so that the disk sees long writes. At
/// the end each bucket is read, ordered and written back. Since p can be inverted (see
/// Permutation), no list of places is kept, and the result does not depend on the budget.
///
/// I/O: the output is written once if it is a single bucket, otherwise written twice and read once.
/// Rows too large for a buffer per bucket are written directly to their places.
class ShuffledRows : public RowSink {
 public:
  static constexpr std::size_t default_budget_bytes = std::size_t{40} << 20;

  ShuffledRows(DataFileWriter& writer, std::uint64_t seed,
               std::size_t budget_bytes = default_budget_bytes);

  std::byte* place() override;
  void accept(std::int32_t label) override;
  void finish() override;

 private:
  struct Bucket {
    std::uint64_t in_file = 0;  // rows appended to its part of the file
    std::size_t in_buffer = 0;  // rows in its part of the buffer
  };

  [[nodiscard]] std::uint64_t first_row(std::size_t bucket) const;
  [[nodiscard]] std::uint64_t rows_in(std::size_t bucket) const;
  void flush(std::size_t bucket);
  void order(std::size_t bucket);

  DataFileWriter& writer_;
  Permutation permutation_;
  std::size_t row_bytes_;
  std::uint64_t bucket_rows_;
  std::size_t buffer_rows_;  // per bucket
  bool straight_;            // no buffers: rows are written to their places directly
  std::vector<Bucket> buckets_;
  std::vector<std::byte> features_;
  std::vector<std::int32_t> labels_;
  std::uint64_t next_ = 0;    // number of the row at `place`
  std::uint64_t target_ = 0;  // its place in the output
};

/// Shuffled if there is a seed.
std::unique_ptr<RowSink> make_row_sink(DataFileWriter& writer,
                                       std::optional<std::uint64_t> shuffle_seed);

}  // namespace annmpi::data_tool
