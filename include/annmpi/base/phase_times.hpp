#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace annmpi {

/// The phases of a run whose time is measured. They do not overlap and cover nearly all of it.
enum class Phase {
  load,      ///< reading and checking this rank's rows
  project,   ///< pre-activations of the first layer from scratch: a pass over the features
  aim,       ///< their derivative along a direction: a pass over the features of both sets
  trials,    ///< cost and slope at trial steps
  gradient,  ///< gradients: a pass over the features
  steps,     ///< mini-batches: values, gradients and updates
  reduce,    ///< sums over ranks, once the last rank has arrived, and the gradient made of them;
             ///< broadcast of decisions
  wait,      ///< for slower ranks and for the decisions of rank 0
  update,    ///< theta and the values carried with it, the optimizer's vectors and decisions
  monitor,   ///< evaluation of the monitored set without its sums; after an epoch of both sets
  output,    ///< progress, records and files
};

inline constexpr std::array<std::string_view, 11> phase_names{
    "load",   "project", "aim",    "trials",  "gradient", "steps",
    "reduce", "wait",    "update", "monitor", "output"};

/// Calls and wall time of each phase on this rank. A measurement reads the clock twice.
/// Measurements may be nested: nested time is excluded from the outer phase.
class PhaseTimes {
 public:
  struct Entry {
    std::int64_t calls = 0;
    double seconds = 0;
  };

  /// Runs `work`, adds its time to the phase, and returns its result.
  template <class Work>
  decltype(auto) measure(Phase phase, Work&& work) {
    const Booking booking(entry(phase), nested_seconds_);
    return work();
  }

  /// Moves time, spent in so many calls, from one phase to another.
  void move(Phase from, Phase to, double seconds, std::int64_t calls) {
    entry(from).seconds -= seconds;
    entry(to).seconds += seconds;
    entry(to).calls += calls;
  }

  [[nodiscard]] const Entry& operator[](Phase phase) const {
    return entries_[static_cast<std::size_t>(phase)];
  }
  [[nodiscard]] const std::array<Entry, phase_names.size()>& entries() const { return entries_; }

 private:
  using Clock = std::chrono::steady_clock;

  class Booking {
   public:
    Booking(Entry& entry, double& nested_seconds)
        : entry_(entry), nested_(nested_seconds), outer_nested_(std::exchange(nested_seconds, 0)) {}
    ~Booking() {
      const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
      ++entry_.calls;
      entry_.seconds += elapsed - nested_;
      nested_ = outer_nested_ + elapsed;
    }
    Booking(const Booking&) = delete;
    Booking& operator=(const Booking&) = delete;

   private:
    Entry& entry_;
    double& nested_;       ///< time measured inside the innermost open measurement
    double outer_nested_;  ///< the same of the enclosing one, before this one
    Clock::time_point start_ = Clock::now();
  };

  Entry& entry(Phase phase) { return entries_[static_cast<std::size_t>(phase)]; }

  std::array<Entry, phase_names.size()> entries_{};
  double nested_seconds_ = 0;
};

}  // namespace annmpi
