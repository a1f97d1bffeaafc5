#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace annmpi::data_tool {

/// A kind of IDX file: its name and number of dimensions.
struct IdxContents {
  const char* name;
  int fewest_dimensions;
  int usual_dimensions;
  int most_dimensions;
};
inline constexpr IdxContents idx_images{"images", 2, 3, 4};
inline constexpr IdxContents idx_labels{"labels", 1, 1, 1};

/// An IDX file of unsigned bytes, the format of MNIST, plain or compressed with gzip: two zero
/// bytes, the element type, the number of dimensions; each dimension as 32 bits, big-endian; then
/// the elements.
class IdxReader {
 public:
  /// Reads the header. @throws Error if the file is not of this kind.
  IdxReader(const std::string& path, const IdxContents& contents);
  ~IdxReader();
  IdxReader(const IdxReader&) = delete;
  IdxReader& operator=(const IdxReader&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::vector<std::uint64_t>& shape() const { return shape_; }
  /// Elements of one item: the product of all dimensions but the first.
  [[nodiscard]] std::uint64_t item_elements() const;

  /// Reads the next elements. @throws Error if the file ends before.
  void read(std::span<std::uint8_t> elements);
  void skip(std::uint64_t elements);
  /// @throws Error if anything follows the last element.
  void require_end();

  /// XXH3 of the file as stored on disk.
  [[nodiscard]] std::uint64_t file_hash() const;

 private:
  struct Stream;

  std::size_t take(std::uint8_t* to, std::size_t count);

  std::string path_;
  std::unique_ptr<Stream> stream_;
  std::vector<std::uint64_t> shape_;
};

}  // namespace annmpi::data_tool
