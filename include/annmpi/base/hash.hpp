#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace annmpi {

static_assert(std::endian::native == std::endian::little, "hashes are defined on little-endian");

/// XXH3, 64 bits, of the bytes in memory. Different seeds give unrelated hashes.
[[nodiscard]] std::uint64_t hash64(std::span<const std::byte> bytes, std::uint64_t seed = 0);

/// XXH3 with 128 bits, as 32 hexadecimal digits.
[[nodiscard]] std::string hash128_text(std::span<const std::byte> bytes);

}  // namespace annmpi
