#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/io/hdf5.hpp"
#include "annmpi/io/pending_file.hpp"

#include "csv_conversion.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::data_tool {

/// The contents of a data file.
struct Content {
  std::uint64_t columns = 0;
  io::ElementType type = io::ElementType::other;
  io::ElementType label_type = io::ElementType::other;
  std::vector<double> features;
  std::vector<std::int32_t> labels;
  double scale = 0;
  std::vector<std::string> class_names;

  [[nodiscard]] std::vector<double> row(std::size_t number) const {
    const auto first = features.begin() + static_cast<std::ptrdiff_t>(number * columns);
    return {first, first + static_cast<std::ptrdiff_t>(columns)};
  }
};

inline Content read_content(const std::string& path) {
  const io::Hdf5File file = io::Hdf5File::open(path);
  const io::Hdf5Dataset features = file.dataset("features");
  const io::Hdf5Dataset labels = file.dataset("labels");
  const std::uint64_t rows = features.shape().at(0);
  Content content;
  content.columns = features.shape().at(1);
  content.type = features.type();
  content.label_type = labels.type();
  content.features.resize(rows * content.columns);
  content.labels.resize(rows);
  features.read_rows<double>(0, rows, content.features);
  labels.read_rows<std::int32_t>(0, rows, content.labels);
  content.scale = file.real("feature_scale");
  content.class_names = file.texts("class_names");
  return content;
}

/// A folder with one input file, for conversions within the test program.
class Conversions : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  /// Writes `text` as in.csv and converts it to out.h5, with options set by `adjust`.
  template <class Adjust>
  Content convert(const std::string& text, Adjust adjust) {
    CsvRequest request{.input = write("in.csv", text), .output = path("out.h5")};
    request.force = true;
    adjust(request);
    convert_csv(request);
    return read_content(request.output);
  }
  Content convert(const std::string& text) {
    return convert(text, [](CsvRequest&) {});
  }

  /// The message of the Error that `act` throws.
  template <class Act>
  static std::string error_of(Act act) {
    try {
      act();
    } catch (const Error& error) {
      return error.what();
    }
    ADD_FAILURE() << "no error was reported";
    return {};
  }

  /// Names of the files in the folder, sorted.
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  tests::TemporaryFolder folder_;
};

#define EXPECT_CONTAINS(text, part)                          \
  EXPECT_NE(std::string(text).find(part), std::string::npos) \
      << "\"" << (text) << "\" does not contain \"" << (part) << "\""

}  // namespace annmpi::data_tool
