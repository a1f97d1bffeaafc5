#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <concepts>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "annmpi/config/configuration_text.hpp"

#include "config/message.hpp"

namespace annmpi::config {
namespace {

/// Random values of every kind that the settings allow, including extreme ones.
class RandomValue {
 public:
  explicit RandomValue(unsigned seed) : random_(seed) {}

  void operator()(const Allowed& allowed, double& value) {
    do {
      value = std::bit_cast<double>(random_());
      if (random_() % 2 == 0) value = std::generate_canonical<double, 53>(random_);
    } while (!std::isfinite(value) ||
             !(allowed.ends_included ? value >= allowed.least && value <= allowed.most
                                     : value > allowed.least && value < allowed.most));
  }
  template <std::integral Integer>
  void operator()(const Allowed& allowed, Integer& value) {
    const auto least = static_cast<std::uint64_t>(std::max(allowed.least, 0.0));
    const auto most = static_cast<std::uint64_t>(std::min(allowed.most, 0x1p62));
    value = static_cast<Integer>(least + random_() % (most - least + 1));
  }
  void operator()(const Allowed& allowed, std::string& value) {
    static constexpr std::string_view pieces[] = {
        "runs",    "/",      " ",      "\"",     "'",          "\\",
        "\n",      "\t",     "\r",     "#",      "=",          "[",
        "\x7f",    "\x01",   "\u00fc", "\u6f22", "\U0001f30c", std::string_view("\0", 1),
        "\\u0041", "\"\"\"", "{}"};
    value.clear();
    for (std::size_t count = random_() % 12 + (allowed.may_be_empty ? 0 : 1); count > 0; --count)
      value += pieces[random_() % std::size(pieces)];
  }
  template <class Number>
  void operator()(const Allowed& allowed, std::vector<Number>& value) {
    value.resize(random_() % 5 + 1);
    for (Number& entry : value) (*this)(allowed, entry);
  }
  template <class Enumeration>
  requires std::is_enum_v<Enumeration>
  void operator()(const Allowed&, Enumeration& value) {
    value = static_cast<Enumeration>(random_() % names<Enumeration>.size());
  }

 private:
  std::mt19937_64 random_;
};

/// Keys of other optimizers must keep their defaults, and some keys depend on each other.
void make_consistent(Configuration::Optimizer& optimizer) {
  const auto untouched = Configuration::Optimizer::defaults(optimizer.kind);
  if (optimizer.kind != OptimizerKind::lbfgs) optimizer.memory = untouched.memory;
  if (!optimizer.takes_batches()) {
    Configuration::Optimizer kept;
    kept.kind = optimizer.kind;
    kept.max_iterations = optimizer.max_iterations;
    kept.gradient_tolerance = optimizer.gradient_tolerance;
    kept.gradient_norm = optimizer.gradient_norm;
    kept.c1 = std::min(optimizer.c1, optimizer.c2);
    kept.c2 = std::max(optimizer.c1, optimizer.c2);
    kept.max_trials = optimizer.max_trials;
    kept.memory = optimizer.memory;
    kept.refresh_interval = optimizer.refresh_interval;
    kept.patience = optimizer.patience;
    optimizer = kept;
    return;
  }
  optimizer.max_iterations = untouched.max_iterations;
  optimizer.gradient_tolerance = untouched.gradient_tolerance;
  optimizer.gradient_norm = untouched.gradient_norm;
  optimizer.c1 = untouched.c1;
  optimizer.c2 = untouched.c2;
  optimizer.max_trials = untouched.max_trials;
  optimizer.refresh_interval = untouched.refresh_interval;
  const rules::UpdateRule rule = update_rule_of(optimizer.kind).value();
  const auto reset_unused = [&](std::string_view key, auto member) {
    if (!rules::uses(rule, key)) optimizer.*member = untouched.*member;
  };
  using rules::UpdateConstants;
  reset_unused("momentum", &UpdateConstants::momentum);
  reset_unused("nesterov", &UpdateConstants::nesterov);
  reset_unused("beta1", &UpdateConstants::beta1);
  reset_unused("beta2", &UpdateConstants::beta2);
  reset_unused("epsilon", &UpdateConstants::epsilon);
  reset_unused("weight_decay", &UpdateConstants::weight_decay);
  optimizer.nesterov = optimizer.nesterov && optimizer.momentum > 0;
  optimizer.warmup_epochs =
      std::min(optimizer.warmup_epochs, static_cast<double>(optimizer.epochs));
  if (optimizer.schedule != rules::Schedule::step) {
    optimizer.step_epochs = untouched.step_epochs;
    optimizer.step_factor = untouched.step_factor;
  }
  if (optimizer.schedule != rules::Schedule::cosine)
    optimizer.final_factor = untouched.final_factor;
}

Configuration random_configuration(unsigned seed) {
  Configuration configuration;
  RandomValue randomise(seed);
  for_each_setting(configuration, [&](std::string_view, const auto& setting, auto& value) {
    randomise(setting.allowed, value);
  });
  make_consistent(configuration.optimizer);
  if (configuration.data.test.empty() && configuration.data.validation.empty())
    configuration.optimizer.patience = 0;  // no set is monitored
  return configuration;
}

TEST(Write, ReadsBackToTheSameBits) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    const Configuration configuration = random_configuration(seed);
    const std::string text = to_toml(configuration);
    ASSERT_EQ(read(text, "resolved"), configuration) << text;
    ASSERT_EQ(to_toml(read(text, "resolved")), text);
  }
}

TEST(Write, KeepsTheSignOfZeroAndTheSmallestNumbers) {
  Configuration configuration;
  configuration.data.train = "a.h5";
  for (const double value : {0.0, -0.0, 5e-324, 2.2250738585072011e-308, 1.7976931348623157e308,
                             0.1, 1e22, 9007199254740993.0}) {
    configuration.model.l2 = value;
    const double back = read(to_toml(configuration), "resolved").model.l2;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back), std::bit_cast<std::uint64_t>(value)) << value;
  }
}

TEST(PrintConfig, ReadsBackToEveryDefault) {
  Configuration expected;
  expected.data.train = "a.h5";
  EXPECT_EQ(read(print_config(), "printed", {parse_override("data.train=a.h5")}), expected);
}

TEST(PrintConfig, HasEveryKeyOnceUnderItsSectionWithAComment) {
  std::vector<std::string> expected;
  const Configuration configuration;
  for_each_setting(configuration, [&](std::string_view section, const auto& setting, const auto&) {
    expected.push_back(fmt::format("{}.{}", section, setting.key));
    EXPECT_FALSE(setting.meaning.empty()) << setting.key;
  });
  std::vector<std::string> printed;
  std::string section;
  std::string before;
  std::istringstream lines(print_config());
  for (std::string line; std::getline(lines, line); before = line) {
    if (line.starts_with('[')) section = line.substr(1, line.size() - 2);
    if (line.empty() || !std::isalpha(static_cast<unsigned char>(line.front()))) continue;
    printed.push_back(section + '.' + line.substr(0, line.find(' ')));
    EXPECT_TRUE(before.starts_with("# ")) << line;
  }
  EXPECT_EQ(printed, expected);
}

TEST(PrintConfig, GivesRangesAndChoices) {
  const std::string text = print_config();
  for (const char* part :
       {"(an integer, from 0 to 4294967295)\nseed = 917\n", R"(("sigmoid", "tanh", )",
        "(a number, more than 0)", "gradient_tolerance = 1e-05\n", "hidden = [8]\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST(Hash, IgnoresWhereARunIsWritten) {
  Configuration one;
  one.data.train = "a.h5";
  Configuration other = one;
  other.output = {"elsewhere", log::Level::debug};
  EXPECT_EQ(configuration_hash(one), configuration_hash(other));
  EXPECT_EQ(configuration_hash(one).size(), 32U);
  EXPECT_EQ(configuration_hash(one).find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(Hash, ChangesWithEveryOtherKey) {
  std::set<std::string> hashes;
  std::size_t keys = 0;
  const Configuration original;
  for_each_setting(original, [&](std::string_view section, const auto& setting, const auto&) {
    if (section == "output") return;
    // Change the same key of a copy, if it has more than one value.
    Configuration changed;
    for_each_setting(changed, [&](std::string_view other, const auto& same, auto& value) {
      if (other != section || same.key != setting.key) return;
      const auto before = value;
      RandomValue randomise(1);
      for (int attempt = 0; attempt < 50 && value == before; ++attempt)
        randomise(same.allowed, value);
    });
    if (changed == original) return;  // one choice only
    ++keys;
    hashes.insert(configuration_hash(changed));
    EXPECT_NE(configuration_hash(changed), configuration_hash(original)) << setting.key;
  });
  EXPECT_EQ(hashes.size(), keys);
  EXPECT_GE(keys, 18U);
}

}  // namespace
}  // namespace annmpi::config
