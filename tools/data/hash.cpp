#include "hash.hpp"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "input_file.hpp"

namespace annmpi::data_tool {

struct Hash::State {
  XXH3_state_t state;
};

Hash::Hash() : state_(std::make_unique<State>()) {
  reset();
}
Hash::~Hash() = default;
Hash::Hash(Hash&&) noexcept = default;
Hash& Hash::operator=(Hash&&) noexcept = default;

void Hash::update(const void* bytes, std::size_t count) {
  XXH3_64bits_update(&state_->state, bytes, count);
}

std::uint64_t Hash::value64() const {
  return XXH3_64bits_digest(&state_->state);
}

void Hash::reset() {
  XXH3_64bits_reset(&state_->state);
}

std::string source_text(const std::string& path, std::uint64_t hash) {
  return fmt::format("{} (XXH3 {:016x})", short_name(path), hash);
}

}  // namespace annmpi::data_tool
