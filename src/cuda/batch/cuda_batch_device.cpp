#include "cuda/batch/cuda_batch_device.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "cuda/batch/host_rows.hpp"
#include "cuda/batch/layers.hpp"
#include "cuda/batch/layout.hpp"
#include "cuda/batch/losses.hpp"
#include "cuda/batch/parameters.hpp"
#include "cuda/batch/resident_rows.hpp"
#include "cuda/batch/rows.hpp"
#include "cuda/cuda_space.hpp"
#include "cuda/graph.hpp"
#include "cuda/kinds.hpp"

namespace annmpi::cuda {
namespace batch {
namespace {

/// Mini-batches on a GPU.
///
/// A step of a rank alone: the rows of the batch (1 kernel), the values of each layer (L), the
/// deltas of the last one (1) and of the others (L - 1), and for each layer the gradient over the
/// batch with the update (L), beside the deltas below it. All but the first are one graph, for each
/// number of rows a batch has; what changes from step to step, the first kernel writes to memory.
/// The host waits for nothing.
///
/// Several ranks add up the batch's rows, each its own and zeros, take tiles of them up and down,
/// and add up values and deltas in the same way; all then compute the whole gradient and update.
template <class Numbers>
class CudaBatchDevice final : public model::BatchDevice {
  using Real = typename Numbers::Real;
  using Element = typename Numbers::Stored;

 public:
  CudaBatchDevice(model::Network network, io::ElementType type, const model::BatchFacts& facts,
                  BatchRank rank, std::unique_ptr<DeviceSums> sums, std::string name)
      : name_(std::move(name)),
        network_(std::move(network)),
        type_(stored_as(type)),
        rank_(rank),
        sums_(std::move(sums)),
        unit_(unit_of(network_.activation)),
        output_(output_of(network_.output)),
        places_(network_),
        layout_(places_, parts_of_features<Numbers>(type_), Numbers::parts),
        reports_(stream_, [this] { sums_->wait(stream_); }),
        space_(network_.parameters(), stream_, reports_),
        row_bytes_(network_.inputs() * io::bytes_of(type)),
        batch_rows_(static_cast<int>(facts.rows)),
        measure_rows_(layout_.measure_rows(sizeof(Element), loss_rows)),
        scale_(facts.feature_scale),
        numbers_(element_count()),
        labels_(static_cast<std::size_t>(std::max(batch_rows_, measure_rows_))),
        logits_(labels_.size() * network_.classes()),
        values_(static_cast<std::size_t>(places_.count)),
        parts_(own_parts() ? values_.size() * Numbers::parts : 0),
        theta_(network_.parameters()),
        step_(1),
        largest_(1),
        largest_on_host_(1) {
    values_.clear(stream_);
    parts_.clear(stream_);
    largest_.clear(stream_);
  }

  [[nodiscard]] std::string description() const override { return with_sums(name_, *sums_); }

  [[nodiscard]] std::uint64_t bytes() const override {
    std::uint64_t sum = numbers_.size() * sizeof(Element) + parts_.size() * sizeof(Element) +
                        records_.size() + labels_.size() * sizeof(int) +
                        theta_.size() * sizeof(double);
    for (const auto* reals : {&logits_, &values_, &first_, &second_, &gradients_})
      sum += reals->size() * sizeof(Real);
    for (const auto& [shard, held] : held_) sum += held.bytes();
    return sum;
  }

  void upload(std::span<const double> theta) override {
    copy(theta.data(), theta_.data(), theta.size(), cudaMemcpyHostToDevice, stream_);
    for (const LayerPlace& layer : places_.layers)
      take_layer(theta_.data(), layer, parameters(), stream_);
    first_.clear(stream_);
    second_.clear(stream_);
    settle();
  }

  void download(std::span<double> theta) override {
    give_all(theta_.data());
    copy(theta_.data(), theta.data(), theta.size(), cudaMemcpyDeviceToHost, stream_);
    settle();
  }
  void download(Vector& theta) override { give_all(elements(theta)); }
  [[nodiscard]] const VectorSpace& space() const override { return space_; }
  void read(const Vector& theta, std::span<double> to) const override {
    copy(elements(theta), to.data(), to.size(), cudaMemcpyDeviceToHost, stream_);
    sums_->wait(stream_);
  }
  [[nodiscard]] double squared_weights(std::span<const double> theta) const override {
    return model::squared_weights(network_, theta);
  }

  [[nodiscard]] bool hold_batches(const data::BatchOrder& order, const data::Shard& rows) override {
    hold(rows);
    order_.emplace(order);
    own_rows_ = rows.range();
    own_ = held_.back().second.rows();
    return true;
  }
  void hold(const data::Shard& rows) override {
    held_.emplace_back(rows.bytes().data(), ResidentRows());
    held_.back().second.take(rows, 0, rows.rows(), stream_);
    settle();  // the copies are from memory that CUDA does not know
  }

  void step(const model::BatchRows& batch, const ParameterUpdate& update) override {
    if (!host_rows_) host_rows_.emplace(facts_rows(), row_bytes_);
    reserve_records();
    host_rows_->bring(batch, records_.data(), stream_);
    const auto rows = static_cast<int>(batch.labels.size());
    begin_step(rows_in(records_.data(), type_, stride()), as_they_lie(0, rows), update);
    move(rows);
  }

  void step(const data::BatchPlace& place, const ParameterUpdate& update) override {
    if (!order_) throw std::logic_error("a step without its rows, and none are held");
    const data::Range positions = order_->positions(place.step);
    const auto rows = static_cast<int>(positions.size());
    const RowChoice choice{order_->permutation(place.epoch), true,
                           static_cast<long long>(positions.begin), rows};
    if (rank_.size == 1) {
      begin_step(own_, choice, update);
    } else {
      reserve_records();
      fill_records(own_, static_cast<long long>(own_rows_.begin),
                   static_cast<long long>(own_rows_.size()), choice, records_.data(), stream_);
      add_up(records_.data(), static_cast<std::size_t>(rows) * record_size());
      begin_step(rows_in(records_.data(), type_, stride()), as_they_lie(0, rows), update);
    }
    move(rows);
  }

  void settle() override { sums_->wait(stream_); }

  [[nodiscard]] double largest_gradient() const override {
    copy(largest_.data(), largest_on_host_.data(), 1, cudaMemcpyDeviceToHost, stream_);
    sums_->wait(stream_);
    return std::bit_cast<double>(largest_on_host_.values()[0]);
  }

  [[nodiscard]] model::LossAndHits measure(const data::Shard& shard,
                                           std::uint64_t chunk_rows) override {
    const auto held = std::find_if(held_.begin(), held_.end(), [&](const auto& entry) {
      return entry.first == shard.bytes().data();
    });
    const LossBlocks blocks{static_cast<long long>(shard.rows()),
                            static_cast<long long>(chunk_rows)};
    const long long count = blocks.count();
    losses_.reserve(static_cast<std::size_t>(count));
    long long block = 0;
    while (block < count) {
      const long long first = blocks.begin(block);
      long long end = block + 1;
      while (end < count && blocks.end(end) - first <= measure_rows_) ++end;
      const auto rows = static_cast<int>(blocks.end(end - 1) - first);
      long long first_there = first;
      if (held == held_.end()) {
        passing_.take(shard, static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(rows),
                      stream_);
        first_there = 0;
      }
      take_rows<Numbers>((held == held_.end() ? passing_ : held->second).rows(),
                         as_they_lie(first_there, rows), inputs(rows), {{}, nullptr, nullptr},
                         stream_);
      pass_up(rows, 0, rows);
      start_losses(labelled_logits(), blocks, block, static_cast<int>(end - block),
                   losses_.data() + block, stream_);
      if (held == held_.end()) settle();  // the next rows come to the same place
      block = end;
    }
    settle();
    model::LossAndHits sums;
    for (const LossSums& one : losses_.values().first(static_cast<std::size_t>(count))) {
      sums.loss.add(one.loss);
      sums.hits += one.hits;
    }
    return sums;
  }

 private:
  /// Doubles are what products read.
  static constexpr bool own_parts() { return !std::is_same_v<Real, Element>; }

  [[nodiscard]] std::size_t element_count() const {
    return static_cast<std::size_t>(
        std::max(layout_.size_of_row() * batch_rows_, layout_.values_of_row() * measure_rows_));
  }
  [[nodiscard]] std::size_t facts_rows() const { return static_cast<std::size_t>(batch_rows_); }
  [[nodiscard]] long long stride() const { return static_cast<long long>(row_stride(row_bytes_)); }
  [[nodiscard]] std::size_t record_size() const {
    return static_cast<std::size_t>(record_bytes(stride()));
  }
  void reserve_records() { records_.reserve(facts_rows() * record_size()); }
  [[nodiscard]] std::size_t depth() const { return places_.layers.size(); }

  static RowChoice as_they_lie(long long first, int rows) {
    return {data::RowPermutation(1, 0, 0), false, first, rows};
  }

  [[nodiscard]] Parameters<Numbers> parameters() const {
    Element* parts = nullptr;
    if constexpr (own_parts())
      parts = parts_.data();
    else
      parts = values_.data();
    return {values_.data(), first_.data(), second_.data(), parts, places_.count};
  }
  [[nodiscard]] Factor<Numbers> weights(std::size_t l) const {
    const LayerPlace& layer = places_.layers[l];
    return {parameters().parts + layer.weights, places_.count, layer.pitch};
  }
  [[nodiscard]] const Real* biases(std::size_t l) const {
    return values_.data() + places_.layers[l].biases;
  }
  [[nodiscard]] Planes<Element> values(std::size_t l, int rows) const {
    return layout_.values(numbers_.data(), l, rows);
  }
  [[nodiscard]] Planes<Element> deltas(std::size_t l, int rows) const {
    return layout_.deltas(numbers_.data(), l, rows);
  }
  /// Of what layer l reads: bytes are multiplied as they are.
  [[nodiscard]] Real scale(std::size_t l) const {
    return l == 0 && type_ == Stored::bytes ? static_cast<Real>(scale_) : Real{1};
  }
  [[nodiscard]] Inputs<Numbers> inputs(int rows) const {
    return {values(0, rows), labels_.data(), places_.layers[0].inputs, scale_};
  }
  [[nodiscard]] LabelledLogits<Real> labelled_logits() const {
    return {logits_.data(), labels_.data(), static_cast<int>(network_.classes()), output_};
  }

  void give_all(double* theta) {
    for (const LayerPlace& layer : places_.layers) give_layer(parameters(), layer, theta, stream_);
  }

  /// Adds up over the ranks what lies at so many bytes, a multiple of 8: all but one have zeros.
  void add_up(void* memory, std::size_t bytes) {
    sums_->sum(static_cast<std::int64_t*>(memory), bytes / sizeof(std::int64_t), stream_);
  }

  void begin_step(const StoredRows& from, const RowChoice& choice, const ParameterUpdate& update) {
    make_room(update);
    take_rows<Numbers>(from, choice, inputs(choice.count),
                       {StepNumbers<Real>(update, choice.count), step_.data(), largest_.data()},
                       stream_);
  }

  /// What updates of this kind need: graphs hold on to where it lies.
  void make_room(const ParameterUpdate& update) {
    const int states = states_of(update);
    const bool clips = update.clip_norm > 0;
    if (clips != clips_) graphs_.clear();
    clips_ = clips;
    const auto reserve = [&](DeviceBuffer<Real>& buffer) {
      if (buffer.size() > 0) return;
      graphs_.clear();
      buffer.reserve(values_.size());
      buffer.clear(stream_);
    };
    if (states > 0) reserve(first_);
    if (states > 1) reserve(second_);
    if (!clips) return;
    reserve(gradients_);
    if (squares_.size() > 0) return;
    std::size_t sums = 0;
    for (const LayerPlace& layer : places_.layers)
      sums += static_cast<std::size_t>(sums_of_squares(layer));
    squares_.reserve(sums);
  }

  /// The rest of a step, once the first layer's values are there.
  void move(int rows) {
    Graphs& graphs = graphs_[rows];
    if (rank_.size == 1) return graphs.whole.run(stream_, [&] { move_alone(rows); });
    // Whole tiles, so that a tile is computed in one way.
    const std::uint64_t tiles = (static_cast<std::uint64_t>(rows) + tile_rows - 1) / tile_rows;
    const data::Range own = data::part_of(tiles, static_cast<std::uint64_t>(rank_.rank),
                                          static_cast<std::uint64_t>(rank_.size));
    const int first = static_cast<int>(own.begin) * tile_rows;
    const int end = std::min(rows, static_cast<int>(own.end) * tile_rows);
    Element* const exchanged = numbers_.data() + layout_.inputs_of_row() * rows;
    const auto size = static_cast<std::size_t>(layout_.exchanged_of_row() * rows);
    graphs.passes.run(stream_, [&] {
      check(cudaMemsetAsync(exchanged, 0, size * sizeof(Element), stream_), "clearing memory");
      pass_up(rows, first, end);
      pass_down(rows, first, end, [](std::size_t) {});
    });
    add_up(exchanged, size * sizeof(Element));
    graphs.updates.run(stream_, [&] {
      for (std::size_t l = depth(); l-- > 0;) update_layer(l, rows, stream_);
      move_if_clipped();
    });
  }

  void move_alone(int rows) {
    pass_up(rows, 0, rows);
    // As soon as nothing reads the weights of a layer any more they move, beside what is left.
    pass_down(rows, 0, rows, [&](std::size_t l) {
      passed_.record(stream_);
      passed_.let_wait(beside_);
      update_layer(l, rows, beside_);
    });
    update_layer(0, rows, stream_);
    if (depth() > 1) {
      updated_.record(beside_);
      updated_.let_wait(stream_);
    }
    move_if_clipped();
  }

  /// Values, and logits, of rows [first, end), of `rows` that there are.
  void pass_up(int rows, int first, int end) {
    for (std::size_t l = 0; l < depth(); ++l) {
      const LayerPlace& layer = places_.layers[l];
      const Factor<Numbers> x = values(l, rows).factor();
      if (l + 1 < depth())
        start_values<Numbers>(x, layout_.parts_of(l), weights(l), layer, first, end,
                              {unit_, scale(l), biases(l), values(l + 1, rows), layer.outputs},
                              stream_);
      else
        start_logits<Numbers>(x, layout_.parts_of(l), weights(l), layer, first, end,
                              {scale(l), biases(l), logits_.data(), layer.outputs}, stream_);
    }
  }

  /// Deltas; calls then(l) when those of layer l - 1 are on their way, l > 0.
  template <class Then>
  void pass_down(int rows, int first, int end, Then&& then) {
    start_deltas<Numbers>(labelled_logits(), first, end, deltas(depth() - 1, rows), stream_);
    for (std::size_t l = depth() - 1; l > 0; --l) {
      start_pull_back<Numbers>(deltas(l, rows).factor(), weights(l), places_.layers[l], first, end,
                               {unit_, values(l, rows).factor(), deltas(l - 1, rows)}, stream_);
      then(l);
    }
  }

  void update_layer(std::size_t l, int rows, cudaStream_t stream) {
    const ToParameters<Numbers> to{step_.data(), parameters(), places_.layers[l], scale(l),
                                   largest_.data()};
    const Factor<Numbers> delta = deltas(l, rows).factor(), x = values(l, rows).factor();
    if (!clips_) return start_update<Numbers>(delta, x, layout_.parts_of(l), rows, to, stream);
    long long before = 0;
    for (std::size_t below = 0; below < l; ++below)
      before += sums_of_squares(places_.layers[below]);
    start_gradient<Numbers>(delta, x, layout_.parts_of(l), rows,
                            {to, gradients_.data(), squares_.data() + before}, stream);
  }

  void move_if_clipped() {
    if (clips_)
      move_clipped(step_.data(), squares_.data(), static_cast<int>(squares_.size()),
                   gradients_.data(), parameters(), stream_);
  }

  struct Graphs {
    Graph whole, passes, updates;
  };

  std::string name_;
  model::Network network_;
  Stored type_;
  BatchRank rank_;
  std::unique_ptr<DeviceSums> sums_;
  Stream stream_;
  Stream beside_;
  Event passed_, updated_;
  Unit unit_;
  Output output_;
  ParameterLayout places_;
  RowLayout layout_;
  Reports reports_;
  CudaSpace space_;
  std::size_t row_bytes_;  ///< of features as stored
  int batch_rows_;
  int measure_rows_;
  double scale_;
  DeviceBuffer<Element> numbers_;  ///< of rows, as layout_ says
  DeviceBuffer<int> labels_;
  DeviceBuffer<Real> logits_;
  DeviceBuffer<Real> values_;    ///< of the parameters
  DeviceBuffer<Element> parts_;  ///< of the parameters, if they are not what products read
  DeviceBuffer<Real> first_, second_, gradients_;  ///< of the parameters, where they are needed
  DeviceBuffer<double> squares_;
  DeviceBuffer<double> theta_;  ///< parameters on their way
  DeviceBuffer<StepNumbers<Real>> step_;
  DeviceBuffer<unsigned long long> largest_;
  mutable PinnedBuffer<unsigned long long> largest_on_host_;
  bool clips_ = false;
  std::map<int, Graphs> graphs_;  ///< by rows of a batch
  std::optional<data::BatchOrder> order_;
  data::Range own_rows_;
  StoredRows own_{};
  std::vector<std::pair<const std::byte*, ResidentRows>> held_;
  ResidentRows passing_;  ///< rows that are not held
  DeviceBuffer<std::byte> records_;
  std::optional<HostRows> host_rows_;
  PinnedBuffer<LossSums> losses_;
};

}  // namespace
}  // namespace batch

std::unique_ptr<model::BatchDevice> make_cuda_batch_device(
    model::Network network, io::ElementType type, const model::BatchFacts& facts,
    const model::GpuOptions& options, BatchRank rank, std::unique_ptr<DeviceSums> sums,
    std::string name) {
  using namespace batch;
  if (options.precision == model::Precision::mixed)
    return std::make_unique<CudaBatchDevice<Mixed>>(std::move(network), type, facts, rank,
                                                    std::move(sums), std::move(name));
  return std::make_unique<CudaBatchDevice<Float64>>(std::move(network), type, facts, rank,
                                                    std::move(sums), std::move(name));
}

}  // namespace annmpi::cuda
