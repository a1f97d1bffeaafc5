#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/network/network.hpp"

#include "device/cpu/gemm/panels.hpp"

namespace annmpi::device::cpu::mini_batch {

/// Losses and deltas of the output layer, in doubles whatever the precision of the products.
class OutputLosses {
 public:
  OutputLosses(const network::Network& network, std::size_t most_rows);

  /// sum_i loss_i of rows [first, first + labels.size()) of the logits, in an order that depends on
  /// the number of rows alone.
  template <class Real>
  double take(const Panels<Real>& logits, std::size_t first, std::span<const std::int32_t> labels);

  /// Number of rows of the last take() whose largest logit is that of their label.
  [[nodiscard]] std::int64_t hits(std::span<const std::int32_t> labels) const;

  /// Writes d loss_i / d z of the rows of the last take() to delta from row `first` on; 0 in the
  /// padding of the last panel.
  template <class Real>
  void put_delta(std::size_t first, const Panels<Real>& delta) const;

 private:
  config::OutputUnit output_;
  std::size_t classes_;
  std::size_t rows_ = 0;
  std::vector<double> logits_;  ///< [rows, classes]
  std::vector<double> delta_;
};

}  // namespace annmpi::device::cpu::mini_batch
