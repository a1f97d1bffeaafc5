#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <type_traits>
#include <utility>

namespace annmpi {

/// A decision that is made on one rank and used by all.
///
/// `decide(f)` runs f on the deciding rank (rank 0) and broadcasts the result, a few bytes, so that
/// ranks never diverge when their arithmetic differs in the last bit. It is an optimizer's only
/// connection to the other ranks; a default-constructed one decides locally.
class Decide {
 public:
  /// Overwrites the bytes with those of the deciding rank; collective.
  using Share = std::function<void(std::span<std::byte>)>;

  Decide() = default;
  Decide(bool decides_here, Share share) : decides_here_(decides_here), share_(std::move(share)) {}

  /// Collective. The result is a plain value, bool or struct without pointers.
  template <class Function>
  [[nodiscard]] auto operator()(Function&& function) const {
    using Result = std::invoke_result_t<Function>;
    static_assert(std::is_trivially_copyable_v<Result>, "a decision is shared as plain bytes");
    Result result{};
    if (decides_here_) result = std::forward<Function>(function)();
    if (share_) share_(std::as_writable_bytes(std::span(&result, 1)));
    return result;
  }

  /// The same for numbers that f(values) fills in, equally many on all ranks. Collective.
  template <class Function>
  void fill(std::span<double> values, Function&& function) const {
    if (decides_here_) std::forward<Function>(function)(values);
    if (share_) share_(std::as_writable_bytes(values));
  }

 private:
  bool decides_here_ = true;
  Share share_;
};

}  // namespace annmpi
