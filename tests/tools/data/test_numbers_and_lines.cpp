#include <cmath>
#include <set>

#include "class_names.hpp"
#include "csv_header.hpp"
#include "csv_survey.hpp"
#include "input_file.hpp"
#include "line_reader.hpp"
#include "number.hpp"
#include "permutation.hpp"
#include "portable_math.hpp"
#include "row_range.hpp"
#include "tools/data/support.hpp"

namespace annmpi::data_tool {
namespace {

TEST(Number, ReadsWhatPeopleWrite) {
  EXPECT_EQ(to_number(" 1.5 "), 1.5);
  EXPECT_EQ(to_number("+2"), 2.0);
  EXPECT_EQ(to_number("-3e2"), -300.0);
  EXPECT_EQ(to_number("\"7\""), 7.0);
  EXPECT_EQ(to_number(".5"), 0.5);
  EXPECT_EQ(to_number("1e-400"), 0.0);
  EXPECT_TRUE(std::isinf(to_number("1e400").value()));
  EXPECT_TRUE(std::isnan(to_number("nan").value()));
  for (const char* const text : {"", " ", "abc", "1x", "1 2", "+-1", "0x10", "--1"}) {
    EXPECT_FALSE(to_number(text).has_value()) << text;
  }
  EXPECT_EQ(to_integer("-1"), -1);
  EXPECT_FALSE(to_integer("1.0").has_value());
}

using Lines = Conversions;

TEST_F(Lines, KeepLinesLongerThanTheBlock) {
  // The reader's blocks hold 1 MiB: lines that cross them, and one that fills several.
  std::vector<std::string> expected;
  std::string text;
  for (const std::size_t length : {700'000U, 700'000U, 3'500'000U, 0U, 5U, 1'048'576U}) {
    expected.emplace_back(length, static_cast<char>('a' + expected.size()));
    text += expected.back() + '\n';
  }
  InputFile file(write("lines.txt", text));
  LineReader reader(file);
  Line line;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line.number, i + 1);
    EXPECT_TRUE(line.text() == expected[i]) << "line " << i + 1;
  }
  EXPECT_FALSE(reader.next(line));
}

TEST_F(Lines, RefuseALineThatDoesNotFitIntoMemory) {
  InputFile file(
      write("lines.txt", "1,2\n" + std::string(LineReader::longest_line_bytes + 1, '1')));
  LineReader reader(file);
  Line line;
  ASSERT_TRUE(reader.next(line));
  const std::string message = error_of([&] { reader.next(line); });
  EXPECT_CONTAINS(message, "line 2");
  EXPECT_CONTAINS(message, "16 MiB");
}

TEST_F(Lines, AreCountedUpToTheLastThatIsNotBlank) {
  const auto lines = [&](const std::string& text) {
    InputFile file(write("lines.txt", text));
    return survey_csv(file).lines;
  };
  EXPECT_EQ(lines("1,2\n3,4\n"), 2U);
  EXPECT_EQ(lines("1,2\n3,4"), 2U);
  EXPECT_EQ(lines("1,2\r\n3,4\r\n\r\n  \r\n\n"), 2U);
  EXPECT_EQ(lines("\n\n1"), 3U);
  // Blank lines that begin in one block and end in the next.
  EXPECT_EQ(lines("1\n" + std::string(600'000, '\n') + "2" + std::string(600'000, '\n')), 600'002U);
}

TEST(Fields, AreSplitAtCommasOutsideOfQuotes) {
  const auto split = [](std::string_view line) {
    Fields fields(line);
    std::vector<std::string> all;
    for (std::string_view field; fields.next(field);) all.emplace_back(field);
    EXPECT_EQ(count_fields(line), all.size());
    return all;
  };
  EXPECT_EQ(split("a,b,,c"), (std::vector<std::string>{"a", "b", "", "c"}));
  EXPECT_EQ(split("\"a,b\",c,"), (std::vector<std::string>{"\"a,b\"", "c", ""}));
  EXPECT_EQ(split(""), std::vector<std::string>{""});
}

TEST(Permutation, IsABijectionWithItsInverse) {
  for (const std::uint64_t rows : {1U, 2U, 3U, 255U, 256U, 257U, 5000U}) {
    const Permutation permutation(rows, 7);
    std::set<std::uint64_t> places;
    for (std::uint64_t row = 0; row < rows; ++row) {
      const std::uint64_t place = permutation(row);
      ASSERT_LT(place, rows);
      ASSERT_EQ(permutation.inverse(place), row);
      places.insert(place);
    }
    EXPECT_EQ(places.size(), rows);
  }
}

/// Recorded values: a file shuffled with a seed must stay the same from one version to the next.
TEST(Permutation, KeepsItsValues) {
  const auto first_places = [](const Permutation& permutation) {
    std::vector<std::uint64_t> places;
    for (std::uint64_t row = 0; row < 10; ++row) places.push_back(permutation(row));
    return places;
  };
  EXPECT_EQ(first_places({1000, 1}), (std::vector<std::uint64_t>{646U, 687U, 346U, 575U, 512U, 463U,
                                                                 523U, 32U, 875U, 454U}));
  EXPECT_EQ(first_places({3'000'000'000'007, 9}),
            (std::vector<std::uint64_t>{728683915708U, 1866097262420U, 704566899856U,
                                        1416536286917U, 2715191794500U, 90069946119U, 939980524929U,
                                        320419651709U, 785022097708U, 1590935636234U}));
}

TEST(Permutation, ScattersNeighbours) {
  // The distance of two random places among m is m/3 in the mean, with a standard deviation of
  // 0.24 m for one pair: 0.0024 m for the mean of 10000.
  constexpr std::uint64_t rows = 10000;
  const Permutation permutation(rows, 1);
  double sum = 0;
  for (std::uint64_t row = 0; row + 1 < rows; ++row) {
    sum +=
        std::abs(static_cast<double>(permutation(row)) - static_cast<double>(permutation(row + 1)));
  }
  EXPECT_NEAR(sum / (rows * static_cast<double>(rows - 1)), 1.0 / 3, 5 * 0.0024);
}

TEST(Permutation, WorksOnMoreRowsThanMemoryHolds) {
  constexpr std::uint64_t rows = 3'000'000'000'007;
  const Permutation permutation(rows, 3);
  for (std::uint64_t row = 0; row < rows; row += rows / 1000) {
    EXPECT_LT(permutation(row), rows);
    EXPECT_EQ(permutation.inverse(permutation(row)), row);
  }
}

TEST(PortableMath, AgreesWithTheLibraryToSinglePrecision) {
  for (float x = -20; x < 20; x += 0.0371F) {
    EXPECT_NEAR(portable::exp2(x) / std::exp2(x), 1, 2e-6) << x;
    EXPECT_NEAR(portable::log2(std::exp2(x)), x, 4e-6) << x;
    EXPECT_NEAR(portable::sin_turns(x), std::sin(6.283185307179586 * double{x}), 2e-6) << x;
    EXPECT_NEAR(portable::cos_turns(x), std::cos(6.283185307179586 * double{x}), 2e-6) << x;
    EXPECT_NEAR(portable::asinh(x), std::asinh(x), 4e-6) << x;
  }
  EXPECT_GT(portable::exp2(-1e9F), 0);
  EXPECT_TRUE(std::isfinite(portable::exp2(1e9F)));
}

TEST(RowRange, ReadsBothEndsOrOne) {
  EXPECT_EQ(parse_row_range("3:7").first, 3U);
  EXPECT_EQ(parse_row_range("3:7").last, 7U);
  EXPECT_EQ(parse_row_range(":7").first, 0U);
  EXPECT_FALSE(parse_row_range("3:").last.has_value());
  for (const char* const text : {"3", "a:b", "7:3", "3:3", "-1:4", "1:2:3", ""}) {
    EXPECT_THROW((void)parse_row_range(text), Error) << text;
  }
}

TEST(ClassNames, AreFoundByNameOrByNumber) {
  const ClassNames names({"elliptical", "spiral"});
  EXPECT_EQ(names.label_of("spiral"), 1);
  EXPECT_EQ(names.label_of(" \"spiral\" "), 1);
  EXPECT_EQ(names.label_of("1.0"), 1);
  EXPECT_THROW((void)names.label_of("2"), Error);
  EXPECT_THROW((void)names.label_of("lens"), Error);
}

TEST(ClassNames, ThatAreNumbersAreNotTakenForIndices) {
  const ClassNames names({"3", "7"});
  EXPECT_EQ(names.label_of("7"), 1);
  EXPECT_EQ(names.label_of("7.0"), 1);
  EXPECT_THROW((void)names.label_of("1"), Error);
  EXPECT_EQ(names.plain_digits(), 0);
}

TEST(ClassNames, MustDiffer) {
  EXPECT_THROW(ClassNames({"a", "a"}), Error);
  EXPECT_THROW(ClassNames({"a", ""}), Error);
}

}  // namespace
}  // namespace annmpi::data_tool
