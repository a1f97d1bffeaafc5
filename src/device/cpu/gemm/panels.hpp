#pragma once

#include <cstddef>

#include "device/cpu/gemm/panel_product.hpp"

namespace annmpi::device::cpu::mini_batch {

using kernels::slim_panel;
using kernels::wide_panel;

[[nodiscard]] constexpr std::size_t panel_width(std::size_t columns) {
  return columns <= slim_panel ? slim_panel : wide_panel;
}
[[nodiscard]] constexpr std::size_t panels_of(std::size_t columns) {
  return (columns + panel_width(columns) - 1) / panel_width(columns);
}
/// Columns including the padding of the last panel.
[[nodiscard]] constexpr std::size_t padded(std::size_t columns) {
  return panels_of(columns) * panel_width(columns);
}

/// A matrix [rows, columns] in panels: values of a layer's units, or features.
template <class Real>
struct Panels {
  Real* data;
  std::size_t rows;
  std::size_t columns;

  [[nodiscard]] std::size_t width() const { return panel_width(columns); }
  [[nodiscard]] std::size_t count() const { return panels_of(columns); }
  /// Row `row` of a panel.
  [[nodiscard]] Real* at(std::size_t panel, std::size_t row) const {
    return data + (panel * rows + row) * width();
  }
  /// Columns of a panel without its padding.
  [[nodiscard]] std::size_t filled(std::size_t panel) const {
    const std::size_t left = columns - panel * width();
    return left < width() ? left : width();
  }
};

}  // namespace annmpi::device::cpu::mini_batch
