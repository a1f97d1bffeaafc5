#include <algorithm>
#include <numeric>

#include "data_file_writer.hpp"
#include "row_sink.hpp"
#include "tools/data/support.hpp"

namespace annmpi::data_tool {
namespace {

/// Rows that carry their number, to check that features and labels move together.
class Shuffle : public Conversions {
 protected:
  static constexpr int rows = 1000;

  Content shuffled(std::uint64_t seed) {
    std::string text;
    for (int row = 0; row < rows; ++row) {
      text += fmt::format("{},{},{}\n", row % 7, row / 256, row % 256);
    }
    return convert(text, [&](CsvRequest& request) { request.shuffle_seed = seed; });
  }

  static std::vector<int> order_of(const Content& content) {
    std::vector<int> order;
    for (std::size_t i = 0; i < content.labels.size(); ++i) {
      order.push_back(
          static_cast<int>(256 * content.features[2 * i] + content.features[2 * i + 1]));
      EXPECT_EQ(content.labels[i], order.back() % 7);
    }
    return order;
  }

  /// The same rows through a sink with this memory budget.
  std::vector<int> order_with(std::size_t budget_bytes) {
    const std::string file = path(fmt::format("{}.h5", budget_bytes));
    DataFileWriter writer(file, file, {.rows = rows, .features = 2});
    ShuffledRows sink(writer, 5, budget_bytes);
    for (int row = 0; row < rows; ++row) {
      std::byte* const place = sink.place();
      place[0] = static_cast<std::byte>(row / 256);
      place[1] = static_cast<std::byte>(row % 256);
      sink.accept(row % 7);
    }
    sink.finish();
    writer.finish({.feature_scale = 1, .class_names = numbered_classes(7)});
    return order_of(read_content(file));
  }
};

TEST_F(Shuffle, IsAPermutation) {
  std::vector<int> order = order_of(shuffled(1));
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  std::vector<int> expected(rows);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

TEST_F(Shuffle, DependsOnTheSeedAlone) {
  const std::vector<int> first = order_of(shuffled(1));
  EXPECT_EQ(order_of(shuffled(1)), first);
  EXPECT_NE(order_of(shuffled(2)), first);
}

TEST_F(Shuffle, IsTheSameWhateverMemoryItHas) {
  // A row takes 22 bytes of the budget: one bucket, several with buffers of many rows, many with
  // buffers of one row, and none if the budget is too small for one row per bucket.
  const std::vector<int> expected = order_with(1 << 20);
  for (const std::size_t budget : {8192U, 4096U, 1000U, 600U, 200U, 22U, 1U}) {
    EXPECT_EQ(order_with(budget), expected) << budget << " bytes";
  }
}

TEST_F(Shuffle, WorksOnASingleRow) {
  const Content content = convert("3,1,2\n", [](CsvRequest& request) { request.shuffle_seed = 1; });
  EXPECT_EQ(content.features, (std::vector<double>{1, 2}));
  EXPECT_EQ(content.labels, std::vector<std::int32_t>{3});
}

}  // namespace
}  // namespace annmpi::data_tool
