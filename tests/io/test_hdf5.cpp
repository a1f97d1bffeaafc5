#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/io/hdf5.hpp"

#include "support/temporary_folder.hpp"

namespace annmpi::io {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Hdf5, ReturnsWhatWasWritten) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "data.h5";
  {
    Hdf5File file = Hdf5File::create(path, path);
    {
      Hdf5Dataset rows = file.create_dataset("features", ElementType::uint8, {4, 3});
      rows.write_rows<std::uint8_t>(0, 2, Bytes{1, 2, 3, 4, 5, 6});
      rows.write_rows<std::uint8_t>(2, 2, Bytes{7, 8, 9, 10, 11, 12});
      Hdf5Dataset deep = file.create_dataset("last/layer_1/bias", ElementType::float64, {2});
      deep.write_rows<double>(0, 2, std::vector<double>{0.5, -0.25});
    }
    file.set_attribute("feature_scale", 1.0 / 255.0);
    file.set_attribute("annmpi_schema", std::int64_t{1});
    file.set_attribute("image_shape", std::vector<std::int64_t>{32, 32});
    file.set_attribute("source", std::string("train.csv"));
    file.set_attribute("class_names", std::vector<std::string>{"elliptical", "spiral"});
    file.close();
  }
  const Hdf5File file = Hdf5File::open(path);
  const Hdf5Dataset rows = file.dataset("features");
  EXPECT_EQ(rows.shape(), (std::vector<std::uint64_t>{4, 3}));
  EXPECT_EQ(rows.type(), ElementType::uint8);
  Bytes middle(6);
  rows.read_rows<std::uint8_t>(1, 2, middle);
  EXPECT_EQ(middle, (Bytes{4, 5, 6, 7, 8, 9}));
  std::vector<double> converted(3);
  rows.read_rows<double>(3, 1, converted);
  EXPECT_EQ(converted, (std::vector<double>{10, 11, 12}));
  std::vector<double> bias(2);
  file.dataset("last/layer_1/bias").read_rows<double>(0, 2, bias);
  EXPECT_EQ(bias, (std::vector<double>{0.5, -0.25}));
  EXPECT_EQ(file.real("feature_scale"), 1.0 / 255.0);
  EXPECT_EQ(file.integer("annmpi_schema"), 1);
  EXPECT_EQ(file.integers("image_shape"), (std::vector<std::int64_t>{32, 32}));
  EXPECT_EQ(file.text("source"), "train.csv");
  EXPECT_EQ(file.texts("class_names"), (std::vector<std::string>{"elliptical", "spiral"}));
  EXPECT_FALSE(file.has_attribute("absent"));
  EXPECT_FALSE(file.has_dataset("absent"));
  EXPECT_FALSE(file.has_dataset("absent/deeper"));
}

TEST(Hdf5, NamesFileAndObjectInErrors) {
  const tests::TemporaryFolder folder;
  const std::string text = folder / "text.h5";
  std::ofstream(text) << "no HDF5 at all";
  EXPECT_THROW((void)Hdf5File::open(text), Error);
  EXPECT_THROW((void)Hdf5File::open(folder / "missing.h5"), Error);
  const std::string empty = folder / "empty.h5";
  Hdf5File::create(empty, empty).close();
  try {
    (void)Hdf5File::open(empty).dataset("features");
    FAIL() << "a missing dataset was found";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find(empty), std::string::npos) << message;
    EXPECT_NE(message.find("features"), std::string::npos) << message;
  }
}

TEST(Hdf5, NoticesATruncatedFile) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "cut.h5";
  {
    Hdf5File file = Hdf5File::create(path, path);
    file.create_dataset("features", ElementType::uint8, {100, 100})
        .write_rows<std::uint8_t>(0, 100, Bytes(10000, 1));
    file.close();
  }
  std::filesystem::resize_file(path, 5000);
  EXPECT_THROW((void)Hdf5File::open(path).dataset("features"), Error);
}

TEST(Hdf5, ReportsAFullDisk) {
  // A device that accepts no byte simulates a full disk.
  EXPECT_THROW(
      {
        Hdf5File file = Hdf5File::create("/dev/full", "result.h5");
        file.create_dataset("features", ElementType::uint8, {100, 100})
            .write_rows<std::uint8_t>(0, 100, Bytes(10000, 1));
        file.close();
      },
      Error);
}

}  // namespace
}  // namespace annmpi::io
