#include <gtest/gtest.h>

#include "annmpi/config/configuration_text.hpp"

#include "config/message.hpp"

namespace annmpi::config {
namespace {

void expect_refused(std::string_view text, std::initializer_list<std::string_view> parts) {
  tests::expect_message(tests::message_of([&] { (void)read(text, "galaxy.toml"); }), parts);
}

TEST(Read, TakesEveryKeyOfEverySection) {
  const Configuration configuration = read(R"(
[data]
train = "a.h5"
test = "b.h5"
validation = "c.h5"
[model]
hidden = [25, 10]
hidden_activation = "tanh"
output = "softmax"
l2 = 1
init = "he"
init_half_width = 0.05
seed = 4294967295
start_from = "runs/zero/model.h5"
selection = "last"
[optimizer]
kind = "lbfgs"
max_iterations = 0
gradient_tolerance = 0.0
gradient_norm = "2"
c1 = 0.001
c2 = 0.1
max_trials = 20
memory = 7
refresh_interval = 1
patience = 3
[compute]
device = "cpu"
precision = "mixed"
deterministic = false
threads = 3
chunk_rows = 96
shares = [2, 0.5]
[output]
directory = "runs/one"
log_level = "debug"
)",
                                           "galaxy.toml");
  Configuration expected;
  expected.data = {"a.h5", "b.h5", "c.h5"};
  expected.model = {{25, 10},    Activation::tanh,     OutputUnit::softmax,
                    1.0,         Initialisation::he,   0.05,
                    4294967295U, "runs/zero/model.h5", Selection::last};
  expected.optimizer = {
      {}, OptimizerKind::lbfgs, 0, 0.0, rules::GradientNorm::euclidean, 0.001, 0.1, 20, 7, 1, 3};
  expected.compute = {DeviceChoice::cpu, Precision::mixed, false, 3, 96, {2, 0.5}, 0};
  expected.output = {"runs/one", log::Level::debug};
  EXPECT_EQ(configuration, expected);
}

TEST(Read, KeepsTheDefaultOfWhatIsNotWritten) {
  Configuration expected;
  expected.data.train = "a.h5";
  EXPECT_EQ(read("data.train = 'a.h5'", "galaxy.toml"), expected);
}

TEST(Read, TakesTheCurvatureConstantOfTheMethodWhereNoneIsGiven) {
  const auto c2 = [](const std::string& lines) {
    return read("data.train = 'a'\n" + lines, "galaxy.toml").optimizer.c2;
  };
  EXPECT_EQ(c2("optimizer.kind = 'cg'"), 0.4);
  EXPECT_EQ(c2("optimizer.kind = 'lbfgs'"), 0.9);
  EXPECT_EQ(c2("optimizer.kind = 'lbfgs'\noptimizer.c2 = 0.4"), 0.4);
  EXPECT_EQ(read("data.train = 'a'", "", {parse_override("optimizer.kind=lbfgs")}).optimizer.c2,
            0.9);
}

TEST(Read, DemandsATrainingSet) {
  expect_refused("",
                 {"galaxy.toml: data.train: is missing", "HDF5", "[data]", "--set data.train="});
  expect_refused("[data]\ntrain = ''", {"galaxy.toml:2: data.train = \"\": is empty"});
}

TEST(Read, NamesTheNearestKey) {
  expect_refused("[model]\n\nhiden = [8]",
                 {"galaxy.toml:3: model.hiden: is an unknown key", "nearest is model.hidden"});
  expect_refused("[optimizer]\nmax_iter = 8", {":2: ", "nearest is optimizer.max_iterations"});
  expect_refused("[model]\nsede = 8", {":2: ", "nearest is model.seed"});
}

TEST(Read, FindsAKeyUnderTheWrongSection) {
  expect_refused("[optimizer]\nl2 = 1", {"galaxy.toml:2: optimizer.l2:", "nearest is model.l2"});
  expect_refused("hidden = [8]", {"galaxy.toml:1: hidden:", "nearest is model.hidden"});
}

TEST(Read, ListsTheKeysWhereNoneIsNear) {
  expect_refused("[compute]\nfrobnicate = 1",
                 {"galaxy.toml:2: compute.frobnicate:",
                  "device, precision, deterministic, threads, chunk_rows"});
  expect_refused("frobnicate = 1", {"galaxy.toml:1: frobnicate:", "data, model, optimizer"});
}

TEST(Read, NamesTheNearestSection) {
  expect_refused("\n[modle]\nl2 = 1",
                 {"galaxy.toml:2: [modle]: is an unknown section", "nearest is [model]"});
  expect_refused("[zzz]", {"galaxy.toml:1: [zzz]:", "data, model, optimizer, compute, output"});
}

TEST(Read, KnowsNoKeysOfLaterBuilds) {
  for (const char* line : {"data.validation_fraction = 0.1", "checkpoint.keep = 2"})
    expect_refused(line, {"galaxy.toml:1: ", "is an unknown"});
}

TEST(Read, RefusesValuesOutOfRange) {
  for (const char* line :
       {"model.l2 = -1e-300", "model.init_half_width = 0", "model.seed = -1",
        "model.seed = 4294967296", "optimizer.max_iterations = -1",
        "optimizer.gradient_tolerance = -1", "optimizer.c1 = 0", "optimizer.c1 = 1.0",
        "optimizer.c2 = 0.0", "optimizer.c2 = 1", "optimizer.max_trials = 0",
        "optimizer.memory = 0", "optimizer.patience = -1", "optimizer.memory = 1001",
        "optimizer.refresh_interval = 0", "compute.chunk_rows = -1"})
    expect_refused(std::string("data.train = 'a'\n") + line,
                   {"galaxy.toml:2: ", std::string(line), "is out of range", "write a"});
}

TEST(Read, RefusesSharesThatDealNothing) {
  expect_refused("data.train = 'a'\ncompute.shares = [1, -1]",
                 {"galaxy.toml:2: compute.shares = [1, -1]: its entry 2 is out of range",
                  "a list like [1, 0.5] of numbers, each 0 or more"});
  expect_refused("data.train = 'a'\ncompute.shares = [0, 0]",
                 {"galaxy.toml:2: compute.shares = [0.0, 0.0]:", "assigns no rows to any rank"});
}

TEST(Read, SaysWhichValuesAreInRange) {
  expect_refused("data.train='a'\nmodel.seed = -1", {"an integer, from 0 to 4294967295"});
  expect_refused("data.train='a'\nmodel.l2 = -1", {"a number, 0 or more"});
  expect_refused("data.train='a'\nmodel.init_half_width = 0", {"a number, more than 0"});
  expect_refused("data.train='a'\noptimizer.c1 = 2", {"between 0 and 1, excluding both"});
}

TEST(Read, RefusesNumbersThatAreNotFinite) {
  for (const char* line : {"model.l2 = inf", "model.l2 = nan", "optimizer.c1 = -inf"})
    expect_refused(std::string("data.train = 'a'\n") + line, {"galaxy.toml:2: ", "is not finite"});
}

TEST(Read, NamesTheWrongEntryOfAList) {
  expect_refused("data.train = 'a'\nmodel.hidden = [8, 0]",
                 {"galaxy.toml:2: model.hidden = [8, 0]: its entry 2 is out of range",
                  "1 or more integers, each from 1 to 1000000"});
  expect_refused("data.train = 'a'\nmodel.hidden = [1000001]", {"its entry 1 is out of range"});
  expect_refused("data.train = 'a'\nmodel.hidden = [8, 'x']", {"its entry 2 is a string"});
  expect_refused("data.train = 'a'\nmodel.hidden = []", {"galaxy.toml:2: ", "is empty"});
}

TEST(Read, RefusesWrongTypes) {
  expect_refused("data.train = 3", {":1: data.train = 3: is an integer"});
  expect_refused("data.train = 2026-01-01", {":1: data.train = a date or time"});
  expect_refused("data.train = 'a'\nmodel.hidden = 8", {":2: model.hidden = 8: is an integer"});
  expect_refused("data.train = 'a'\nmodel.l2 = '1'", {":2: model.l2 = \"1\": is a string"});
  expect_refused("data.train = 'a'\nmodel.l2 = true", {":2: model.l2 = true: is a boolean"});
  expect_refused("data.train = 'a'\n[model.l2]\nx = 1", {":2: model.l2 = a table"});
  expect_refused("data.train = 'a'\n[[model]]\nl2 = 1", {":2: model: is "});
}

TEST(Read, SaysWhichIntegerARealNumberMeans) {
  expect_refused("data.train = 'a'\noptimizer.max_trials = 8.0",
                 {":2: optimizer.max_trials = 8.0: is a real number (the integer is 8)"});
  expect_refused("data.train = 'a'\noptimizer.max_trials = 8.5",
                 {":2: optimizer.max_trials = 8.5: is a real number;"});
}

TEST(Read, ListsTheChoices) {
  expect_refused("data.train = 'a'\nmodel.hidden_activation = 'swish'",
                 {":2: model.hidden_activation = \"swish\": is none of the choices",
                  R"(write "sigmoid", "tanh", )"});
  expect_refused("data.train = 'a'\nmodel.selection = 3", {":2: ", R"("best" or "last")"});
  expect_refused(
      "data.train = 'a'\noptimizer.kind = 'newton'",
      {":2: ", R"("cg", "lbfgs", "sgd")", fmt::format(R"( or "{}")", names<OptimizerKind>.back())});
  expect_refused("data.train = 'a'\noutput.log_level = 'off'", {":2: ", "\"debug\""});
}

TEST(Read, TakesNamesThatLookLikeNumbersWithoutQuotes) {
  EXPECT_EQ(read("data.train='a'\noptimizer.gradient_norm = 2", "").optimizer.gradient_norm,
            rules::GradientNorm::euclidean);
  EXPECT_EQ(read("data.train='a'\noptimizer.gradient_norm = inf", "").optimizer.gradient_norm,
            rules::GradientNorm::infinity);
}

TEST(Read, TakesTheKeysOfMiniBatches) {
  const Configuration::Optimizer found = read(R"(
data.train = "a.h5"
[optimizer]
kind = "adam"
batch_size = 64
epochs = 3
learning_rate = 0.01
beta1 = 0.8
beta2 = 0.99
epsilon = 1e-6
weight_decay = 0.1
clip_norm = 5
schedule = "cosine"
warmup_epochs = 0.5
final_factor = 0.01
)",
                                              "digits.toml")
                                             .optimizer;
  Configuration::Optimizer expected;
  expected.kind = kind_of(rules::UpdateRule::adam);
  expected.batch_size = 64;
  expected.epochs = 3;
  expected.learning_rate = 0.01;
  expected.beta1 = 0.8;
  expected.beta2 = 0.99;
  expected.epsilon = 1e-6;
  expected.weight_decay = 0.1;
  expected.clip_norm = 5;
  expected.schedule = rules::Schedule::cosine;
  expected.warmup_epochs = 0.5;
  expected.final_factor = 0.01;
  EXPECT_EQ(found, expected);
}

TEST(Read, RefusesKeysThatMeanNothingToTheOptimizer) {
  const std::string start = "data.train = 'a'\noptimizer.kind = ";
  expect_refused(start + "'cg'\noptimizer.epochs = 3",
                 {":3: optimizer.epochs = 3", R"("cg")", R"(it belongs to "sgd")",
                  fmt::format(R"( and "{}")", names<OptimizerKind>.back())});
  expect_refused(start + "'cg'\noptimizer.memory = 3", {"optimizer.memory", R"("lbfgs")"});
  expect_refused(start + "'adam'\noptimizer.momentum = 0.9", {"optimizer.momentum", R"("sgd")"});
  expect_refused(start + "'sgd'\noptimizer.weight_decay = 0.1",
                 {"optimizer.weight_decay", R"("adam")"});
  expect_refused(start + "'sgd'\noptimizer.max_iterations = 3",
                 {"optimizer.max_iterations", R"("cg" and "lbfgs")"});
  // A resolved configuration contains all of them, with their defaults.
  EXPECT_NO_THROW((void)read(start + "'sgd'\noptimizer.beta1 = 0.9", "digits.toml"));
}

TEST(Read, FillsInTheDefaultsOfEveryKind) {
  for (const std::string_view name : names<OptimizerKind>) {
    const std::string text = fmt::format("data.train = 'a'\noptimizer.kind = '{}'\n", name);
    const auto kind = value_named<OptimizerKind>(name).value();
    EXPECT_EQ(read(text, "").optimizer, Configuration::Optimizer::defaults(kind)) << name;
  }
  const auto given = read("optimizer.kind = 'lbfgs'\noptimizer.c2 = 0.5\ndata.train = 'a'", "");
  EXPECT_EQ(given.optimizer.c2, 0.5);
}

/// As PyTorch's.
TEST(Read, HasTheDefaultsOfEveryUpdateRule) {
  struct Case {
    std::string_view name;
    double learning_rate;
    rules::UpdateConstants constants;
  };
  const std::vector<Case> cases{
      {"sgd", 0.001, {}},
      {"adam", 0.001, {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8}},
      {"adagrad", 0.01, {.epsilon = 1e-10}},
      {"rmsprop", 0.01, {.beta2 = 0.99, .epsilon = 1e-8}},
      {"lion", 1e-4, {.beta1 = 0.9, .beta2 = 0.99}},
  };
  ASSERT_EQ(cases.size(), rules::update_rule_names.size());
  for (const Case& one : cases) {
    const auto kind = value_named<OptimizerKind>(one.name).value();
    const auto found = Configuration::Optimizer::defaults(kind);
    EXPECT_EQ(found.learning_rate, one.learning_rate) << one.name;
    EXPECT_EQ(static_cast<const rules::UpdateConstants&>(found), one.constants) << one.name;
  }
}

TEST(Read, RefusesSchedulesThatDoNotFit) {
  const std::string start = "data.train = 'a'\noptimizer.kind = 'sgd'\noptimizer.";
  expect_refused(start + "schedule = 'linear'", {R"("constant", "step" or "cosine")"});
  expect_refused(start + "nesterov = true", {"optimizer.nesterov = true", "momentum"});
  expect_refused(start + "warmup_epochs = 11", {"optimizer.warmup_epochs = 11", "epochs"});
  expect_refused(start + "step_factor = 0.5", {"optimizer.step_factor", R"("step")"});
  expect_refused(start + "step_epochs = 5", {"optimizer.step_epochs", R"("step")"});
  expect_refused(start + "final_factor = 0.5", {"optimizer.final_factor", R"("cosine")"});
}

TEST(Read, RefusesConstantsThatNoStepCouldSatisfy) {
  expect_refused("data.train = 'a'\noptimizer.c1 = 0.5",
                 {"galaxy.toml:2: ", "optimizer.c1 = 0.5", "optimizer.c2 = 0.4", "c1 < c2"});
  expect_refused("data.train = 'a'\noptimizer.c2 = 1e-4", {"galaxy.toml:2: ", "c1 < c2"});
}

TEST(Read, RefusesPatienceWithNothingToWatch) {
  expect_refused(
      "data.train = 'a'\noptimizer.patience = 5",
      {"galaxy.toml:2: optimizer.patience = 5", "no cost to monitor", "data.validation"});
  for (const char* watched : {"data.test = 'b'", "data.validation = 'c'"})
    EXPECT_EQ(read(std::string("data.train = 'a'\noptimizer.patience = 5\n") + watched, "a.toml")
                  .optimizer.patience,
              5);
}

TEST(Read, NamesLineAndColumnOfWhatIsNoToml) {
  expect_refused("[data]\ntrain = 'a'\ntrain = 'b'", {"galaxy.toml:3:", "is not valid TOML"});
  expect_refused("[data]\ntrain = a.h5", {"galaxy.toml:2:9: is not valid TOML"});
  expect_refused("[data\n", {"galaxy.toml:1:", "is not valid TOML"});
  expect_refused("data.train = '\xff'", {"galaxy.toml:1:", "is not UTF-8"});
  expect_refused("# \u00fc\n\n# \xc3", {"galaxy.toml:3:", "is not UTF-8"});
}

TEST(Read, CountsColumnsInCharacters) {
  expect_refused("x = 1\ndata.train = '\u00fc\u6f22?' oops",
                 {"galaxy.toml:2:20: is not valid TOML"});
}

TEST(Read, RefusesCharactersOutsideAsciiOnlyWhereTomlDoes) {
  const Configuration configuration =
      read("\ufeff# \u00a7\ndata.train = '\u00fc?41.h5'\ndata.test = \"\"\"\\\n\u00a7\"\"\"",
           "galaxy.toml");
  EXPECT_EQ(configuration.data.train, "\u00fc?41.h5");
  EXPECT_EQ(configuration.data.test, "\u00a7");
  for (const char* text : {"\u00fc = 1", "data.train = \u00fc", "[\u00a7]", "x = {\u00a7", "\u032a",
                           "data.train = 'a' \u00a0"})
    expect_refused(text, {"galaxy.toml:1:", "is not valid TOML"});
  expect_refused("[model]\n'\u00fc' = 1", {"galaxy.toml:2: model.\u00fc: is an unknown key"});
}

TEST(Read, CutsLongValuesShortInMessages) {
  const std::string message = tests::message_of([] {
    (void)read("data.train = 'a'\nmodel.l2 = '" + std::string(5000, 'x') + "'", "galaxy.toml");
  });
  EXPECT_LT(message.size(), 200U);
}

}  // namespace
}  // namespace annmpi::config
