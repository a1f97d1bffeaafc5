#include "tools/data/support.hpp"

namespace annmpi::data_tool {
namespace {

using CsvFormats = Conversions;
using Values = std::vector<double>;
using Labels = std::vector<std::int32_t>;

TEST_F(CsvFormats, PixelsBecomeBytesWithTheirScale) {
  const Content content = convert("0,0,7,255\n2,10,99,100\n");
  EXPECT_EQ(content.type, io::ElementType::uint8);
  EXPECT_EQ(content.label_type, io::ElementType::uint8);
  EXPECT_EQ(content.scale, 1.0 / 255.0);
  EXPECT_EQ(content.features, (Values{0, 7, 255, 10, 99, 100}));
  EXPECT_EQ(content.labels, (Labels{0, 2}));
  EXPECT_EQ(content.class_names, (std::vector<std::string>{"0", "1", "2"}));
}

TEST_F(CsvFormats, OtherNumbersBecomeFloatsWhereverTheyShow) {
  for (const char* const text : {"0,1,2\n1,3,4.5\n", "0,1.5,2\n1,3,4\n", "0,1,2\n1,3,256\n",
                                 "0,-1,2\n1,3,4\n", "0,1,2\n1,3,1e3\n"}) {
    const Content content = convert(text);
    EXPECT_EQ(content.type, io::ElementType::float32) << text;
    EXPECT_EQ(content.scale, 1.0) << text;
    EXPECT_EQ(content.features[2], 3.0) << text;
  }
}

TEST_F(CsvFormats, WholeNumbersInAnyNotationAreStillPixels) {
  const Content content = convert("1.0,1.0,2.55e+02,\"3\",+4\n0,005,6.,-0,1E1\n");
  EXPECT_EQ(content.type, io::ElementType::uint8);
  EXPECT_EQ(content.features, (Values{1, 255, 3, 4, 5, 6, 0, 10}));
  EXPECT_EQ(content.labels, (Labels{1, 0}));
}

TEST_F(CsvFormats, TheTypeAskedForIsTheTypeWritten) {
  const auto as = [&](io::ElementType type) {
    return convert("0,1,2\n1,3,4\n", [&](CsvRequest& request) { request.type = type; });
  };
  EXPECT_EQ(as(io::ElementType::float32).type, io::ElementType::float32);
  EXPECT_EQ(as(io::ElementType::float64).type, io::ElementType::float64);
  EXPECT_EQ(as(io::ElementType::float64).scale, 1.0);
  EXPECT_EQ(as(io::ElementType::float64).features, (Values{1, 2, 3, 4}));
}

TEST_F(CsvFormats, DoublesKeepEveryBit) {
  const Content content =
      convert("0,0.1,2.2250738585072014e-308\n1,1.7976931348623157e308,-12345.678901234567\n",
              [](CsvRequest& request) { request.type = io::ElementType::float64; });
  EXPECT_EQ(content.features,
            (Values{0.1, 2.2250738585072014e-308, 1.7976931348623157e308, -12345.678901234567}));
}

TEST_F(CsvFormats, LineEndsBlanksAndByteOrderMarksDoNotMatter) {
  const Values expected{1, 2, 3, 4};
  for (const char* const text : {"0,1,2\n1,3,4", "0,1,2\r\n1,3,4\r\n", "0,1,2\n1,3,4\n\n\n",
                                 "0,1,2\r\n1,3,4\r\n\r\n  \r\n", " 0 , 1 ,\t2 \n1, 3, 4 \n",
                                 "\xEF\xBB\xBF"
                                 "0,1,2\n1,3,4\n",
                                 "\xEF\xBB\xBF"
                                 "label,a,b\r\n0,1,2\r\n1,3,4"}) {
    const Content content = convert(text);
    EXPECT_EQ(content.features, expected) << text;
    EXPECT_EQ(content.labels, (Labels{0, 1})) << text;
    EXPECT_EQ(content.type, io::ElementType::uint8) << text;
  }
}

TEST_F(CsvFormats, AFirstLineThatIsNotNumericIsAHeader) {
  for (const char* const text :
       {"label,a,b\n0,1,2\n1,3,4\n", "\"label\",\"a, quoted\",\"b\"\n0,1,2\n1,3,4\n",
        "label,0,1\n0,1,2\n1,3,4\n"}) {
    EXPECT_EQ(convert(text).features, (Values{1, 2, 3, 4})) << text;
  }
  EXPECT_EQ(convert("0,1,2\n1,3,4\n").labels.size(), 2U);
}

TEST_F(CsvFormats, TheLabelColumnIsFoundByNumberOrName) {
  const std::string text = "a,\"class\",b\n1,0,2\n3,1,4\n";
  for (const char* const column : {"1", "-2", "class"}) {
    const Content content =
        convert(text, [&](CsvRequest& request) { request.label_column = column; });
    EXPECT_EQ(content.labels, (Labels{0, 1})) << column;
    EXPECT_EQ(content.features, (Values{1, 2, 3, 4})) << column;
  }
  const Content last =
      convert("1,2,0\n3,4,1\n", [](CsvRequest& request) { request.label_column = "-1"; });
  EXPECT_EQ(last.labels, (Labels{0, 1}));
  EXPECT_EQ(last.features, (Values{1, 2, 3, 4}));
}

TEST_F(CsvFormats, ClassNamesTurnWordsIntoLabels) {
  const auto named = [](CsvRequest& request) { request.class_names = {"elliptical", "spiral"}; };
  const Content content = convert("spiral,1,2\nelliptical,3,4\n1,5,6\n", named);
  EXPECT_EQ(content.labels, (Labels{1, 0, 1}));
  EXPECT_EQ(content.class_names, (std::vector<std::string>{"elliptical", "spiral"}));
  EXPECT_EQ(convert("kind,a,b\n\"spiral\",1,2\n", named).labels, (Labels{1}));
}

TEST_F(CsvFormats, ManyClassesGetWiderLabels) {
  const Content content = convert("0,1,2\n300,3,4\n");
  EXPECT_EQ(content.label_type, io::ElementType::int32);
  EXPECT_EQ(content.labels, (Labels{0, 300}));
  EXPECT_EQ(content.class_names.size(), 301U);
  EXPECT_EQ(convert("3999,1,2\n").class_names.size(), 4000U);
}

TEST_F(CsvFormats, FeatureScaleAndImageShapeAreKept) {
  convert("0,1,2,3,4,5,6\n", [](CsvRequest& request) {
    request.feature_scale = 0.5;
    request.image_shape = ImageShape{2, 3};
  });
  const io::Hdf5File file = io::Hdf5File::open(path("out.h5"));
  EXPECT_EQ(file.real("feature_scale"), 0.5);
  EXPECT_EQ(file.integers("image_shape"), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(file.integer("annmpi_schema"), 1);
  EXPECT_CONTAINS(file.text("source"), "in.csv (XXH3 ");
}

TEST_F(CsvFormats, PixelsThatFillASquareAreAnImage) {
  const auto row = [](int values) {
    std::string text = "0";
    for (int i = 0; i < values; ++i) text += ",1";
    return text + "\n";
  };
  const auto has_shape = [&] {
    return io::Hdf5File::open(path("out.h5")).has_attribute("image_shape");
  };
  convert(row(64));
  EXPECT_EQ(io::Hdf5File::open(path("out.h5")).integers("image_shape"),
            (std::vector<std::int64_t>{8, 8}));
  convert(row(63));
  EXPECT_FALSE(has_shape());
  convert(row(16));
  EXPECT_FALSE(has_shape());
  convert(row(64), [](CsvRequest& request) { request.type = io::ElementType::float32; });
  EXPECT_FALSE(has_shape());
}

TEST_F(CsvFormats, RowsSelectsARange) {
  const std::string text = "label,a\n0,10\n1,11\n2,12\n3,13\n";
  const auto selected = [&](RowRange range) {
    return convert(text, [&](CsvRequest& request) { request.rows = range; }).features;
  };
  EXPECT_EQ(selected({1, 3}), (Values{11, 12}));
  EXPECT_EQ(selected({2, std::nullopt}), (Values{12, 13}));
  EXPECT_EQ(selected({0, 4}), (Values{10, 11, 12, 13}));
}

TEST_F(CsvFormats, EveryPixelValueSurvives) {
  std::string text;
  Values expected;
  for (int value = 0; value < 256; ++value) {
    text += fmt::format("0,{},{}\n", value, 255 - value);
    expected.insert(expected.end(), {static_cast<double>(value), 255.0 - value});
  }
  const Content content = convert(text);
  EXPECT_EQ(content.type, io::ElementType::uint8);
  EXPECT_EQ(content.features, expected);
}

}  // namespace
}  // namespace annmpi::data_tool
