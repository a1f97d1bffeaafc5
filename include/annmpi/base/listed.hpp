#pragma once

#include <cstddef>
#include <iterator>
#include <string>

namespace annmpi {

/// Items of a message as a list: listed(names, " or ") is "a, b or c".
template <class Items>
[[nodiscard]] std::string listed(const Items& items, const char* last_separator) {
  const std::size_t count = std::size(items);
  std::string text;
  std::size_t place = 0;
  for (const auto& item : items) {
    if (place > 0) text += place + 1 < count ? ", " : last_separator;
    text += item;
    ++place;
  }
  return text;
}

}  // namespace annmpi
