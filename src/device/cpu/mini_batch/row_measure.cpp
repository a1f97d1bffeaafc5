#include "device/cpu/mini_batch/row_measure.hpp"

#include "device/cpu/layers/activations.hpp"

namespace annmpi::device::cpu::mini_batch {

template <class Real>
RowMeasure<Real>::RowMeasure(const network::Network& network, const InputFormat& format)
    : network_(network),
      input_(format),
      values_(make_values<Real>(network, most_rows)),
      scratch_(most_panels(network)),
      losses_(network, most_rows) {
  rows_.reserve(most_rows);
}

template <class Real>
void RowMeasure<Real>::clear() {
  loss_ = {};
  hits_ = 0;
}

template <class Real>
void RowMeasure<Real>::add(const std::vector<PackedLayer<Real>>& layers,
                           const data::HostBlock& shard, std::size_t first, std::size_t rows) {
  const std::size_t row_bytes = shard.columns() * io::bytes_of(shard.type());
  rows_.clear();
  for (std::size_t i = first; i < first + rows; ++i)
    rows_.push_back(shard.bytes().data() + i * row_bytes);
  input_.fill(rows_, shard.type(), false);
  const auto panels = [&](std::size_t l) {
    return Panels<Real>{values_[l].data(), rows, network_.layers[l].outputs};
  };
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const Panels<Real> z = panels(l);
    for (std::size_t q = 0; q < z.count(); ++q) {
      if (l == 0)
        input_.forward(z.width(), layers[l].panel(q), z.at(q, 0));
      else
        forward(layers[l], panels(l - 1), q, 0, rows, scratch_, z);
      if (l + 1 < layers.size())
        kernels::activate(network_.activation, std::span<const Real>(z.at(q, 0), rows * z.width()),
                          std::span(z.at(q, 0), rows * z.width()));
    }
  }
  const auto labels = shard.labels().subspan(first, rows);
  loss_.add(losses_.take(panels(layers.size() - 1), 0, labels));
  hits_ += losses_.hits(labels);
}

template class RowMeasure<float>;
template class RowMeasure<double>;

}  // namespace annmpi::device::cpu::mini_batch
