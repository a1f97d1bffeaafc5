#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "annmpi/data/dataset.hpp"
#include "annmpi/data/partition.hpp"
#include "annmpi/io/hdf5.hpp"

namespace annmpi::data {

/// Rows of a data set in host memory, with features as stored in the file, aligned to a cache line.
/// Move-only.
class HostBlock {
 public:
  HostBlock() = default;
  HostBlock(Range rows, std::uint64_t columns, io::ElementType type, double feature_scale);

  [[nodiscard]] Range range() const { return range_; }
  [[nodiscard]] std::uint64_t rows() const { return range_.size(); }
  [[nodiscard]] std::uint64_t columns() const { return columns_; }
  [[nodiscard]] io::ElementType type() const { return type_; }
  [[nodiscard]] double feature_scale() const { return feature_scale_; }

  /// [rows, columns], row-major. T must be the type that type() names.
  template <class T>
  [[nodiscard]] std::span<const T> features() const {
    return {reinterpret_cast<const T*>(bytes_.get()), rows() * columns_};
  }
  [[nodiscard]] std::span<std::byte> bytes() { return {bytes_.get(), size_in_bytes()}; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {bytes_.get(), size_in_bytes()}; }
  [[nodiscard]] std::size_t size_in_bytes() const {
    return static_cast<std::size_t>(rows() * columns_) * io::bytes_of(type_);
  }

  /// Changes the range, to at most as many rows as at construction; the caller fills in features
  /// and labels. Allocates nothing.
  void take(Range rows) {
    range_ = rows;
    labels_.resize(rows.size());
  }

  /// [rows]
  [[nodiscard]] std::span<const std::int32_t> labels() const { return labels_; }
  [[nodiscard]] std::span<std::int32_t> labels() { return labels_; }

 private:
  static constexpr std::align_val_t cache_line{64};
  struct Free {
    void operator()(std::byte* memory) const { ::operator delete[](memory, cache_line); }
  };

  Range range_;
  std::uint64_t columns_ = 0;
  io::ElementType type_ = io::ElementType::uint8;
  double feature_scale_ = 1;
  std::unique_ptr<std::byte[], Free> bytes_;
  std::vector<std::int32_t> labels_;
};

/// Reads the rows of the shard's range into it and checks them.
/// @throws Error if a feature is not finite, or a label is negative or names no class.
void read_rows(const io::Hdf5File& file, const Dataset& set, HostBlock& shard);

/// Reads and checks the given rows in the same way.
[[nodiscard]] HostBlock read_block(const io::Hdf5File& file, const Dataset& set, Range rows);

/// Reads the labels of the given rows and checks them.
/// @throws Error if one is negative or names no class.
[[nodiscard]] std::vector<std::int32_t> read_labels(const io::Hdf5File& file, const Dataset& set,
                                                    Range rows);

/// Checks the features of rows that were read from `set`.
/// @throws Error if one is not finite.
void require_finite_features(const HostBlock& shard, const Dataset& set);

/// max |x| over the stored features; 0 without rows.
[[nodiscard]] double largest_feature(const HostBlock& shard);

/// The number of features that are not 0.
[[nodiscard]] std::uint64_t filled_features(const HostBlock& shard);

/// A hash of the rows. The sum of the hashes over all ranks, modulo 2^64, is the same for any
/// number of ranks, given the same `chunk_rows` (Partition).
[[nodiscard]] std::uint64_t content_hash(const HostBlock& shard, std::uint64_t chunk_rows);

}  // namespace annmpi::data
