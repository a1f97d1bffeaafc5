#include "progress.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

namespace annmpi::data_tool {
namespace {

using namespace std::chrono_literals;

constexpr auto silence = 1s;
constexpr auto between_redraws = 200ms;
constexpr auto between_lines = 5s;

}  // namespace

Progress::Progress(std::string what, std::uint64_t total)
    : what_(std::move(what)),
      total_(std::max<std::uint64_t>(total, 1)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      next_(start_ + (terminal_ ? Clock::duration(silence) : Clock::duration(between_lines))) {}

Progress::~Progress() {
  if (drawn_) std::fputs("\r\033[K", stderr);
}

void Progress::update(std::uint64_t done) {
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? Clock::duration(between_redraws) : Clock::duration(between_lines));
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const double left = share > 0 ? seconds / share - seconds : 0;
  const std::string text = fmt::format("{}: {:.0f} %, {:.0f} s left", what_, 100 * share, left);
  std::fputs((terminal_ ? "\r" + text + "\033[K" : text + "\n").c_str(), stderr);
  std::fflush(stderr);
  drawn_ = terminal_;
}

}  // namespace annmpi::data_tool
