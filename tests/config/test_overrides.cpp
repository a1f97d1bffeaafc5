#include <gtest/gtest.h>

#include "annmpi/config/configuration_text.hpp"

#include "config/message.hpp"

namespace annmpi::config {
namespace {

Configuration read_with(const std::vector<std::string>& assignments) {
  std::vector<Override> overrides;
  for (const std::string& assignment : assignments) overrides.push_back(parse_override(assignment));
  return read("[data]\ntrain = 'a.h5'\n[model]\nl2 = 1", "galaxy.toml", overrides);
}

void expect_refused(const std::vector<std::string>& assignments,
                    std::initializer_list<std::string_view> parts) {
  tests::expect_message(tests::message_of([&] { (void)read_with(assignments); }), parts);
}

TEST(Overrides, ReplaceWhatTheFileSays) {
  EXPECT_EQ(read_with({"model.l2=0.3"}).model.l2, 0.3);
  EXPECT_EQ(read_with({"data.train=\"b.h5\""}).data.train, "b.h5");
}

TEST(Overrides, AreTomlValues) {
  EXPECT_EQ(read_with({"model.hidden=[25, 10]"}).model.hidden, (std::vector<std::int64_t>{25, 10}));
  EXPECT_EQ(read_with({"model.l2=3"}).model.l2, 3.0);
  EXPECT_EQ(read_with({"model.seed=0x10"}).model.seed, 16U);
  EXPECT_EQ(read_with({"data.test='say \"hello\"'"}).data.test, "say \"hello\"");
}

TEST(Overrides, AreTextWhereTheyAreNoToml) {
  EXPECT_EQ(read_with({"data.train=runs/a b.h5"}).data.train, "runs/a b.h5");
  EXPECT_EQ(read_with({"data.test=a=b.h5"}).data.test, "a=b.h5");
  EXPECT_EQ(read_with({"data.test=a #1.h5"}).data.test, "a #1.h5");
  EXPECT_EQ(read_with({"data.test="}).data.test, "");
  EXPECT_EQ(read_with({"data.test=1\nx=2"}).data.test, "1\nx=2");
  EXPECT_EQ(read_with({"data.test=C:\\new"}).data.test, "C:\\new");
  EXPECT_EQ(read_with({"compute.device=cpu"}).compute.device, DeviceChoice::cpu);
  EXPECT_EQ(read_with({"compute.device=gpu"}).compute.device, DeviceChoice::gpu);
}

TEST(Overrides, ReachNamesThatLookLikeNumbers) {
  EXPECT_EQ(read_with({"optimizer.gradient_norm=2"}).optimizer.gradient_norm,
            rules::GradientNorm::euclidean);
  EXPECT_EQ(read_with({"optimizer.gradient_norm=inf"}).optimizer.gradient_norm,
            rules::GradientNorm::infinity);
}

TEST(Overrides, MayHaveBlanksAroundTheEqualsSign) {
  EXPECT_EQ(read_with({" model.l2 = 0.3 "}).model.l2, 0.3);
}

TEST(Overrides, MayCorrectTheFile) {
  const auto configuration = read("data.train='a'\noptimizer.c1 = 0.5", "galaxy.toml",
                                  {parse_override("optimizer.c2=0.6")});
  EXPECT_EQ(configuration.optimizer.c2, 0.6);
}

TEST(Overrides, AreNamedInMessages) {
  expect_refused({"model.l2=-1"}, {"--set model.l2=-1: model.l2 = -1: is out of range"});
  expect_refused({"model.l3=1"}, {"--set model.l3=1: ", "nearest is model.l2"});
  expect_refused({"modle.l2=1"}, {"--set modle.l2=1: ", "nearest is model.l2"});
  expect_refused({"seed=1"}, {"--set seed=1: ", "nearest is model.seed"});
  expect_refused({"compute.device=tpu"}, {"--set compute.device=tpu: ", R"("cpu" or "gpu")"});
  expect_refused({"optimizer.c1=0.5"}, {"--set optimizer.c1=0.5: ", "c1 < c2"});
  expect_refused({"data.train="}, {"--set data.train=: ", "is empty"});
  expect_refused({"data.test=2024"}, {"--set data.test=2024: ", "strings are written in quotes"});
}

TEST(Overrides, CountFromTheLastOfAKey) {
  EXPECT_EQ(read_with({"model.l2=2", "model.l2=3"}).model.l2, 3.0);
  EXPECT_EQ(read_with({"model.l2=3", "model.seed=4", "model.l2=2"}).model.l2, 2.0);
  EXPECT_EQ(read_with({"model.l2=wrong", "model.l2=0.5"}).model.l2, 0.5);
  expect_refused({"model.l3=1", "model.l2=1"}, {"--set model.l3=1: ", "unknown key"});
}

TEST(Overrides, AreUtf8) {
  expect_refused({"data.test=\xff.h5"}, {"is not UTF-8", "rename"});
}

TEST(Overrides, AreAssignments) {
  for (const char* text : {"model.l2", "=3", ""})
    tests::expect_message(tests::message_of([&] { (void)parse_override(text); }),
                          {"--set", "is not an assignment", "section.key=value"});
}

}  // namespace
}  // namespace annmpi::config
