#include "tools/data/support.hpp"

namespace annmpi::data_tool {
namespace {

/// Every error names its place and leaves only the input behind.
class CsvErrors : public Conversions {
 protected:
  template <class Adjust>
  std::string message(const std::string& text, Adjust adjust) {
    const std::string error = error_of([&] { convert(text, adjust); });
    EXPECT_EQ(files(), std::vector<std::string>{"in.csv"}) << error;
    EXPECT_CONTAINS(error, "in.csv");
    return error;
  }
  std::string message(const std::string& text) {
    return message(text, [](CsvRequest&) {});
  }
};

TEST_F(CsvErrors, RaggedRow) {
  const std::string too_short = message("0,1,2\n1,3\n2,5,6\n");
  EXPECT_CONTAINS(too_short, "line 2, column 3");
  EXPECT_CONTAINS(too_short, "it has 2 columns, line 1 has 3");
  EXPECT_CONTAINS(message("0,1,2\n1,3,4,5\n"), "line 2, column 4");
  EXPECT_CONTAINS(message("0,1,2\n1,3,4\n2\n"), "line 3, column 2");
  EXPECT_CONTAINS(message("0,1.5,2\n1,3.5\n"), "line 2, column 3");
  EXPECT_CONTAINS(message("0,1,2\n\n1,3,4\n"), "line 2: is blank");
}

TEST_F(CsvErrors, NotANumber) {
  const std::string error = message("0,1,2\n1,3,abc\n");
  EXPECT_CONTAINS(error, "line 2, column 3");
  EXPECT_CONTAINS(error, "\"abc\" is not a number");
  EXPECT_CONTAINS(message("0,1,2\n1,,4\n"), "line 2, column 2: is empty");
  EXPECT_CONTAINS(message("0,1,2\n1,3,4 5\n"), "line 2, column 3");
  EXPECT_CONTAINS(message("0,1,2x\n1,3,4\n"), "line 1, column 3");
  EXPECT_CONTAINS(message("label,left,right\n1,3,x\n"), "line 2, column 3 (right)");
}

TEST_F(CsvErrors, NaNOrInfinity) {
  EXPECT_CONTAINS(message("0,1,2\n1,nan,4\n"), "line 2, column 2: nan is NaN or infinite");
  EXPECT_CONTAINS(message("0,1.5,2\n1,3,-inf\n"), "line 2, column 3: -inf is NaN or infinite");
  EXPECT_CONTAINS(message("0,1.5,2\n1,3,1e999\n"), "line 2, column 3");
}

TEST_F(CsvErrors, LabelThatIsNoSmallInteger) {
  for (const char* const label : {"1.5", "-1", "4000", "1e9", "nan"}) {
    const std::string error = message(std::string("0,1,2\n") + label + ",3,4\n");
    EXPECT_CONTAINS(error, "line 2, column 1");
    EXPECT_CONTAINS(error, "is not a class");
  }
  EXPECT_CONTAINS(message("0,1,2\nspiral,3,4\n"), "--class-names");
}

TEST_F(CsvErrors, UnknownClass) {
  const auto named = [](CsvRequest& request) { request.class_names = {"a", "b"}; };
  for (const char* const label : {"c", "2", "0.5", "-1"}) {
    const std::string error = message(std::string("a,1,2\n") + label + ",3,4\n", named);
    EXPECT_CONTAINS(error, "line 2, column 1");
    EXPECT_CONTAINS(error, "is an unknown class (--class-names has 2 names: a, b)");
  }
}

TEST_F(CsvErrors, ValueOutsideOfItsType) {
  const auto bytes = [](CsvRequest& request) { request.type = io::ElementType::uint8; };
  for (const char* const value : {"256", "-1", "1.5", "1000"}) {
    const std::string error = message(std::string("0,1,2\n1,3,") + value + "\n", bytes);
    EXPECT_CONTAINS(error, "line 2, column 3");
    EXPECT_CONTAINS(error, "does not fit uint8");
  }
  EXPECT_CONTAINS(message("0,1,1e39\n"), "line 1, column 3: 1e39 does not fit float32");
}

TEST_F(CsvErrors, EmptyFile) {
  EXPECT_CONTAINS(message(""), "is empty");
  EXPECT_CONTAINS(message("\n\n \n"), "is empty");
  EXPECT_CONTAINS(message("label,a,b\n"), "holds no rows");
}

TEST_F(CsvErrors, NoCsvAtAll) {
  EXPECT_CONTAINS(message("1\n2\n"), "single column");
  EXPECT_CONTAINS(message("1;2;3\n"), "separate the columns by commas");
  EXPECT_CONTAINS(message("\x1F\x8B\x08"), "gzip");
  EXPECT_CONTAINS(message("\x89HDF\r\n"), "HDF5 already");
  EXPECT_CONTAINS(message(std::string("a\0b,1", 5)), "binary");
}

TEST_F(CsvErrors, MissingInput) {
  const CsvRequest missing{.input = path("absent.csv"), .output = path("out.h5")};
  EXPECT_CONTAINS(error_of([&] { convert_csv(missing); }), "absent.csv: cannot be read");
  for (const char* const stream : {"-", "/dev/stdin", "/dev/null"}) {
    const CsvRequest request{.input = stream, .output = path("out.h5")};
    EXPECT_CONTAINS(error_of([&] { convert_csv(request); }), "save it to a file first");
  }
  const CsvRequest folder{.input = path(""), .output = path("out.h5")};
  EXPECT_CONTAINS(error_of([&] { convert_csv(folder); }), "it is a folder");
}

TEST_F(CsvErrors, LabelColumnThatIsNotThere) {
  const auto column = [](const char* name) {
    return [name](CsvRequest& request) { request.label_column = name; };
  };
  EXPECT_CONTAINS(message("0,1,2\n", column("3")), "--label-column 3");
  EXPECT_CONTAINS(message("0,1,2\n", column("-4")), "it has 3 columns");
  EXPECT_CONTAINS(message("a,b,c\n0,1,2\n", column("class")), "--label-column class");
  EXPECT_CONTAINS(message("a,a,c\n0,1,2\n", column("a")), "ambiguous");
}

TEST_F(CsvErrors, RowsOutsideOfTheData) {
  for (const RowRange& range : {RowRange{0, 3}, RowRange{2, std::nullopt}, RowRange{5, 9}}) {
    EXPECT_CONTAINS(message("0,1\n1,2\n", [&](CsvRequest& request) { request.rows = range; }),
                    "it has 2 rows");
  }
}

TEST_F(CsvErrors, ImageShapeThatDoesNotFit) {
  const std::string error = error_of([&] {
    convert("0,1,2,3,4\n", [](CsvRequest& request) { request.image_shape = ImageShape{3, 2}; });
  });
  EXPECT_CONTAINS(error, "--image-shape 3,2");
  EXPECT_EQ(files(), std::vector<std::string>{"in.csv"});
}

TEST_F(CsvErrors, ExistingOutputIsKept) {
  write("out.h5", "precious");
  const CsvRequest request{.input = write("in.csv", "0,1\n"), .output = path("out.h5")};
  EXPECT_CONTAINS(error_of([&] { convert_csv(request); }), "already exists");
  EXPECT_EQ(io::read_text_file(path("out.h5")), "precious");
}

TEST_F(CsvErrors, AFailedConversionKeepsTheOutputItWasToReplace) {
  write("out.h5", "precious");
  EXPECT_CONTAINS(error_of([&] { convert("0,1,2\n1,3,x\n"); }), "line 2");
  EXPECT_EQ(io::read_text_file(path("out.h5")), "precious");
  EXPECT_EQ(files(), (std::vector<std::string>{"in.csv", "out.h5"}));
}

TEST_F(CsvErrors, OutputThatIsTheInput) {
  std::filesystem::create_symlink(path("in.csv"), path("link.h5"));
  for (const char* const name : {"in.csv", "./in.csv", "link.h5"}) {
    const CsvRequest request{
        .input = write("in.csv", "0,1\n"), .output = path(name), .force = true};
    EXPECT_CONTAINS(error_of([&] { convert_csv(request); }), "is also the input");
  }
  EXPECT_EQ(io::read_text_file(path("in.csv")), "0,1\n");
}

}  // namespace
}  // namespace annmpi::data_tool
