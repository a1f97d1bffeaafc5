#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/data/dataset.hpp"

#include "config/message.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::data {
namespace {

using io::ElementType;
using tests::expect_message;
using tests::message_of;
using Shape = std::vector<std::uint64_t>;

/// A file from any program: datasets of any shape and type, and any attributes.
struct Draft {
  std::optional<Shape> features = Shape{4, 6};
  ElementType feature_type = ElementType::uint8;
  std::optional<Shape> labels = Shape{4};
  ElementType label_type = ElementType::uint8;
  std::function<void(io::Hdf5File&)> attributes = [](io::Hdf5File&) {};
};

class DescribedFile {
 public:
  explicit DescribedFile(const Draft& draft) {
    io::Hdf5File file = io::Hdf5File::create(path(), path());
    if (draft.features) file.create_dataset("features", draft.feature_type, *draft.features);
    if (draft.labels) file.create_dataset("labels", draft.label_type, *draft.labels);
    draft.attributes(file);
    file.close();
  }
  [[nodiscard]] std::string path() const { return folder_ / "data.h5"; }
  [[nodiscard]] Dataset describe() const { return data::describe(io::Hdf5File::open(path())); }
  [[nodiscard]] std::string complaint() const {
    return message_of([&] { (void)describe(); });
  }

 private:
  tests::TemporaryFolder folder_;
};

TEST(Describe, ReadsWhatTheConverterWrote) {
  Draft draft;
  draft.attributes = [](io::Hdf5File& file) {
    file.set_attribute("annmpi_schema", std::int64_t{1});
    file.set_attribute("feature_scale", 1.0 / 255);
    file.set_attribute("class_names", std::vector<std::string>{"elliptical", "spiral"});
    file.set_attribute("image_shape", std::vector<std::int64_t>{2, 3});
    file.set_attribute("source", std::string("train.csv"));
  };
  const DescribedFile file(draft);
  const Dataset set = file.describe();
  EXPECT_EQ(set.path, file.path());
  EXPECT_EQ(set.rows, 4U);
  EXPECT_EQ(set.features, 6U);
  EXPECT_EQ(set.type, ElementType::uint8);
  EXPECT_EQ(set.feature_scale, 1.0 / 255);
  EXPECT_EQ(set.class_names, (std::vector<std::string>{"elliptical", "spiral"}));
  EXPECT_EQ(set.image_shape, (std::vector<std::int64_t>{2, 3}));
}

TEST(Describe, AcceptsFilesMadeByHandWithH5py) {
  // NumPy's integers have 64 bits, and no attributes are set.
  Draft draft;
  draft.feature_type = ElementType::float64;
  draft.label_type = ElementType::int64;
  const Dataset set = DescribedFile(draft).describe();
  EXPECT_EQ(set.type, ElementType::float64);
  EXPECT_EQ(set.feature_scale, 1.0);
  EXPECT_TRUE(set.class_names.empty());
  EXPECT_TRUE(set.image_shape.empty());
}

TEST(Describe, NamesTheDatasetThatIsMissing) {
  Draft without_features;
  without_features.features.reset();
  const DescribedFile first(without_features);
  expect_message(first.complaint(), {first.path(), "features"});
  Draft without_labels;
  without_labels.labels.reset();
  const DescribedFile second(without_labels);
  expect_message(second.complaint(), {second.path(), "labels"});
}

TEST(Describe, NamesTheDatasetOfTheWrongShape) {
  Draft cube;
  cube.features = Shape{4, 2, 3};
  const DescribedFile images(cube);
  expect_message(images.complaint(), {images.path() + ": features", "has the shape ["});
  Draft one_hot;
  one_hot.labels = Shape{4, 3};
  const DescribedFile encoded(one_hot);
  expect_message(encoded.complaint(), {encoded.path() + ": labels", "has the shape ["});
}

TEST(Describe, RefusesCountsThatDiffer) {
  Draft draft;
  draft.labels = Shape{3};
  const DescribedFile file(draft);
  expect_message(file.complaint(), {file.path(), "3 labels for 4 rows"});
}

TEST(Describe, RefusesSetsWithoutRowsOrFeatures) {
  Draft no_rows;
  no_rows.features = Shape{0, 6};
  no_rows.labels = Shape{0};
  const DescribedFile empty(no_rows);
  expect_message(empty.complaint(), {empty.path() + ": features", "empty"});
  Draft no_columns;
  no_columns.features = Shape{4, 0};
  const DescribedFile narrow(no_columns);
  expect_message(narrow.complaint(), {narrow.path() + ": features", "empty"});
}

TEST(Describe, RefusesTypesThatNoNetworkReads) {
  Draft integers;
  integers.feature_type = ElementType::int32;
  const DescribedFile features(integers);
  expect_message(features.complaint(),
                 {features.path() + ": features", "int32", io::feature_type_names()});
  Draft reals;
  reals.label_type = ElementType::float32;
  const DescribedFile labels(reals);
  expect_message(labels.complaint(), {labels.path() + ": labels", "float32", "uint8 or int32"});
}

TEST(Describe, RefusesASchemaOfTheFuture) {
  Draft draft;
  draft.attributes = [](io::Hdf5File& file) {
    file.set_attribute("annmpi_schema", std::int64_t{2});
  };
  const DescribedFile file(draft);
  expect_message(file.complaint(), {file.path(), "schema 2", "schema 1"});
}

TEST(Describe, RefusesScalesThatMakeNoNumbers) {
  using Limits = std::numeric_limits<double>;
  for (const double scale : {0.0, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
    Draft draft;
    draft.attributes = [&](io::Hdf5File& file) { file.set_attribute("feature_scale", scale); };
    const DescribedFile file(draft);
    expect_message(file.complaint(), {file.path(), "feature_scale"});
  }
}

TEST(Describe, RefusesImagesThatDoNotFitTheFeatures) {
  // The last one has 2^64 pixels, which overflows to 0 in 64 bits.
  constexpr std::int64_t large = std::int64_t{1} << 32;
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{2, 2}, {6}, {-2, -3}, {0, 6}, {1, 2, 3}, {large, large}}) {
    Draft draft;
    draft.attributes = [&](io::Hdf5File& file) { file.set_attribute("image_shape", shape); };
    const DescribedFile file(draft);
    expect_message(file.complaint(), {file.path(), "image_shape", "6 features"});
  }
}

Dataset galaxies() {
  Dataset set;
  set.path = "train.h5";
  set.rows = 100;
  set.features = 1024;
  set.feature_scale = 1.0 / 255;
  set.class_names = {"E", "S"};
  return set;
}

TEST(RequireCompatible, AcceptsOtherRowsOfTheSameKind) {
  Dataset other = galaxies();
  other.path = "test.h5";
  other.rows = 7;
  other.type = ElementType::float64;  // the storage type does not matter
  EXPECT_NO_THROW(require_compatible(galaxies(), other));
  other.class_names.clear();
  EXPECT_NO_THROW(require_compatible(galaxies(), other));
}

TEST(RequireCompatible, NamesBothFilesAndWhatDiffers) {
  const auto complaint = [](auto&& change) {
    Dataset other = galaxies();
    other.path = "test.h5";
    change(other);
    return message_of([&] { require_compatible(galaxies(), other); });
  };
  expect_message(complaint([](Dataset& set) { set.features = 784; }),
                 {"train.h5", "test.h5", "784", "1024"});
  expect_message(complaint([](Dataset& set) { set.feature_scale = 1; }),
                 {"train.h5", "test.h5", "feature_scale 1,", "0.00392"});
  expect_message(complaint([](Dataset& set) {
                   set.class_names = {"S", "E"};
                 }),
                 {"train.h5", "test.h5", "S,E", "E,S"});
}

}  // namespace
}  // namespace annmpi::data
