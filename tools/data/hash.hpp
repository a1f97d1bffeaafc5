#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace annmpi::data_tool {

/// XXH3 over bytes that arrive in blocks.
class Hash {
 public:
  Hash();
  ~Hash();
  Hash(Hash&&) noexcept;
  Hash& operator=(Hash&&) noexcept;

  void update(const void* bytes, std::size_t count);
  /// The 64-bit hash of all bytes so far.
  [[nodiscard]] std::uint64_t value64() const;
  /// Discards all bytes so far.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "train.csv (XXH3 0123456789abcdef)": the form of an input in the attribute `source`.
std::string source_text(const std::string& path, std::uint64_t hash);

}  // namespace annmpi::data_tool
