#include "annmpi/io/element_type.hpp"

#include "annmpi/base/listed.hpp"

namespace annmpi::io {

std::string feature_type_names() {
#define ANNMPI_NAME(name, Type) name_of(ElementType::name),
  constexpr std::string_view names[] = {ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_NAME)};
#undef ANNMPI_NAME
  return listed(names, " or ");
}

}  // namespace annmpi::io
