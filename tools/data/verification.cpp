#include "verification.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <type_traits>

#include "annmpi/base/error.hpp"

#include "checksums.hpp"
#include "interruption.hpp"
#include "progress.hpp"

namespace annmpi::data_tool {
namespace {

constexpr std::uint64_t block_bytes = std::uint64_t{4} << 20;
constexpr std::uint64_t longest_block_rows = 65536;

/// @throws Error that names row and column of the first value that is not finite.
template <class T>
void require_finite(const DataFile& file) {
  const DataLayout layout = file.layout();
  const std::uint64_t rows_per_block =
      std::clamp<std::uint64_t>(block_bytes / layout.row_bytes(), 1, longest_block_rows);
  std::vector<T> values;
  Progress progress("checking values", layout.rows);
  for (std::uint64_t first = 0; first < layout.rows; first += rows_per_block) {
    interruption::check();
    const std::uint64_t count = std::min(rows_per_block, layout.rows - first);
    values.resize(static_cast<std::size_t>(count * layout.features));
    file.features().read_rows<T>(first, count, values);
    const auto found = std::find_if_not(values.begin(), values.end(),
                                        [](T value) { return std::isfinite(value); });
    if (found != values.end()) {
      const auto offset = static_cast<std::uint64_t>(found - values.begin());
      throw Error(
          "{}: row {}, column {}: is {} (training needs finite values); correct the source "
          "and convert it again",
          file.path(), first + offset / layout.features, offset % layout.features,
          static_cast<double>(*found));
    }
    progress.update(first);
  }
}

void require_checksums(const DataFile& file) {
  const std::uint64_t rows_per_block = *file.checksum_rows();
  const io::Hdf5Dataset expected = file.checksums();
  Progress progress("checking checksums", block_count(file.described().rows, rows_per_block));
  for_each_checksum(
      file.features(), file.labels(), rows_per_block,
      [&](std::uint64_t block, const BlockChecksum& checksum) {
        BlockChecksum stored{};
        expected.read_rows<std::uint64_t>(block, 1, stored);
        const std::uint64_t first = block * rows_per_block;
        require(checksum == stored,
                "{}: rows {} to {} are damaged (their {} do not match the checksum); convert the "
                "file again",
                file.path(), first, std::min(first + rows_per_block, file.described().rows) - 1,
                checksum[0] != stored[0] ? "features" : "labels");
        progress.update(block);
      });
}

}  // namespace

std::vector<std::uint64_t> count_classes(const DataFile& file) {
  const std::uint64_t rows = file.described().rows;
  const std::size_t named = file.described().class_names.size();
  const std::int64_t limit =
      named > 0 ? static_cast<std::int64_t>(named) : std::int64_t{maximum_classes};
  std::vector<std::uint64_t> counts(named, 0);
  std::vector<std::int64_t> labels;
  for (std::uint64_t first = 0; first < rows; first += longest_block_rows) {
    interruption::check();
    const std::uint64_t count = std::min(longest_block_rows, rows - first);
    labels.resize(static_cast<std::size_t>(count));
    file.labels().read_rows<std::int64_t>(first, count, labels);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      require(
          labels[i] >= 0 && labels[i]<limit,
                                      "{}: row {}: the label {} is not a class (there are {}: 0 "
                                      "to {}); correct the source and "
                                      "convert it again",
                                      file.path(), first + i, labels[i], named> 0
              ? "names for"
              : "at most",
          limit - 1);
      const auto label = static_cast<std::size_t>(labels[i]);
      if (label >= counts.size()) counts.resize(label + 1, 0);
      ++counts[label];
    }
  }
  return counts;
}

std::vector<std::string> names_of_classes(const DataFile& file, std::size_t count) {
  return file.described().class_names.empty() ? numbered_classes(static_cast<std::int32_t>(count))
                                              : file.described().class_names;
}

std::vector<std::string> verify(const DataFile& file) {
  std::vector<std::string> lines;
  const DataLayout layout = file.layout();
  lines.push_back(file.has(schema::version_attribute) ? fmt::format("schema {}", schema::version)
                                                      : "no schema number: taken as schema 1");
  lines.push_back(fmt::format("{} rows of {} features ({})", layout.rows, layout.features,
                              io::name_of(layout.feature_type)));
  if (!file.has(schema::feature_scale)) lines.emplace_back("no feature_scale: taken as 1");
  if (file.described().class_names.empty())
    lines.emplace_back("no class_names: classes are called by their numbers");
  const std::vector<std::uint64_t> counts = count_classes(file);
  lines.push_back(fmt::format("labels within {} classes", counts.size()));
  io::with_feature_type(layout.feature_type, [&]<class T>(std::type_identity<T>) {
    if constexpr (!std::is_integral_v<T>) require_finite<T>(file);
  });
  lines.emplace_back("all values finite");
  if (file.checksum_rows()) {
    require_checksums(file);
    lines.push_back(
        fmt::format("{} checksums match", block_count(layout.rows, *file.checksum_rows())));
  } else {
    lines.emplace_back("no checksums: the bytes could not be checked");
  }
  return lines;
}

}  // namespace annmpi::data_tool
