#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "annmpi/data/schema.hpp"
#include "annmpi/io/hdf5.hpp"

namespace annmpi::data_tool {

namespace schema = data::schema;
using schema::maximum_classes;

/// The sizes and types of a data file.
struct DataLayout {
  std::uint64_t rows = 0;
  std::uint64_t features = 0;
  io::ElementType feature_type = io::ElementType::uint8;
  io::ElementType label_type = io::ElementType::uint8;

  [[nodiscard]] std::size_t row_bytes() const {
    return static_cast<std::size_t>(features) * io::bytes_of(feature_type);
  }
};

struct ImageShape {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

/// The contents of the attributes.
struct DataDescription {
  double feature_scale = 1;
  std::vector<std::string> class_names{};
  std::optional<ImageShape> image_shape{};
  std::string source{};
};

/// "0", "1", ... for `count` classes that have no names.
inline std::vector<std::string> numbered_classes(std::int32_t count) {
  std::vector<std::string> names;
  for (std::int32_t label = 0; label < count; ++label) names.push_back(std::to_string(label));
  return names;
}

/// One over the largest value for pixels, so that the network's inputs are in 0 ... 1; else 1.
inline double default_feature_scale(io::ElementType type) {
  double scale = 1;
  io::with_feature_type(type, [&]<class T>(std::type_identity<T>) {
    if constexpr (std::is_integral_v<T>) scale = 1.0 / std::numeric_limits<T>::max();
  });
  return scale;
}

}  // namespace annmpi::data_tool
