#include <random>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "annmpi/base/error.hpp"
#include "annmpi/config/configuration_text.hpp"

#include "config/message.hpp"

namespace annmpi::config {
namespace {

/// Any text is either read or refused; a message is one line, and what was read can be written.
void read_or_refuse(const std::string& text) {
  try {
    const Configuration configuration = read(text, "hostile.toml");
    ASSERT_EQ(read(to_toml(configuration), "resolved"), configuration) << text;
  } catch (const Error& error) {
    const std::string message = error.what();
    ASSERT_EQ(message.find('\n'), std::string::npos) << message;
    ASSERT_TRUE(message.starts_with("hostile.toml")) << message;
  }
}

/// Every key, without the comments.
std::string sound_text() {
  Configuration configuration;
  configuration.data.train = "data/\u00fc.h5";
  configuration.model.hidden = {25, 10};
  std::istringstream lines(to_toml(configuration));
  std::string text;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#')) text += line + '\n';
  return text;
}

TEST(HostileText, AnOpenBracketIsRefused) {
  tests::expect_message(tests::message_of([] { (void)read("[\n", "hostile.toml"); }),
                        {"hostile.toml:", "is not valid TOML"});
}

TEST(HostileText, TruncatedAnywhere) {
  const std::string text = sound_text();
  for (std::size_t length = 0; length <= text.size(); ++length)
    read_or_refuse(text.substr(0, length));
}

TEST(HostileText, MutatedAnywhere) {
  static constexpr std::string_view pieces[] = {"[",
                                                "]",
                                                "[[",
                                                "\"",
                                                "'",
                                                "\"\"\"",
                                                "=",
                                                ".",
                                                "\n",
                                                "#",
                                                "{",
                                                "}",
                                                ",",
                                                "-",
                                                "1e999",
                                                "inf",
                                                "nan",
                                                "9223372036854775808",
                                                "0x",
                                                "1979-05-27T07:32:00Z",
                                                "\\u0000",
                                                "\xff",
                                                "\xc3",
                                                "\u00a7",
                                                "\u2003",
                                                "\u6f22",
                                                "&",
                                                "?",
                                                "\xef\xbb\xbf",
                                                "\r",
                                                "true",
                                                "a.b.c",
                                                "[model]",
                                                "\t"};
  const std::string sound = sound_text();
  std::mt19937 random(917);
  for (int round = 0; round < 5000; ++round) {
    std::string text = sound;
    for (auto edits = random() % 4 + 1; edits > 0; --edits) {
      const std::size_t position = random() % text.size();
      const std::string_view piece = pieces[random() % std::size(pieces)];
      if (random() % 3 == 0)
        text[position] = static_cast<char>(random() % 256);
      else
        text.replace(position, random() % 8, piece);
    }
    read_or_refuse(text);
  }
}

TEST(HostileText, Noise) {
  static constexpr std::string_view letters = "[]{}\"'=.,#&?\n\r\t -+_\\0123456789abcxeinf\xc3\xff";
  std::mt19937 random(25);
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 24, ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    read_or_refuse(text);
  }
}

TEST(HostileText, NestedWithoutEnd) {
  for (const char* opening : {"[", "{a=", "[{a="}) {
    std::string text = "model.hidden = ";
    for (int depth = 0; depth < 100000; ++depth) text += opening;
    read_or_refuse(text);
  }
}

TEST(HostileText, KeysThatWouldBreakALine) {
  tests::expect_message(
      tests::message_of([] { (void)read("[model]\n\"a\\nb\" = 1", "hostile.toml"); }),
      {"hostile.toml:2: model.a b: is an unknown key"});
}

}  // namespace
}  // namespace annmpi::config
