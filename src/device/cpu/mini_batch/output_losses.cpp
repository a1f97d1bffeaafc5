#include "device/cpu/mini_batch/output_losses.hpp"

#include "device/cpu/layers/hits.hpp"
#include "device/cpu/layers/losses.hpp"

namespace annmpi::device::cpu::mini_batch {

OutputLosses::OutputLosses(const network::Network& network, std::size_t most_rows)
    : output_(network.output),
      classes_(network.classes()),
      logits_(most_rows * classes_),
      delta_(most_rows * classes_) {}

template <class Real>
double OutputLosses::take(const Panels<Real>& logits, std::size_t first,
                          std::span<const std::int32_t> labels) {
  rows_ = labels.size();
  for (std::size_t p = 0; p < logits.count(); ++p)
    for (std::size_t i = 0; i < rows_; ++i) {
      const Real* from = logits.at(p, first + i);
      double* to = logits_.data() + i * classes_ + p * logits.width();
      for (std::size_t k = 0; k < logits.filled(p); ++k) to[k] = static_cast<double>(from[k]);
    }
  const std::size_t count = rows_ * classes_;
  return kernels::loss_and_delta(output_, std::span(logits_).first(count), labels, classes_,
                                 std::span(delta_).first(count));
}

std::int64_t OutputLosses::hits(std::span<const std::int32_t> labels) const {
  return kernels::count_hits(std::span(logits_).first(labels.size() * classes_), labels, classes_);
}

template <class Real>
void OutputLosses::put_delta(std::size_t first, const Panels<Real>& delta) const {
  for (std::size_t p = 0; p < delta.count(); ++p)
    for (std::size_t i = 0; i < rows_; ++i) {
      const double* from = delta_.data() + i * classes_ + p * delta.width();
      Real* to = delta.at(p, first + i);
      const std::size_t filled = delta.filled(p);
      for (std::size_t k = 0; k < filled; ++k) to[k] = static_cast<Real>(from[k]);
      for (std::size_t k = filled; k < delta.width(); ++k) to[k] = 0;
    }
}

template double OutputLosses::take(const Panels<float>&, std::size_t,
                                   std::span<const std::int32_t>);
template double OutputLosses::take(const Panels<double>&, std::size_t,
                                   std::span<const std::int32_t>);
template void OutputLosses::put_delta(std::size_t, const Panels<float>&) const;
template void OutputLosses::put_delta(std::size_t, const Panels<double>&) const;

}  // namespace annmpi::device::cpu::mini_batch
