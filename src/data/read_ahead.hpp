#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace annmpi::data {

/// Produces items of a fixed sequence on a background thread, in a fixed number of slots, so that
/// memory is bounded.
template <class Item>
class ReadAhead {
 public:
  /// At least two slots: one is in use while the others are filled. The thread calls `fill` for one
  /// item after another; `fill` must know which item is next.
  ReadAhead(std::vector<Item> slots, std::function<void(Item&)> fill)
      : slots_(std::move(slots)), fill_(std::move(fill)), thread_([this] { run(); }) {}
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  ~ReadAhead() {
    {
      const std::scoped_lock lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  /// The next item, valid until the next call. @throws what `fill` threw for it, again on every
  /// further call.
  [[nodiscard]] const Item& next() {
    std::unique_lock lock(mutex_);
    given_back_ = taken_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return filled_ > taken_ || trouble_; });
    if (filled_ == taken_) std::rethrow_exception(trouble_);
    return slots_[taken_++ % slots_.size()];
  }

 private:
  void run() {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return stop_ || filled_ - given_back_ < slots_.size(); });
        if (stop_) return;
      }
      std::exception_ptr trouble;
      try {
        fill_(slots_[filled_ % slots_.size()]);  // no other thread changes filled_
      } catch (...) {
        trouble = std::current_exception();
      }
      {
        const std::scoped_lock lock(mutex_);
        if (trouble)
          trouble_ = trouble;
        else
          ++filled_;
      }
      changed_.notify_all();
      if (trouble) return;
    }
  }

  std::vector<Item> slots_;
  std::function<void(Item&)> fill_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Numbers of items: filled so far, handed out, and handed out but no longer in use.
  std::size_t filled_ = 0;
  std::size_t taken_ = 0;
  std::size_t given_back_ = 0;
  std::exception_ptr trouble_;
  bool stop_ = false;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace annmpi::data
