#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "annmpi/model/gradient_bounds.hpp"
#include "annmpi/model/network.hpp"

namespace annmpi::model::cpu {

/// The sums of chunks' partial gradients that one thread makes: two exact ones per parameter (his
/// and mids), or a plain one.
class GradientSums {
 public:
  GradientSums(const Network& network, bool exact)
      : network_(network),
        exact_(exact),
        sums_(network.parameters() * (exact ? 2 : 1)),
        partial_(exact ? network.parameters() : 0) {}

  void clear();

  /// Where a chunk's partial gradient is to be added up, in theta's order; zeros where the sums
  /// are exact.
  [[nodiscard]] std::span<double> open_chunk();
  /// Takes the partial gradient of the chunk over.
  void close_chunk(std::span<const UnitSplit> splits);

  /// Adds the sums of another thread.
  void add(const GradientSums& other);

  /// All sums, to be added over ranks: his, then mids; or plain ones.
  [[nodiscard]] std::span<double> sums() { return sums_; }

  /// gradient = his + mids
  void round_to(std::span<double> gradient) const;

 private:
  const Network& network_;
  bool exact_;
  std::vector<double> sums_;
  std::vector<double> partial_;
};

}  // namespace annmpi::model::cpu
