#include <gtest/gtest.h>

#include "annmpi/io/element_type.hpp"

namespace annmpi::io {
namespace {

TEST(ElementType, IsNamedAndMeasured) {
  EXPECT_EQ(name_of(ElementType::uint16), "uint16");
  EXPECT_EQ(bytes_of(ElementType::float16), 2U);
  EXPECT_TRUE(is_integer(ElementType::int64));
  EXPECT_FALSE(is_integer(ElementType::float16));
  EXPECT_EQ(name_of(ElementType::other), "an unsupported type");
  EXPECT_EQ(bytes_of(ElementType::other), 0U);
  EXPECT_FALSE(is_integer(ElementType::other));
  EXPECT_EQ(feature_type_names(), "uint8, uint16, float16, float32 or float64");
}

TEST(ElementType, SelectsTheTypeOfFeatures) {
#define ANNMPI_EXPECT_SELECTED(name, Type)                                  \
  EXPECT_TRUE(holds_features(ElementType::name));                           \
  EXPECT_EQ(element_type_of<Type>, ElementType::name);                      \
  with_feature_type(ElementType::name, []<class T>(std::type_identity<T>) { \
    EXPECT_TRUE((std::is_same_v<T, Type>)) << #name;                        \
  });
  ANNMPI_FOR_EACH_FEATURE_TYPE(ANNMPI_EXPECT_SELECTED)
#undef ANNMPI_EXPECT_SELECTED
  for (const ElementType type : {ElementType::int32, ElementType::int64, ElementType::other}) {
    EXPECT_FALSE(holds_features(type));
    EXPECT_THROW(with_feature_type(type, [](auto) {}), std::logic_error);
  }
}

}  // namespace
}  // namespace annmpi::io
