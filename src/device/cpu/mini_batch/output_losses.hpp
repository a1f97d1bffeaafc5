#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "annmpi/network/network.hpp"

#include "device/cpu/gemm/panels.hpp"

namespace annmpi::device::cpu::mini_batch {

/// From logits to losses, in doubles whatever the precision of the products.
class OutputLosses {
 public:
  OutputLosses(const network::Network& network, std::size_t most_rows);

  /// sum_i loss_i of rows [first, first + labels.size()) of the logits, in an order that depends on
  /// their number alone.
  template <class Real>
  double take(const Panels<Real>& logits, std::size_t first, std::span<const std::int32_t> labels);

  /// Of the rows taken last: those whose largest logit is that of their label.
  [[nodiscard]] std::int64_t hits(std::span<const std::int32_t> labels) const;

  /// d loss_i / d z of the rows taken last, into the same rows of delta; 0 in columns that fill up
  /// the last panel.
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
