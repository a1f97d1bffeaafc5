#include <fstream>
#include <limits>

#include "data_file.hpp"
#include "galaxy_conversion.hpp"
#include "tools/data/support.hpp"
#include "verification.hpp"

namespace annmpi::data_tool {
namespace {

class Inspection : public Conversions {
 protected:
  /// A minimal file as written with h5py: two datasets, labels in NumPy's int64.
  std::string write_by_hand(const std::vector<double>& features,
                            const std::vector<std::int64_t>& labels) {
    io::Hdf5File file = io::Hdf5File::create(path("hand.h5"), path("hand.h5"));
    file.create_dataset("features", io::ElementType::float64,
                        {labels.size(), features.size() / labels.size()})
        .write_rows<double>(0, labels.size(), features);
    file.create_dataset("labels", io::ElementType::int64, {labels.size()})
        .write_rows<std::int64_t>(0, labels.size(), labels);
    file.close();
    return path("hand.h5");
  }

  std::string make(std::uint64_t rows = 3000) {
    make_galaxies({.output = path("galaxies.h5"), .rows = rows, .image_size = 8, .force = true});
    return path("galaxies.h5");
  }

  static void flip_byte(const std::string& file, std::uint64_t offset) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(static_cast<char>(byte ^ 1));
  }

  std::string trouble(const std::string& file) {
    return error_of([&] { (void)verify(DataFile(file)); });
  }
};

TEST_F(Inspection, ConvertedFilesAreSound) {
  const std::vector<std::string> checked = verify(DataFile(make(30000)));
  EXPECT_EQ(checked.back(), "2 checksums match");
  EXPECT_EQ(count_classes(DataFile(path("galaxies.h5"))),
            (std::vector<std::uint64_t>{10000, 10000, 10000}));
}

TEST_F(Inspection, AFileByHandIsAcceptedAndWhatCouldNotBeCheckedIsTold) {
  const std::string file = write_by_hand({0.5, 1.5, 2.5, 3.5, 4.5, 5.5}, {0, 2, 1});
  const std::vector<std::string> checked = verify(DataFile(file));
  EXPECT_EQ(checked.front(), "no schema number: taken as schema 1");
  EXPECT_EQ(checked.back(), "no checksums: the bytes could not be checked");
  EXPECT_EQ(count_classes(DataFile(file)), (std::vector<std::uint64_t>{1, 1, 1}));
}

TEST_F(Inspection, ValuesThatAreNotFiniteAreFound) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_CONTAINS(trouble(write_by_hand({0, 1, 2, nan}, {0, 1})), "row 1, column 1: is nan");
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_CONTAINS(trouble(write_by_hand({0, 1, infinity, 3}, {0, 1})), "row 1, column 0: is inf");
}

TEST_F(Inspection, LabelsOutsideOfTheClassesAreFound) {
  EXPECT_CONTAINS(trouble(write_by_hand({0, 1, 2}, {0, -1, 1})), "row 1: the label -1");
  EXPECT_CONTAINS(trouble(write_by_hand({0, 1, 2}, {0, 1, 1LL << 40})), "row 2: the label");
}

TEST_F(Inspection, EveryDamagedByteOfDataIsFound) {
  // Datasets are stored without compression: find a pixel and a label.
  const std::string file = make();
  const std::string bytes = io::read_text_file(file);
  const Content content = read_content(file);
  std::string pixels;
  for (std::size_t i = 0; i < 64; ++i) pixels += static_cast<char>(content.features[i]);
  const std::size_t features = bytes.find(pixels);
  ASSERT_NE(features, std::string::npos);
  for (const std::size_t offset : {features, features + 3000 * 64 - 1}) {
    flip_byte(file, offset);
    EXPECT_CONTAINS(trouble(file), "their features do not match the checksum");
    flip_byte(file, offset);
  }
  const std::size_t labels = bytes.find(std::string("\0\1\2\0\1\2\0\1\2\0\1\2", 12));
  ASSERT_NE(labels, std::string::npos);
  flip_byte(file, labels);
  EXPECT_CONTAINS(trouble(file), "their labels do not match the checksum");
  flip_byte(file, labels);
  EXPECT_EQ(verify(DataFile(file)).back(), "1 checksums match");
}

TEST_F(Inspection, TruncatedForeignAndMissingFilesAreRefused) {
  const std::string file = make();
  std::filesystem::resize_file(file, 100000);
  EXPECT_CONTAINS(trouble(file), "galaxies.h5: cannot be opened");
  EXPECT_CONTAINS(trouble(write("in.csv", "0,1,2\n")), "cannot be opened as HDF5");
  EXPECT_CONTAINS(trouble(path("absent.h5")), "not found");
  EXPECT_CONTAINS(trouble(path("")), "is a folder");
  io::Hdf5File::create(path("model.h5"), path("model.h5")).close();
  EXPECT_CONTAINS(trouble(path("model.h5")), "features");
}

TEST_F(Inspection, PartsThatDoNotFitAreRefused) {
  const auto build = [&](const std::vector<std::uint64_t>& shape, std::uint64_t labels,
                         io::ElementType type, auto adjust) {
    io::Hdf5File file = io::Hdf5File::create(path("odd.h5"), path("odd.h5"));
    file.create_dataset("features", type, shape);
    file.create_dataset("labels", io::ElementType::uint8, {labels});
    adjust(file);
    file.close();
    return trouble(path("odd.h5"));
  };
  const auto nothing = [](io::Hdf5File&) {};
  using enum io::ElementType;
  EXPECT_CONTAINS(build({4, 6}, 3, uint8, nothing), "has 3 labels for 4 rows of features");
  EXPECT_CONTAINS(build({4}, 4, uint8, nothing), "has the shape [4]");
  EXPECT_CONTAINS(build({4, 6}, 4, int32, nothing), "has type int32");
  EXPECT_CONTAINS(build({0, 6}, 0, uint8, nothing), "is empty");
  EXPECT_CONTAINS(
      build({4, 6}, 4, uint8,
            [](io::Hdf5File& file) { file.set_attribute("annmpi_schema", std::int64_t{2}); }),
      "has schema 2");
  EXPECT_CONTAINS(build({4, 6}, 4, uint8,
                        [](io::Hdf5File& file) {
                          file.set_attribute("image_shape", std::vector<std::int64_t>{2, 2});
                        }),
                  "does not match 6 features");
  EXPECT_CONTAINS(
      build({4, 6}, 4, uint8, [](io::Hdf5File& file) { file.set_attribute("feature_scale", 0.0); }),
      "feature_scale");
}

}  // namespace
}  // namespace annmpi::data_tool
