#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "data_file_writer.hpp"
#include "permutation.hpp"

namespace annmpi::data_tool {

/// Takes rows in the order of the input and brings them into the file, in blocks.
class RowSink {
 public:
  virtual ~RowSink() = default;

  /// Where to put the features of the next row: layout().row_bytes() bytes, aligned for any
  /// element type, valid until `accept`.
  virtual std::byte* place() = 0;
  /// The row at `place` is complete.
  virtual void accept(std::int32_t label) = 0;
  /// All rows are there: brings the last ones into the file.
  virtual void finish() = 0;
};

/// Keeps the order of the input.
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

/// Moves row i to place p(i) of a random permutation p, in constant memory.
///
/// The output is cut into buckets small enough for memory. A row is appended to the bucket that
/// its place lies in; the buckets' write buffers share one budget, so that the disk sees long
/// writes. In the end each bucket is read, brought into order, and written back. Since p is a
/// bijection that can be inverted (see Permutation), no list of places is kept, and the result
/// does not depend on the budget.
///
/// Cost in I/O: the output is written once where it is one bucket, and otherwise written twice
/// and read once. Rows so large that a buffer per bucket would not hold one are written straight
/// to their places.
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
    std::size_t in_buffer = 0;  // rows waiting in its part of the buffer
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
  bool straight_;            // no buffers: rows go to their places at once
  std::vector<Bucket> buckets_;
  std::vector<std::byte> features_;
  std::vector<std::int32_t> labels_;
  std::uint64_t next_ = 0;    // number of the row at `place`
  std::uint64_t target_ = 0;  // and where it goes
};

/// Shuffled where there is a seed.
std::unique_ptr<RowSink> make_row_sink(DataFileWriter& writer,
                                       std::optional<std::uint64_t> shuffle_seed);

}  // namespace annmpi::data_tool
