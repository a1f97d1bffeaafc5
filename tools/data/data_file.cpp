#include "data_file.hpp"

#include <cmath>

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
      features_(file_.dataset(schema::features)),
      labels_(file_.dataset(schema::labels)) {
  read_layout();
  read_attributes();
  find_checksums();
}

void DataFile::read_layout() {
  const io::ElementType type = features_.type();
  require(features_.shape().size() == 2,
          "{}: has the shape {} (rows and features are expected); store one row per sample",
          features_.label(), shape_text(features_));
  require(type == io::ElementType::uint8 || type == io::ElementType::float32 ||
              type == io::ElementType::float64,
          "{}: is of {} (uint8, float32 or float64 is expected); convert the features",
          features_.label(), io::name_of(type));
  require(labels_.shape().size() == 1, "{}: has the shape {} (one label per row is expected)",
          labels_.label(), shape_text(labels_));
  require(labels_.type() == io::ElementType::uint8 || labels_.type() == io::ElementType::int32 ||
              labels_.type() == io::ElementType::int64,
          "{}: is of {} (uint8 or int32 is expected); store the numbers of the classes",
          labels_.label(), io::name_of(labels_.type()));
  require(features_.shape()[0] == labels_.shape()[0],
          "{}: has {} rows of features and {} labels (each row needs its label); convert it again",
          path(), features_.shape()[0], labels_.shape()[0]);
  require(features_.shape()[0] > 0 && features_.shape()[1] > 0,
          "{}: is empty (its features have the shape {}); convert it again", path(),
          shape_text(features_));
  layout_ = {.rows = features_.shape()[0],
             .features = features_.shape()[1],
             .feature_type = type,
             .label_type = labels_.type()};
}

void DataFile::read_attributes() {
  has_version_ = file_.has_attribute(schema::version_attribute);
  if (has_version_) {
    const std::int64_t version = file_.integer(schema::version_attribute);
    require(version == schema::version,
            "{}: is of schema {} (this program knows schema {}); update annmpi or convert again",
            path(), version, schema::version);
  }
  if (file_.has_attribute(schema::feature_scale)) {
    feature_scale_ = file_.real(schema::feature_scale);
    require(std::isfinite(*feature_scale_) && *feature_scale_ != 0,
            "{}: attribute \"{}\" is {} (a finite number other than 0 is expected)", path(),
            schema::feature_scale, *feature_scale_);
  }
  if (file_.has_attribute(schema::class_names)) {
    class_names_ = file_.texts(schema::class_names);
    require(!class_names_.empty(), "{}: attribute \"{}\" is empty (a name per class is expected)",
            path(), schema::class_names);
  }
  if (file_.has_attribute(schema::image_shape)) {
    const std::vector<std::int64_t> sides = file_.integers(schema::image_shape);
    require(sides.size() == 2 && sides[0] > 0 && sides[1] > 0 &&
                layout_.features % static_cast<std::uint64_t>(sides[0]) == 0 &&
                layout_.features / static_cast<std::uint64_t>(sides[0]) ==
                    static_cast<std::uint64_t>(sides[1]),
            "{}: attribute \"{}\" is [{}] (it does not fit {} features)", path(),
            schema::image_shape, fmt::join(sides, ", "), layout_.features);
    image_shape_ = ImageShape{sides[0], sides[1]};
  }
  if (file_.has_attribute(schema::source)) source_ = file_.text(schema::source);
}

void DataFile::find_checksums() {
  if (!file_.has_dataset(schema::checksums)) return;
  const std::int64_t rows = file_.integer(schema::checksum_rows);
  require(rows > 0, "{}: attribute \"{}\" is {} (a number of rows is expected)", path(),
          schema::checksum_rows, rows);
  checksum_rows_ = static_cast<std::uint64_t>(rows);
  const std::uint64_t blocks = block_count(layout_.rows, *checksum_rows_);
  const io::Hdf5Dataset dataset = checksums();
  require(dataset.shape() == std::vector<std::uint64_t>{blocks, 2},
          "{}: has the shape {} ([{}, 2] is expected for {} rows); convert the file again",
          dataset.label(), shape_text(dataset), blocks, layout_.rows);
}

io::Hdf5Dataset DataFile::checksums() const {
  return file_.dataset(schema::checksums);
}

}  // namespace annmpi::data_tool
