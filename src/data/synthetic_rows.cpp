#include "annmpi/data/synthetic_rows.hpp"

namespace annmpi::data {
namespace {

template <class T>
void fill(HostBlock& rows) {
  auto* const values = reinterpret_cast<T*>(rows.bytes().data());
  for (std::size_t i = 0; i < rows.bytes().size() / sizeof(T); ++i)
    values[i] = static_cast<T>(static_cast<float>(i * 37 % 251));
}

}  // namespace

HostBlock synthetic_rows(const Dataset& set, std::uint64_t rows, std::size_t classes) {
  HostBlock shard({0, rows}, set.features, set.type, set.feature_scale);
  io::with_feature_type(set.type, [&]<class T>(std::type_identity<T>) { fill<T>(shard); });
  for (std::size_t i = 0; i < shard.labels().size(); ++i)
    shard.labels()[i] = static_cast<std::int32_t>(i % classes);
  return shard;
}

}  // namespace annmpi::data
