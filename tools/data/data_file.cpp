#include "data_file.hpp"

#include "annmpi/base/error.hpp"

#include "checksums.hpp"

namespace annmpi::data_tool {
namespace {

std::string shape_text(const io::Hdf5Dataset& dataset) {
  return fmt::format("[{}]", fmt::join(dataset.shape(), ", "));
}

}  // namespace

DataFile::DataFile(const std::string& path)
    : file_(io::Hdf5File::open(path)),
      described_(data::describe(file_)),
      features_(file_.dataset(schema::features)),
      labels_(file_.dataset(schema::labels)) {
  if (file_.has_attribute(schema::source)) source_ = file_.text(schema::source);
  find_checksums();
}

DataLayout DataFile::layout() const {
  return {.rows = described_.rows,
          .features = described_.features,
          .feature_type = described_.type,
          .label_type = described_.label_type};
}

void DataFile::find_checksums() {
  if (!file_.has_dataset(schema::checksums)) return;
  const std::int64_t rows = file_.integer(schema::checksum_rows);
  require(rows > 0,
          "{}: attribute \"{}\" is {} (a positive number is expected); convert the file again",
          path(), schema::checksum_rows, rows);
  checksum_rows_ = static_cast<std::uint64_t>(rows);
  const std::uint64_t blocks = block_count(described_.rows, *checksum_rows_);
  const io::Hdf5Dataset dataset = checksums();
  require(dataset.shape() == std::vector<std::uint64_t>{blocks, 2},
          "{}: has the shape {} ([{}, 2] is expected for {} rows); convert the file again",
          dataset.label(), shape_text(dataset), blocks, described_.rows);
}

io::Hdf5Dataset DataFile::checksums() const {
  return file_.dataset(schema::checksums);
}

}  // namespace annmpi::data_tool
