#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace annmpi {

/// Points of a run at which memory is sampled.
enum class Moment {
  start,            ///< after MPI_Init, before reading data
  loaded,           ///< this rank's rows are in memory
  prepared,         ///< the objective and the optimizer have their vectors
  first_iteration,  ///< after the first iteration
  end,              ///< after training
};

inline constexpr std::array<std::string_view, 5> moment_names{"start", "loaded", "prepared",
                                                              "first_iteration", "end"};

/// Resident memory of this process, in bytes; 0 where the system does not report it.
[[nodiscard]] std::uint64_t resident_bytes();
/// Its maximum since the process started.
[[nodiscard]] std::uint64_t peak_resident_bytes();

/// Memory of this process over the run.
class MemoryUse {
 public:
  void note(Moment moment) {
    bytes_[static_cast<std::size_t>(moment)] = resident_bytes();
    peak_ = peak_resident_bytes();
  }

  /// In the order of Moment; 0 for those not reached.
  [[nodiscard]] const std::array<std::uint64_t, moment_names.size()>& bytes() const {
    return bytes_;
  }
  /// The peak up to the last sample.
  [[nodiscard]] std::uint64_t peak() const { return peak_; }

 private:
  std::array<std::uint64_t, moment_names.size()> bytes_{};
  std::uint64_t peak_ = 0;
};

}  // namespace annmpi
