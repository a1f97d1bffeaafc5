#include "annmpi/data/dataset.hpp"

#include <cmath>

#include <fmt/ranges.h>

#include "annmpi/base/error.hpp"
#include "annmpi/data/schema.hpp"

namespace annmpi::data {
namespace {

/// Whether shape [rows, columns] has so many pixels, without computing a product that may overflow.
bool fits(const std::vector<std::int64_t>& shape, std::uint64_t pixels) {
  if (shape.size() != 2 || shape[0] <= 0 || shape[1] <= 0) return false;
  const auto rows = static_cast<std::uint64_t>(shape[0]);
  return pixels % rows == 0 && pixels / rows == static_cast<std::uint64_t>(shape[1]);
}

std::string shape_text(const io::Hdf5Dataset& dataset) {
  return fmt::format("[{}]", fmt::join(dataset.shape(), ", "));
}

void require_layout(const io::Hdf5File& file, const io::Hdf5Dataset& features,
                    const io::Hdf5Dataset& labels) {
  require(features.shape().size() == 2,
          "{}: has the shape {} ([rows, features] is expected); store one row per sample",
          features.label(), shape_text(features));
  require(io::holds_features(features.type()),
          "{}: has type {} ({} is expected); convert the features", features.label(),
          io::name_of(features.type()), io::feature_type_names());
  require(labels.shape().size() == 1,
          "{}: has the shape {} (one label per row is expected); store one number per row",
          labels.label(), shape_text(labels));
  require(io::is_integer(labels.type()),
          "{}: has type {} (uint8 or int32 is expected); store the numbers of the classes",
          labels.label(), io::name_of(labels.type()));
  require(features.shape()[0] == labels.shape()[0],
          "{}: has {} labels for {} rows of features (each row needs one); convert the data again",
          file.path(), labels.shape()[0], features.shape()[0]);
  require(features.shape()[0] > 0 && features.shape()[1] > 0,
          "{}: is empty (its shape is {}); convert the data again", features.label(),
          shape_text(features));
}

/// Attributes are optional.
void read_attributes(const io::Hdf5File& file, Dataset& set) {
  if (file.has_attribute(schema::version_attribute)) {
    const std::int64_t version = file.integer(schema::version_attribute);
    require(version == schema::version,
            "{}: has schema {} (this program supports schema {}); update annmpi or convert again",
            set.path, version, schema::version);
  }
  if (file.has_attribute(schema::feature_scale)) {
    set.feature_scale = file.real(schema::feature_scale);
    require(std::isfinite(set.feature_scale) && set.feature_scale != 0,
            "{}: attribute \"{}\" is {} (a finite number other than 0 is expected); correct or "
            "remove it",
            set.path, schema::feature_scale, set.feature_scale);
  }
  if (file.has_attribute(schema::class_names)) {
    set.class_names = file.texts(schema::class_names);
    require(!set.class_names.empty(),
            "{}: attribute \"{}\" is empty (a name per class is expected); fill or remove it",
            set.path, schema::class_names);
  }
  if (file.has_attribute(schema::image_shape)) {
    set.image_shape = file.integers(schema::image_shape);
    require(fits(set.image_shape, set.features),
            "{}: attribute \"{}\" is [{}] (it does not match {} features); correct or remove it",
            set.path, schema::image_shape, fmt::join(set.image_shape, ", "), set.features);
  }
}

}  // namespace

Dataset describe(const io::Hdf5File& file) {
  Dataset set;
  set.path = file.path();
  const io::Hdf5Dataset features = file.dataset(schema::features);
  const io::Hdf5Dataset labels = file.dataset(schema::labels);
  require_layout(file, features, labels);
  set.rows = features.shape()[0];
  set.features = features.shape()[1];
  set.type = features.type();
  set.label_type = labels.type();
  read_attributes(file, set);
  return set;
}

void require_compatible(const Dataset& reference, const Dataset& other) {
  require(other.features == reference.features,
          "{}: has {} features per row, but {} has {}; convert both in the same way", other.path,
          other.features, reference.path, reference.features);
  require(other.feature_scale == reference.feature_scale,
          "{}: has feature_scale {}, but {} has {}; convert both in the same way", other.path,
          other.feature_scale, reference.path, reference.feature_scale);
  require(other.class_names.empty() || reference.class_names.empty() ||
              other.class_names == reference.class_names,
          "{}: has the classes {}, but {} has {}; convert both with the same "
          "--class-names",
          other.path, fmt::join(other.class_names, ","), reference.path,
          fmt::join(reference.class_names, ","));
}

}  // namespace annmpi::data
