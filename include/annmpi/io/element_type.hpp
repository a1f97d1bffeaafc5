#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "annmpi/base/half.hpp"

/// The types of stored numbers, defined once: everything that depends on a type is a template over
/// its C++ type, instantiated from these lists. A new type of features needs a line here, its HDF5
/// type (src/io/hdf5.cpp) and its load into a vector (load_as in
/// src/device/cpu/simd/lanes-inl.hpp); docs/formats.md and the converter, tools/data, name it too.

/// DO(name, C++ type) for every type that features may have. The C++ type converts to float, except
/// for double, without rounding.
#define ANNMPI_FOR_EACH_FEATURE_TYPE(DO) \
  DO(uint8, std::uint8_t)                \
  DO(uint16, std::uint16_t)              \
  DO(float16, Half)                      \
  DO(float32, float)                     \
  DO(float64, double)

/// The same for the types that only labels may have.
#define ANNMPI_FOR_EACH_LABEL_TYPE(DO) \
  DO(int32, std::int32_t)              \
  DO(int64, std::int64_t)

#define ANNMPI_FOR_EACH_ELEMENT_TYPE(DO) \
  ANNMPI_FOR_EACH_FEATURE_TYPE(DO)       \
  ANNMPI_FOR_EACH_LABEL_TYPE(DO)

namespace annmpi::io {

#define ANNMPI_ENUMERATOR(name, Type) name,
/// uint8, float32, ... as listed above. `other`: no type of ours.
enum class ElementType { ANNMPI_FOR_EACH_ELEMENT_TYPE(ANNMPI_ENUMERATOR) other };
#undef ANNMPI_ENUMERATOR

/// The type's name as in options and messages: "uint8", "float32", ...
[[nodiscard]] constexpr std::string_view name_of(ElementType type) {
  switch (type) {
#define ANNMPI_CASE(name, Type) \
  case ElementType::name:       \
    return #name;
    ANNMPI_FOR_EACH_ELEMENT_TYPE(ANNMPI_CASE)
#undef ANNMPI_CASE
    case ElementType::other:
      break;
  }
  return "an unsupported type";
}

[[nodiscard]] constexpr std::size_t bytes_of(ElementType type) {
  switch (type) {
#define ANNMPI_CASE(name, Type) \
  case ElementType::name:       \
    return sizeof(Type);
    ANNMPI_FOR_EACH_ELEMENT_TYPE(ANNMPI_CASE)
#undef ANNMPI_CASE
    case ElementType::other:
      break;
  }
  return 0;
}

/// Whether elements are whole numbers, as labels are.
[[nodiscard]] constexpr bool is_integer(ElementType type) {
  switch (type) {
#define ANNMPI_CASE(name, Type) \
  case ElementType::name:       \
    return std::is_integral_v<Type>;
    ANNMPI_FOR_EACH_ELEMENT_TYPE(ANNMPI_CASE)
#undef ANNMPI_CASE
    case ElementType::other:
      break;
  }
  return false;
}

/// Whether features may have this type.
[[nodiscard]] constexpr bool holds_features(ElementType type) {
#define ANNMPI_IS_TYPE(name, Type) || type == ElementType::name
  return false ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_IS_TYPE);
#undef ANNMPI_IS_TYPE
}

/// The types of features, as in messages: "uint8, float32 or float64".
[[nodiscard]] std::string feature_type_names();

namespace detail {

template <class T>
struct TypeOf;
#define ANNMPI_TYPE_OF(name, Type)                          \
  template <>                                               \
  struct TypeOf<Type> {                                     \
    static constexpr ElementType value = ElementType::name; \
  };
ANNMPI_FOR_EACH_ELEMENT_TYPE(ANNMPI_TYPE_OF)
#undef ANNMPI_TYPE_OF

}  // namespace detail

/// The type whose elements are Ts in memory.
template <class T>
inline constexpr ElementType element_type_of = detail::TypeOf<T>::value;

/// Calls work(std::type_identity<T>()) with the C++ type T of features of this type.
/// @throws std::logic_error for a type that features may not have
template <class Work>
void with_feature_type(ElementType type, Work&& work) {
  switch (type) {
#define ANNMPI_CASE(name, Type) \
  case ElementType::name:       \
    return work(std::type_identity<Type>());
    ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_CASE)
#undef ANNMPI_CASE
#define ANNMPI_CASE(name, Type) case ElementType::name:
    ANNMPI_FOR_EACH_LABEL_TYPE(ANNMPI_CASE)
#undef ANNMPI_CASE
    case ElementType::other:
      break;
  }
  throw std::logic_error("features of a type that no data file may have");
}

}  // namespace annmpi::io
