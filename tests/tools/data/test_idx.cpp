#include <zlib.h>

#include "idx_conversion.hpp"
#include "tools/data/support.hpp"

namespace annmpi::data_tool {
namespace {

class Idx : public Conversions {
 protected:
  static std::string header(std::uint8_t type, const std::vector<std::uint32_t>& shape) {
    std::string text{'\0', '\0', static_cast<char>(type), static_cast<char>(shape.size())};
    for (const std::uint32_t extent : shape) {
      for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(extent >> shift & 0xFFU);
    }
    return text;
  }
  /// Pixels 0, 1, 2, ...
  static std::string images(std::uint32_t count, std::uint32_t rows, std::uint32_t columns) {
    std::string text = header(8, {count, rows, columns});
    for (std::uint32_t i = 0; i < count * rows * columns; ++i) text += static_cast<char>(i);
    return text;
  }
  static std::string labels(std::uint32_t count) {
    std::string text = header(8, {count});
    for (std::uint32_t i = 0; i < count; ++i) text += static_cast<char>(i % 10);
    return text;
  }

  std::string write_gzip(const std::string& name, const std::string& text) {
    gzFile file = gzopen(path(name).c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return path(name);
  }

  [[nodiscard]] IdxRequest request() const {
    return {.images = path("images"), .labels = path("labels"), .output = path("out.h5")};
  }
  std::string message(const std::string& image_bytes, const std::string& label_bytes,
                      const IdxRequest& asked) {
    write("images", image_bytes);
    write("labels", label_bytes);
    const std::string error = error_of([&] { convert_idx(asked); });
    EXPECT_EQ(files(), (std::vector<std::string>{"images", "labels"})) << error;
    return error;
  }
  std::string message(const std::string& image_bytes, const std::string& label_bytes) {
    return message(image_bytes, label_bytes, request());
  }
};

TEST_F(Idx, KeepsPixelsLabelsAndShape) {
  write("images", images(5, 2, 3));
  write("labels", labels(5));
  convert_idx(request());
  const Content content = read_content(path("out.h5"));
  EXPECT_EQ(content.type, io::ElementType::uint8);
  EXPECT_EQ(content.scale, 1.0 / 255.0);
  EXPECT_EQ(content.row(4), (std::vector<double>{24, 25, 26, 27, 28, 29}));
  EXPECT_EQ(content.labels, (std::vector<std::int32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(content.class_names.size(), 5U);
  EXPECT_EQ(io::Hdf5File::open(path("out.h5")).integers("image_shape"),
            (std::vector<std::int64_t>{2, 3}));
}

TEST_F(Idx, GzipEqualsPlain) {
  write("images", images(500, 28, 28));
  write("labels", labels(500));
  convert_idx(request());
  const IdxRequest compressed{.images = write_gzip("images.gz", images(500, 28, 28)),
                              .labels = write_gzip("labels.gz", labels(500)),
                              .output = path("compressed.h5")};
  convert_idx(compressed);
  const Content plain = read_content(path("out.h5"));
  const Content unpacked = read_content(path("compressed.h5"));
  EXPECT_EQ(plain.features, unpacked.features);
  EXPECT_EQ(plain.labels, unpacked.labels);
}

TEST_F(Idx, RowsAndClassNamesAreKept) {
  write("images", images(5, 2, 3));
  write("labels", labels(5));
  IdxRequest asked = request();
  asked.rows = {1, 3};
  asked.class_names = {"zero", "one", "two"};
  convert_idx(asked);
  const Content content = read_content(path("out.h5"));
  EXPECT_EQ(content.labels, (std::vector<std::int32_t>{1, 2}));
  EXPECT_EQ(content.row(0), (std::vector<double>{6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(content.class_names, asked.class_names);
}

TEST_F(Idx, WrongMagicIsAnError) {
  const std::string swapped = message(labels(5), images(5, 2, 3));
  EXPECT_CONTAINS(swapped, "magic number 0x00000801");
  EXPECT_CONTAINS(swapped, "0x00000803");
  EXPECT_CONTAINS(swapped, "order of images and labels");
  EXPECT_CONTAINS(message("0,1,2,3\n", labels(5)), "images: has the magic number");
  EXPECT_CONTAINS(message(images(5, 2, 3), "0,1,2,3\n"), "labels: has the magic number");
  EXPECT_CONTAINS(message(header(0x0D, {5, 2, 3}), labels(5)), "type 0x0d");
}

TEST_F(Idx, TruncationIsAnError) {
  const std::string whole = images(5, 2, 3);
  EXPECT_CONTAINS(message(whole.substr(0, whole.size() - 1), labels(5)), "images: is truncated");
  EXPECT_CONTAINS(message(whole, labels(5).substr(0, 10)), "labels: is truncated");
  EXPECT_CONTAINS(message(whole.substr(0, 7), labels(5)), "ends within its header");
  EXPECT_CONTAINS(message("", labels(5)), "images: is empty");
  EXPECT_CONTAINS(message(whole + "x", labels(5)), "is longer than its header says");
  // Also beyond the selected rows.
  IdxRequest asked = request();
  asked.rows = {0, 2};
  EXPECT_CONTAINS(message(whole.substr(0, whole.size() - 1), labels(5), asked), "is truncated");
}

TEST_F(Idx, TruncatedGzipIsAnError) {
  write("labels", labels(500));
  // In the middle; and within the final checksum, after all pixels.
  write_gzip("images", images(500, 28, 28));
  const std::uintmax_t bytes = std::filesystem::file_size(path("images"));
  for (const std::uintmax_t left : {bytes / 2, bytes - 1}) {
    write_gzip("images", images(500, 28, 28));
    std::filesystem::resize_file(path("images"), left);
    EXPECT_CONTAINS(error_of([&] { convert_idx(request()); }), "images: ");
    EXPECT_EQ(files(), (std::vector<std::string>{"images", "labels"}));
  }
}

TEST_F(Idx, CountsThatDifferAreAnError) {
  const std::string error = message(images(5, 2, 3), labels(4));
  EXPECT_CONTAINS(error, "has 5 images");
  EXPECT_CONTAINS(error, "has 4 labels");
}

TEST_F(Idx, UnknownClassesAndRowsOutsideAreErrors) {
  IdxRequest asked = request();
  asked.class_names = {"a", "b"};
  EXPECT_CONTAINS(message(images(5, 2, 3), labels(5), asked), "row 2: the label 2");
  asked = request();
  asked.rows = {0, 6};
  EXPECT_CONTAINS(message(images(5, 2, 3), labels(5), asked), "it has 5 rows");
}

TEST_F(Idx, NeitherInputIsOverwritten) {
  write("images", images(5, 2, 3));
  write("labels", labels(5));
  for (const char* const name : {"images", "labels"}) {
    IdxRequest asked = request();
    asked.output = path(name);
    asked.force = true;
    EXPECT_CONTAINS(error_of([&] { convert_idx(asked); }), "is also the input");
  }
}

}  // namespace
}  // namespace annmpi::data_tool
