#pragma once

#include <cstdint>
#include <functional>

#include "annmpi/data/dealt_sets.hpp"
#include "annmpi/data/local_set.hpp"
#include "annmpi/io/hdf5.hpp"

namespace annmpi::objective {

/// A rank's rows of a set as they come from the file for the first time: checked, hashed, and shown
/// to look(block), in one or more blocks.
class FirstReading {
 public:
  using Look = std::function<void(const data::HostBlock& block)>;

  /// The set and `look` must outlive it. @throws Error if the file cannot be opened.
  FirstReading(const data::DealtSet& dealt, int rank, const Look& look)
      : dealt_(dealt),
        look_(look),
        own_(dealt.partition.rows_of(rank)),
        file_(io::Hdf5File::open(dealt.set.path)) {}

  [[nodiscard]] data::Range rows() const { return own_; }

  /// Reads the rows of a block's range. @throws Error if they are wrong.
  void fill(data::HostBlock& block) {
    data::read_rows(file_, dealt_.set, block);
    note(block);
  }

  /// Reads all rows once, to be streamed from then on. @throws Error if they are wrong.
  [[nodiscard]] data::LocalSet stream() {
    data::LocalSet rows(file_, dealt_.set, own_, dealt_.rows_at_a_time());
    rows.for_each_block([&](const data::HostBlock& block) {
      data::require_finite_features(block, dealt_.set);
      note(block);
    });
    return rows;
  }

  /// Of the rows that were read: to be added over all ranks.
  [[nodiscard]] std::uint64_t content_hash() const { return hash_; }

 private:
  void note(const data::HostBlock& block) {
    hash_ += data::content_hash(block, dealt_.partition.chunk_rows());
    look_(block);
  }

  const data::DealtSet& dealt_;
  const Look& look_;
  data::Range own_;
  io::Hdf5File file_;
  std::uint64_t hash_ = 0;
};

}  // namespace annmpi::objective
