#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace annmpi {

/// The parts of a run that are timed apart. They do not overlap.
enum class Phase {
  load,      ///< reading and checking this rank's rows
  project,   ///< pre-activations of the first layer from scratch: a pass over the features
  aim,       ///< their change along a direction: a pass over the features
  trials,    ///< cost and slope at trial steps
  gradient,  ///< gradients: a pass over the features
  reduce,    ///< sums over ranks, waiting for the slowest included
  update,    ///< moving theta and what is carried with it, the penalty's gradient
  monitor,   ///< everything for the monitored set but its sums
  output,    ///< progress, records and files
};

inline constexpr std::array<std::string_view, 9> phase_names{
    "load", "project", "aim", "trials", "gradient", "reduce", "update", "monitor", "output"};

/// Calls and wall time of each phase on this rank. A measurement costs two readings of the clock.
class PhaseTimes {
 public:
  struct Entry {
    std::int64_t calls = 0;
    double seconds = 0;
  };

  /// Runs `work` and books its time; returns what it returns.
  template <class Work>
  decltype(auto) measure(Phase phase, Work&& work) {
    const Booking booking(entries_[static_cast<std::size_t>(phase)]);
    return work();
  }

  [[nodiscard]] const std::array<Entry, phase_names.size()>& entries() const { return entries_; }

 private:
  using Clock = std::chrono::steady_clock;

  class Booking {
   public:
    explicit Booking(Entry& entry) : entry_(entry) {}
    ~Booking() {
      ++entry_.calls;
      entry_.seconds += std::chrono::duration<double>(Clock::now() - start_).count();
    }
    Booking(const Booking&) = delete;
    Booking& operator=(const Booking&) = delete;

   private:
    Entry& entry_;
    Clock::time_point start_ = Clock::now();
  };

  std::array<Entry, phase_names.size()> entries_{};
};

}  // namespace annmpi
