#include "annmpi/io/element_type.hpp"

#include <iterator>

namespace annmpi::io {

std::string feature_type_names() {
#define ANNMPI_NAME(name, Type) name_of(ElementType::name),
  constexpr std::string_view names[] = {ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_NAME)};
#undef ANNMPI_NAME
  constexpr std::size_t count = std::size(names);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += names[i];
    if (i + 1 < count) text += i + 2 < count ? ", " : " or ";
  }
  return text;
}

}  // namespace annmpi::io
