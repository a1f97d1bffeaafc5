#include "annmpi/data/dataset.hpp"

#include <cmath>

#include <fmt/ranges.h>

#include "annmpi/base/error.hpp"
#include "annmpi/data/schema.hpp"

namespace annmpi::data {
namespace {

bool holds_features(io::ElementType type) {
  return type == io::ElementType::uint8 || type == io::ElementType::float32 ||
         type == io::ElementType::float64;
}

bool holds_labels(io::ElementType type) {
  return type == io::ElementType::uint8 || type == io::ElementType::int32 ||
         type == io::ElementType::int64;
}

/// Whether images of shape [rows, columns] have so many pixels; a product might not fit 64 bits.
bool fits(const std::vector<std::int64_t>& shape, std::uint64_t pixels) {
  if (shape.size() != 2 || shape[0] <= 0 || shape[1] <= 0) return false;
  const auto rows = static_cast<std::uint64_t>(shape[0]);
  return pixels % rows == 0 && pixels / rows == static_cast<std::uint64_t>(shape[1]);
}

}  // namespace

Dataset describe(const io::Hdf5File& file) {
  Dataset set;
  set.path = file.path();
  const io::Hdf5Dataset features = file.dataset(schema::features);
  const io::Hdf5Dataset labels = file.dataset(schema::labels);
  require(features.shape().size() == 2,
          "{}: has {} dimensions; an array of [rows, features] is expected", features.label(),
          features.shape().size());
  require(labels.shape().size() == 1, "{}: has {} dimensions; one label per row is expected",
          labels.label(), labels.shape().size());
  set.rows = features.shape()[0];
  set.features = features.shape()[1];
  set.type = features.type();
  require(set.rows > 0 && set.features > 0, "{}: is empty; give at least one row and one feature",
          features.label());
  require(labels.shape()[0] == set.rows,
          "{}: holds {} labels for {} rows of features; convert the data again", file.path(),
          labels.shape()[0], set.rows);
  require(holds_features(set.type), "{}: holds {}; store features as uint8, float32 or float64",
          features.label(), io::name_of(set.type));
  require(holds_labels(labels.type()), "{}: holds {}; store labels as uint8 or int32",
          labels.label(), io::name_of(labels.type()));
  if (file.has_attribute(schema::version_attribute)) {
    const std::int64_t version = file.integer(schema::version_attribute);
    require(version == schema::version,
            "{}: follows schema {} (this program knows schema {}); convert the data again",
            file.path(), version, schema::version);
  }
  if (file.has_attribute(schema::feature_scale))
    set.feature_scale = file.real(schema::feature_scale);
  require(std::isfinite(set.feature_scale) && set.feature_scale != 0,
          "{}: attribute \"feature_scale\" is {}; a finite number other than 0 is expected",
          file.path(), set.feature_scale);
  if (file.has_attribute(schema::class_names)) set.class_names = file.texts(schema::class_names);
  if (file.has_attribute(schema::image_shape)) {
    set.image_shape = file.integers(schema::image_shape);
    require(fits(set.image_shape, set.features),
            "{}: attribute \"image_shape\" is [{}], which does not fit {} features; correct it or "
            "leave it out",
            file.path(), fmt::join(set.image_shape, ", "), set.features);
  }
  return set;
}

void require_compatible(const Dataset& reference, const Dataset& other) {
  require(other.features == reference.features,
          "{}: has {} features in a row, but {} has {}; convert both in the same way", other.path,
          other.features, reference.path, reference.features);
  require(other.feature_scale == reference.feature_scale,
          "{}: has feature_scale {}, but {} has {}; convert both in the same way", other.path,
          other.feature_scale, reference.path, reference.feature_scale);
  require(other.class_names.empty() || reference.class_names.empty() ||
              other.class_names == reference.class_names,
          "{}: names its classes {}, but {} names them {}; convert both with the same "
          "--class-names",
          other.path, fmt::join(other.class_names, ","), reference.path,
          fmt::join(reference.class_names, ","));
}

}  // namespace annmpi::data
