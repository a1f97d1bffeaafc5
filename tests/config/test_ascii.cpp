#include <gtest/gtest.h>

#include "config/ascii.hpp"

namespace annmpi::config {
namespace {

TEST(Ascii, KnowsUtf8) {
  for (const std::string_view text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(text)) << to_ascii(text);
  for (const std::string_view text :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe1\x80",
        "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf1\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff", "a\xc3"})
    EXPECT_FALSE(is_utf8(text)) << to_ascii(text);
}

TEST(Ascii, BringsBackEveryByte) {
  std::string text = "?41 ? ?? ?4 ?g0";
  for (int byte = 0; byte < 256; ++byte) text += static_cast<char>(byte);
  const std::string ascii = to_ascii(text);
  EXPECT_TRUE(ascii.find_first_of("\x80\xff") == std::string::npos);
  EXPECT_EQ(from_ascii(ascii), text);
  EXPECT_EQ(to_ascii("?\xc3"), "?3F?C3");
  EXPECT_EQ(from_ascii("saw '?' and ?C"), "saw '?' and ?C");
}

}  // namespace
}  // namespace annmpi::config
