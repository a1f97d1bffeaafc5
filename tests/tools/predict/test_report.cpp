#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report.hpp"

namespace annmpi::predict {
namespace {

/// Class 1 is never predicted and class 2 does not occur: undefined precision and recall.
Evaluation some_evaluation() {
  Evaluation evaluation;
  evaluation.rows = 4;
  evaluation.loss = 0.25;
  evaluation.cost = 0.75;
  evaluation.accuracy = 0.5;
  evaluation.confusion = {{2, 0, 1}, {1, 0, 0}, {0, 0, 0}};
  return evaluation;
}

TEST(AsJson, SaysNullWhereAShareDoesNotExist) {
  const auto json = nlohmann::json::parse(as_json(some_evaluation(), {"E", "S", "I"}));
  EXPECT_EQ(json.at("rows"), 4);
  EXPECT_EQ(json.at("accuracy").get<double>(), 0.5);
  EXPECT_EQ(json.at("cost").get<double>(), 0.75);
  EXPECT_EQ(json.at("loss").get<double>(), 0.25);
  EXPECT_EQ(json.at("confusion"), nlohmann::json::parse("[[2, 0, 1], [1, 0, 0], [0, 0, 0]]"));
  const auto& classes = json.at("classes");
  EXPECT_EQ(classes.at(0).at("name"), "E");
  EXPECT_EQ(classes.at(0).at("precision").get<double>(), 2.0 / 3);
  EXPECT_EQ(classes.at(0).at("recall").get<double>(), 2.0 / 3);
  EXPECT_TRUE(classes.at(1).at("precision").is_null());
  EXPECT_EQ(classes.at(1).at("recall").get<double>(), 0.0);
  EXPECT_EQ(classes.at(2).at("precision").get<double>(), 0.0);
  EXPECT_TRUE(classes.at(2).at("recall").is_null());
}

TEST(AsJson, SurvivesNamesThatAreNoUtf8) {
  // Latin-1, which HDF5 files from elsewhere may contain.
  const std::string text = as_json(some_evaluation(), {"spirale \xe0 bras", "S", "I"});
  EXPECT_EQ(nlohmann::json::parse(text).at("classes").at(0).at("name"),
            "spirale \xef\xbf\xbd bras");
}

TEST(AsText, ShowsAMatrixWithADashWhereAShareDoesNotExist) {
  EXPECT_EQ(as_text(some_evaluation(), {"E", "S", "I"}),
            "4 rows\n"
            "  accuracy  50.00 %\n"
            "  cost      0.750000\n"
            "  loss      0.250000\n"
            "                     E          S          I  precision     recall   (rows: actual "
            "class, columns: predicted)\n"
            "  E                  2          0          1    66.67 %    66.67 %\n"
            "  S                  1          0          0          -     0.00 %\n"
            "  I                  0          0          0     0.00 %          -\n");
}

TEST(Csv, WritesARowForEachRowOfTheData) {
  const std::vector<std::string> names{"E", "S"};
  const std::vector<std::int32_t> labels{1, 0};
  const std::vector<std::int32_t> predictions{0, 0};
  const std::vector<double> probabilities{0.75, 1.0 / 3, 1, 1e-20};
  EXPECT_EQ(csv_header(names), "row,label,predicted,probability_E,probability_S\n");
  std::string text = "before\n";
  append_csv(text, {100, labels, predictions, probabilities}, names);
  EXPECT_EQ(text, "before\n100,S,E,0.75,0.333333\n101,E,E,1,1e-20\n");
}

TEST(Csv, QuotesNamesThatWouldBreakALine) {
  // RFC 4180, section 2: quotes around, quotes doubled.
  const std::vector<std::string> names{"a,b", "say \"c\"", "two\nlines", "plain name"};
  EXPECT_EQ(csv_header(names),
            "row,label,predicted,\"probability_a,b\",\"probability_say \"\"c\"\"\","
            "\"probability_two\nlines\",probability_plain name\n");
  std::string text;
  const std::vector<std::int32_t> labels{0, 3};
  const std::vector<std::int32_t> predictions{1, 2};
  const std::vector<double> probabilities(8, 0.5);
  append_csv(text, {0, labels, predictions, probabilities}, names);
  EXPECT_EQ(text,
            "0,\"a,b\",\"say \"\"c\"\"\",0.5,0.5,0.5,0.5\n"
            "1,plain name,\"two\nlines\",0.5,0.5,0.5,0.5\n");
}

}  // namespace
}  // namespace annmpi::predict
