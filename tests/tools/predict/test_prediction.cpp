#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "config/message.hpp"
#include "prediction.hpp"
#include "support/models.hpp"
#include "support/samples.hpp"
#include "support/temporary_folder.hpp"

namespace annmpi::predict {
namespace {

using tests::Samples;

/// A data file for a model, removed with the object.
class DataFile {
 public:
  DataFile(const Samples& samples, const std::vector<std::string>& class_names) {
    tests::write_data_file(path(), samples, class_names);
  }
  [[nodiscard]] std::string path() const { return folder_ / "data.h5"; }

  [[nodiscard]] Evaluation evaluate(
      const output::Model& model, Parameters parameters = Parameters::selected,
      const std::function<void(const Block&)>& show = [](const Block&) {}) const {
    return predict::evaluate(model, parameters, io::Hdf5File::open(path()), show);
  }

 private:
  tests::TemporaryFolder folder_;
};

/// One layer that copies three features to the logits; `last` moves class 0 out of reach.
output::Model identity_model() {
  output::Model model = tests::blank_model({3, 3});
  model.selected = {0, 1, 0, 0,  //
                    0, 0, 1, 0,  //
                    0, 0, 0, 1};
  model.last = model.selected;
  model.last[0] = -100;
  model.l2 = 2;
  return model;
}

/// The largest feature of a row is its predicted class; class 2 occurs but is never predicted.
Samples hand_made() {
  return {.rows = 6,
          .columns = 3,
          .values = {1, 0, 0,   // class 0, right
                     2, 0, 0,   // class 0, right
                     0, 1, 0,   // class 0, predicted as 1
                     0, 3, 0,   // class 1, right
                     2, 2, 2,   // class 1, predicted as 0, the first of equals
                     0, 1, 0},  // class 2, predicted as 1
          .labels = {0, 0, 0, 1, 1, 2}};
}

double softplus(double z) {
  return std::log1p(std::exp(z));
}

TEST(Evaluate, CountsAsAPersonWould) {
  const output::Model model = identity_model();
  const DataFile file(hand_made(), model.class_names);
  const Evaluation found = file.evaluate(model);
  EXPECT_EQ(found.rows, 6U);
  EXPECT_EQ(found.confusion,
            (std::vector<std::vector<std::int64_t>>{{2, 1, 0}, {1, 1, 0}, {0, 1, 0}}));
  EXPECT_EQ(found.accuracy, 3.0 / 6);
  EXPECT_EQ(found.precision(0), 2.0 / 3);
  EXPECT_EQ(found.precision(1), 1.0 / 3);
  EXPECT_TRUE(std::isnan(found.precision(2))) << "no row was put there";
  EXPECT_EQ(found.recall(0), 2.0 / 3);
  EXPECT_EQ(found.recall(1), 1.0 / 2);
  EXPECT_EQ(found.recall(2), 0.0);

  // sum_k softplus(z_k) - z_label, row by row
  const double zero = softplus(0);
  const double loss = (softplus(1) + 2 * zero - 1) + (softplus(2) + 2 * zero - 2) +
                      (softplus(1) + 2 * zero) + (softplus(3) + 2 * zero - 3) +
                      (3 * softplus(2) - 2) + (softplus(1) + 2 * zero);
  // Six rows of numbers of magnitude 1, some tens of roundings.
  EXPECT_NEAR(found.loss, loss / 6, 1e-15 * 10);
  // l2 / 2m ||W||^2 with three weights of 1
  EXPECT_NEAR(found.cost, loss / 6 + 2.0 / 12 * 3, 1e-15 * 10);
}

TEST(Evaluate, UsesTheParametersAskedFor) {
  const output::Model model = identity_model();
  const DataFile file(hand_made(), model.class_names);
  const Evaluation last = file.evaluate(model, Parameters::last);
  EXPECT_EQ(last.confusion,
            (std::vector<std::vector<std::int64_t>>{{0, 3, 0}, {0, 2, 0}, {0, 1, 0}}));
  EXPECT_TRUE(std::isnan(last.precision(0)));
  EXPECT_EQ(last.recall(0), 0.0);
}

TEST(Evaluate, HasNoRecallForAClassThatDoesNotOccur) {
  const output::Model model = identity_model();
  Samples samples = hand_made();
  samples.labels[5] = 1;
  const DataFile file(samples, model.class_names);
  EXPECT_TRUE(std::isnan(file.evaluate(model).recall(2)));
}

TEST(Evaluate, ShowsEachRowOnceWithItsProbabilities) {
  const output::Model model = identity_model();
  const DataFile file(hand_made(), model.class_names);
  std::uint64_t rows = 0;
  (void)file.evaluate(model, Parameters::selected, [&](const Block& block) {
    EXPECT_EQ(block.first_row, rows);
    rows += block.labels.size();
    ASSERT_EQ(block.probabilities.size(), 3 * block.labels.size());
    EXPECT_EQ(block.predictions[3], 1);
    EXPECT_EQ(block.labels[5], 2);
    // Logits 0, 3, 0: a logistic unit each; two roundings.
    EXPECT_EQ(block.probabilities[9], 0.5);
    EXPECT_NEAR(block.probabilities[10], 0.95257412682243321912, 2.5e-16);
  });
  EXPECT_EQ(rows, 6U);
}

/// The results of one pass over a file.
struct Collected {
  std::vector<std::uint64_t> first_rows;
  std::vector<std::int32_t> labels, predictions;
  std::vector<double> probabilities;
  Evaluation evaluation;
};

Collected collect(const output::Model& model, const Samples& samples) {
  Collected all;
  const DataFile file(samples, model.class_names);
  all.evaluation = file.evaluate(model, Parameters::selected, [&](const Block& block) {
    all.first_rows.push_back(block.first_row);
    all.labels.insert(all.labels.end(), block.labels.begin(), block.labels.end());
    all.predictions.insert(all.predictions.end(), block.predictions.begin(),
                           block.predictions.end());
    all.probabilities.insert(all.probabilities.end(), block.probabilities.begin(),
                             block.probabilities.end());
  });
  return all;
}

TEST(Evaluate, FindsTheSameAcrossTheBordersOfBlocks) {
  // So wide that a block holds only the 96 rows of a chunk: 250 rows make three blocks.
  constexpr std::uint64_t columns = 12000;
  const Samples samples = tests::random_samples(250, columns, 3, io::ElementType::uint8, 9);
  output::Model model = tests::blank_model({columns, 4, 3}, config::OutputUnit::softmax);
  model.feature_scale = samples.feature_scale;
  model.selected = network::initial_parameters(model.network, 0.05, 1);
  const Collected whole = collect(model, samples);
  EXPECT_EQ(whole.first_rows, (std::vector<std::uint64_t>{0, 96, 192}));
  EXPECT_EQ(whole.labels, samples.labels);

  // The same rows in separate files of 50.
  double loss = 0;
  std::vector<std::vector<std::int64_t>> confusion(3, std::vector<std::int64_t>(3));
  for (std::uint64_t first = 0; first < 250; first += 50) {
    Samples part{50, columns, samples.type, samples.feature_scale, {}, {}};
    const auto value = samples.values.begin() + static_cast<std::ptrdiff_t>(first * columns);
    part.values.assign(value, value + 50 * columns);
    const auto label = samples.labels.begin() + static_cast<std::ptrdiff_t>(first);
    part.labels.assign(label, label + 50);
    const Collected piece = collect(model, part);
    for (std::size_t i = 0; i < 50; ++i) {
      ASSERT_EQ(piece.predictions[i], whole.predictions[first + i]);
      // Products of other shapes round differently: 12,000 terms up to 0.05 each.
      for (std::size_t k = 0; k < 3; ++k)
        ASSERT_NEAR(piece.probabilities[i * 3 + k], whole.probabilities[(first + i) * 3 + k],
                    1e-12);
    }
    loss += piece.evaluation.loss * 50;
    for (std::size_t a = 0; a < 3; ++a)
      for (std::size_t b = 0; b < 3; ++b) confusion[a][b] += piece.evaluation.confusion[a][b];
  }
  EXPECT_NEAR(whole.evaluation.loss, loss / 250, 1e-12);
  EXPECT_EQ(whole.evaluation.confusion, confusion);
}

TEST(Evaluate, RefusesDataThatTheModelWasNotMadeFor) {
  const output::Model model = identity_model();
  const auto complaint = [&](const Samples& samples, const std::vector<std::string>& names) {
    const DataFile file(samples, names);
    return tests::message_of([&] { (void)file.evaluate(model); });
  };
  tests::expect_message(
      complaint(tests::random_samples(5, 4, 3, io::ElementType::float64, 1), model.class_names),
      {"data.h5", "4 features", "the model has 3"});
  Samples scaled = hand_made();
  scaled.feature_scale = 0.5;
  tests::expect_message(complaint(scaled, model.class_names),
                        {"data.h5", "feature_scale 0.5", "the model has 1"});
  tests::expect_message(complaint(hand_made(), {"class 0", "class 2", "class 1"}),
                        {"data.h5", "class 0,class 2,class 1", "the model"});
  Samples more_classes = hand_made();
  more_classes.labels[4] = 3;
  tests::expect_message(complaint(more_classes, {}), {"data.h5: labels", "row 4 is 3", "0 to 2"});
}

TEST(Evaluate, AcceptsDataWithoutClassNames) {
  const DataFile file(hand_made(), {});
  EXPECT_EQ(file.evaluate(identity_model()).accuracy, 0.5);
}

}  // namespace
}  // namespace annmpi::predict
