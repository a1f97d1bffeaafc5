#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "annmpi/data/batch_order.hpp"

#include "device/cpu/gemm/panels.hpp"

namespace annmpi::device::cpu::mini_batch {

/// Rows of a batch that pass through the layers together.
struct RowBlock {
  std::size_t part;   ///< the rank that computes them
  std::size_t first;  ///< within the batch
  std::size_t rows;
};

/// Divides the rows of a batch into a part per rank, and each part into a run of blocks per thread.
/// Part sizes differ by at most one row; threads get whole register blocks of rows. Results do not
/// depend on the division.
class RowBlocks {
 public:
  RowBlocks(std::size_t parts, std::size_t threads, std::size_t most_rows_of_block)
      : parts_(parts),
        threads_(threads),
        most_rows_(most_rows_of_block),
        begins_(parts * threads + 1) {}

  /// Upper limit for the number of blocks in a batch of `rows` rows.
  [[nodiscard]] std::size_t most(std::size_t rows) const {
    return rows / most_rows_ + parts_ * threads_;
  }

  /// Divides a batch of `rows` rows. Allocates nothing if a batch of that size came before.
  void share(std::size_t rows) {
    if (rows == rows_) return;
    rows_ = rows;
    blocks_.clear();
    blocks_.reserve(most(rows));
    for (std::size_t part = 0; part < parts_; ++part)
      for (std::size_t thread = 0; thread < threads_; ++thread) {
        begins_[part * threads_ + thread] = blocks_.size();
        add(part, thread);
      }
    begins_.back() = blocks_.size();
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }
  [[nodiscard]] std::size_t parts() const { return parts_; }
  [[nodiscard]] data::Range rows_of(std::size_t part) const {
    return data::part_of(rows_, part, parts_);
  }
  [[nodiscard]] std::size_t size() const { return blocks_.size(); }
  [[nodiscard]] const RowBlock& operator[](std::size_t block) const { return blocks_[block]; }
  /// The first row of a block within its part.
  [[nodiscard]] std::size_t first_in_part(const RowBlock& block) const {
    return block.first - rows_of(block.part).begin;
  }
  /// The indices of a thread's blocks in a part.
  [[nodiscard]] data::Range of(std::size_t part, std::size_t thread) const {
    return {begins_[part * threads_ + thread], begins_[part * threads_ + thread + 1]};
  }

 private:
  void add(std::size_t part, std::size_t thread) {
    constexpr std::size_t together = 8;
    const data::Range own = rows_of(part);
    const data::Range groups =
        data::part_of((own.size() + together - 1) / together, thread, threads_);
    const std::size_t end = std::min(own.end, own.begin + together * groups.end);
    for (std::size_t first = own.begin + together * groups.begin; first < end; first += most_rows_)
      blocks_.push_back({part, first, std::min(most_rows_, end - first)});
  }

  std::size_t parts_;
  std::size_t threads_;
  std::size_t most_rows_;
  std::size_t rows_ = 0;
  std::vector<RowBlock> blocks_;
  std::vector<std::size_t> begins_;  ///< of each thread's blocks, part by part
};

}  // namespace annmpi::device::cpu::mini_batch
