#include "annmpi/data/host_block.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "annmpi/base/error.hpp"
#include "annmpi/base/hash.hpp"
#include "annmpi/data/schema.hpp"

namespace annmpi::data {
namespace {

template <class T>
void require_finite(std::span<const T> values, std::uint64_t columns, std::uint64_t first_row,
                    const std::string& path) {
  const auto wrong =
      std::find_if_not(values.begin(), values.end(), [](T value) { return std::isfinite(value); });
  if (wrong == values.end()) return;
  const auto index = static_cast<std::uint64_t>(wrong - values.begin());
  throw Error("{}: features: row {}, column {} is {} (not a finite number); repair the data", path,
              first_row + index / columns, index % columns, static_cast<double>(*wrong));
}

template <class T>
auto magnitude(T value) {
  if constexpr (std::is_unsigned_v<T>)
    return value;
  else
    return std::abs(value);
}

/// Keeps 64 bytes of separate maxima, so that the compiler vectorises the comparisons.
template <class T>
double largest_magnitude(std::span<const T> values) {
  using Magnitude = decltype(magnitude(T{}));
  constexpr std::size_t lanes = 64 / sizeof(Magnitude);
  std::array<Magnitude, lanes> largest{};
  const std::size_t whole = values.size() / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane)
      largest[lane] = std::max(largest[lane], magnitude(values[i + lane]));
  for (std::size_t i = whole; i < values.size(); ++i)
    largest[0] = std::max(largest[0], magnitude(values[i]));
  return static_cast<double>(std::ranges::max(largest));
}

template <class T>
std::uint64_t count_filled(std::span<const T> values) {
  return values.size() - static_cast<std::uint64_t>(
                             std::ranges::count_if(values, [](T value) { return value == 0; }));
}

void require_in_range(std::span<const std::int32_t> labels, std::uint64_t first_row,
                      const Dataset& set) {
  const auto classes = static_cast<std::int32_t>(set.class_names.size());
  const auto wrong = std::find_if_not(labels.begin(), labels.end(), [classes](std::int32_t label) {
    return label >= 0 && label < classes;
  });
  if (wrong == labels.end()) return;
  throw Error("{}: labels: row {} is {} (classes are numbered 0 to {}); repair the data", set.path,
              first_row + static_cast<std::uint64_t>(wrong - labels.begin()), *wrong, classes - 1);
}

}  // namespace

HostBlock::HostBlock(Range rows, std::uint64_t columns, io::ElementType type, double feature_scale)
    : range_(rows), columns_(columns), type_(type), feature_scale_(feature_scale) {
  bytes_.reset(static_cast<std::byte*>(::operator new[](size_in_bytes(), cache_line)));
  labels_.resize(rows.size());
}

void read_rows(const io::Hdf5File& file, const Dataset& set, HostBlock& shard) {
  const Range rows = shard.range();
  file.dataset(schema::features).read_rows_as_stored(rows.begin, rows.size(), shard.bytes());
  file.dataset(schema::labels).read_rows(rows.begin, rows.size(), shard.labels());
  require_in_range(shard.labels(), rows.begin, set);
  require_finite_features(shard, set);
}

HostBlock read_block(const io::Hdf5File& file, const Dataset& set, Range rows) {
  HostBlock shard(rows, set.features, set.type, set.feature_scale);
  read_rows(file, set, shard);
  return shard;
}

std::vector<std::int32_t> read_labels(const io::Hdf5File& file, const Dataset& set, Range rows) {
  std::vector<std::int32_t> labels(rows.size());
  file.dataset(schema::labels).read_rows(rows.begin, rows.size(), std::span(labels));
  require_in_range(labels, rows.begin, set);
  return labels;
}

void require_finite_features(const HostBlock& shard, const Dataset& set) {
  io::with_feature_type(set.type, [&]<class T>(std::type_identity<T>) {
    if constexpr (!std::is_integral_v<T>)
      require_finite(shard.features<T>(), shard.columns(), shard.range().begin, set.path);
  });
}

double largest_feature(const HostBlock& shard) {
  double largest = 0;
  io::with_feature_type(shard.type(), [&]<class T>(std::type_identity<T>) {
    largest = largest_magnitude(shard.features<T>());
  });
  return largest;
}

std::uint64_t filled_features(const HostBlock& shard) {
  std::uint64_t filled = 0;
  io::with_feature_type(shard.type(), [&]<class T>(std::type_identity<T>) {
    filled = count_filled(shard.features<T>());
  });
  return filled;
}

std::uint64_t content_hash(const HostBlock& shard, std::uint64_t chunk_rows) {
  std::uint64_t hash = 0;
  const std::size_t row_bytes = shard.columns() * io::bytes_of(shard.type());
  for (std::uint64_t first = 0; first < shard.rows(); first += chunk_rows) {
    const std::uint64_t rows = std::min(chunk_rows, shard.rows() - first);
    const std::uint64_t chunk = (shard.range().begin + first) / chunk_rows;
    hash += hash64(shard.bytes().subspan(first * row_bytes, rows * row_bytes), 2 * chunk);
    hash += hash64(std::as_bytes(shard.labels().subspan(first, rows)), 2 * chunk + 1);
  }
  return hash;
}

}  // namespace annmpi::data
