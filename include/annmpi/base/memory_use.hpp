#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace annmpi {

/// Moments of a run at which its memory is looked at.
enum class Moment {
  start,            ///< MPI is up, nothing is read
  loaded,           ///< this rank has its rows
  prepared,         ///< the objective and the optimizer have their vectors
  first_iteration,  ///< the first iteration is over
  end,              ///< training is over
};

inline constexpr std::array<std::string_view, 5> moment_names{"start", "loaded", "prepared",
                                                              "first_iteration", "end"};

/// Physical memory of this process, in bytes; 0 where the system does not tell.
[[nodiscard]] std::uint64_t resident_bytes();
/// The most that it ever had.
[[nodiscard]] std::uint64_t peak_resident_bytes();

/// How the memory of this process developed.
class MemoryUse {
 public:
  void note(Moment moment) {
    bytes_[static_cast<std::size_t>(moment)] = resident_bytes();
    peak_ = peak_resident_bytes();
  }

  /// In the order of Moment; 0 for those that did not come.
  [[nodiscard]] const std::array<std::uint64_t, moment_names.size()>& bytes() const {
    return bytes_;
  }
  /// The peak until the moment noted last.
  [[nodiscard]] std::uint64_t peak() const { return peak_; }

 private:
  std::array<std::uint64_t, moment_names.size()> bytes_{};
  std::uint64_t peak_ = 0;
};

}  // namespace annmpi
