#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace annmpi::data {

/// A half-open range [begin, end) of rows or chunks.
struct Range {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  [[nodiscard]] std::uint64_t size() const { return end - begin; }
  friend bool operator==(const Range&, const Range&) = default;
};

/// How the rows of a data set are divided into chunks, and the chunks among ranks.
///
/// A chunk is the unit of work: its partial sums are always computed by the same code in the same
/// order, whichever rank owns it. Chunk c holds rows [c chunk_rows, (c + 1) chunk_rows); the last
/// chunk may be shorter. Each rank owns a contiguous run of whole chunks. By default the numbers of
/// chunks differ by at most one, and a rank owns nothing if there are more ranks than chunks.
class Partition {
 public:
  Partition(std::uint64_t rows, std::uint64_t chunk_rows, int ranks)
      : rows_(rows),
        chunk_rows_(std::max<std::uint64_t>(1, chunk_rows)),
        ranks_(static_cast<std::uint64_t>(ranks)) {}

  /// Divides in proportion to `shares`, one per rank, at least one of them above 0. Of N chunks a
  /// rank gets the whole part of its quota N share / sum of shares; the remaining chunks go one
  /// each to the largest remainders, among equal ones to the lowest rank (Hamilton's method of
  /// apportionment). A share of 0 gives nothing; equal shares give the default.
  Partition(std::uint64_t rows, std::uint64_t chunk_rows, std::span<const double> shares);

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] std::uint64_t chunk_rows() const { return chunk_rows_; }
  [[nodiscard]] int ranks() const { return static_cast<int>(ranks_); }
  [[nodiscard]] std::uint64_t chunks() const { return (rows_ + chunk_rows_ - 1) / chunk_rows_; }

  [[nodiscard]] Range chunks_of(int rank) const {
    const auto r = static_cast<std::uint64_t>(rank);
    if (!begins_.empty()) return {begins_[r], begins_[r + 1]};
    const std::uint64_t share = chunks() / ranks_;
    const std::uint64_t extra = chunks() % ranks_;
    const std::uint64_t begin = r * share + std::min(r, extra);
    return {begin, begin + share + (r < extra ? 1 : 0)};
  }

  [[nodiscard]] Range rows_of(int rank) const {
    const Range chunks = chunks_of(rank);
    return {std::min(rows_, chunks.begin * chunk_rows_), std::min(rows_, chunks.end * chunk_rows_)};
  }

  /// The owner of a row's chunk.
  [[nodiscard]] int rank_of(std::uint64_t row) const {
    const std::uint64_t chunk = row / chunk_rows_;
    if (!begins_.empty())  // upper_bound skips ranks that own nothing there
      return static_cast<int>(std::ranges::upper_bound(begins_, chunk) - begins_.begin()) - 1;
    const std::uint64_t share = chunks() / ranks_;
    const std::uint64_t extra = chunks() % ranks_;
    const std::uint64_t in_longer_runs = extra * (share + 1);
    return static_cast<int>(chunk < in_longer_runs ? chunk / (share + 1)
                                                   : extra + (chunk - in_longer_runs) / share);
  }

  /// Chunks of the busiest rank over those of its exact share, at least 1: ceil(N / P) P / N for N
  /// chunks and equal shares.
  [[nodiscard]] double imbalance() const {
    if (!begins_.empty()) return imbalance_;
    const std::uint64_t busiest = (chunks() + ranks_ - 1) / ranks_;
    return chunks() == 0 ? 1.0
                         : static_cast<double>(busiest * ranks_) / static_cast<double>(chunks());
  }

 private:
  std::uint64_t rows_;
  std::uint64_t chunk_rows_;
  std::uint64_t ranks_;
  std::vector<std::uint64_t> begins_;  ///< [ranks + 1] in chunks; empty for equal shares
  double imbalance_ = 1;               ///< used with begins_
};

/// The hardware of the ranks, as far as the partition depends on it. If some ranks use GPUs and
/// others CPUs, chunks have the size for CPUs, whose share may be a few rows, and a GPU processes
/// several chunks together.
enum class Hardware { cpu, gpu, gpu_beside_cpus };

/// Rows that occupy a GPU.
inline constexpr std::uint64_t gpu_chunk_rows = 8192;

/// Rows per chunk for a data set and a network of `parameters` weights and biases: 96 for small
/// networks; 512 and 1024 for larger ones, where sums over chunks would otherwise take more than
/// 10 % of the time; 8192 on GPUs, which need many rows at a time; more if there would be over 4096
/// chunks. Must not depend on anything else, in particular not on the number of ranks.
[[nodiscard]] inline std::uint64_t default_chunk_rows(std::uint64_t rows, std::uint64_t parameters,
                                                      Hardware hardware = Hardware::cpu) {
  constexpr std::uint64_t most_chunks = 4096;
  constexpr std::uint64_t narrow = 96;
  const std::uint64_t by_parameters = hardware == Hardware::gpu  ? gpu_chunk_rows
                                      : parameters <= (1U << 16) ? narrow
                                      : parameters <= (1U << 20) ? 512
                                                                 : 1024;
  const std::uint64_t by_rows = (rows + most_chunks - 1) / most_chunks;
  return std::max(by_parameters, (by_rows + narrow - 1) / narrow * narrow);
}

/// The partition of a data set; `chunk_rows` = 0 selects the default, empty `shares` equal ones.
[[nodiscard]] inline Partition make_partition(std::uint64_t rows, std::int64_t chunk_rows,
                                              std::uint64_t parameters, int ranks,
                                              Hardware hardware = Hardware::cpu,
                                              std::span<const double> shares = {}) {
  const std::uint64_t size = chunk_rows > 0 ? static_cast<std::uint64_t>(chunk_rows)
                                            : default_chunk_rows(rows, parameters, hardware);
  return shares.empty() ? Partition(rows, size, ranks) : Partition(rows, size, shares);
}

}  // namespace annmpi::data
