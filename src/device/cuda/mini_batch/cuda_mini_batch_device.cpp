#include "device/cuda/mini_batch/cuda_mini_batch_device.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include "device/cuda/full_batch/cuda_space.hpp"
#include "device/cuda/mini_batch/measuring.hpp"
#include "device/cuda/mini_batch/parameter_memory.hpp"
#include "device/cuda/mini_batch/passes.hpp"
#include "device/cuda/mini_batch/steps.hpp"
#include "device/cuda/rows/cuda_rows.hpp"
#include "device/cuda/rows/held_batches.hpp"
#include "device/cuda/rows/staged_batches.hpp"

namespace annmpi::device::cuda {
namespace mini_batch {
namespace {

/// Mini-batch training on a GPU: the source of rows (HeldBatches, StagedBatches), the steps (Steps)
/// and the measurement of losses (Measuring).
template <class Traits>
class CudaMiniBatchDevice final : public device::MiniBatchDevice {
 public:
  CudaMiniBatchDevice(network::Network network, io::ElementType type,
                      const device::BatchFacts& facts, BatchRank rank,
                      std::unique_ptr<DeviceSums> sums, std::string name)
      : name_(std::move(name)),
        network_(std::move(network)),
        type_(type),
        row_bytes_(network_.inputs() * io::bytes_of(type)),
        batch_rows_(facts.rows),
        rank_(rank),
        sums_(std::move(sums)),
        flags_(stream_, [this] { sums_->wait(stream_); }),
        space_(network_.parameters(), stream_, flags_),
        parameters_(network_, stream_),
        passes_(network_, type_, facts, parameters_, stream_),
        steps_(parameters_, passes_, rank_, *sums_, stream_),
        measuring_(passes_, *sums_, stream_) {}

  [[nodiscard]] std::string description() const override { return with_sums(name_, *sums_); }

  [[nodiscard]] const VectorSpace& space() const override { return space_; }
  [[nodiscard]] std::uint64_t bytes() const override {
    std::uint64_t sum = parameters_.bytes() + passes_.bytes();
    if (held_batches_) sum += held_batches_->bytes();
    if (staged_batches_) sum += staged_batches_->bytes();
    return sum;
  }

  [[nodiscard]] data::NeededFacts needed_facts() const override { return {}; }
  [[nodiscard]] std::unique_ptr<device::DeviceRows> receive(
      const device::RowsToCome& rows, const device::ReadBlock& read) override {
    return std::make_unique<CudaRows>(receive_on_gpu(rows, read));
  }
  [[nodiscard]] std::unique_ptr<device::DeviceRows> take(data::LocalSet rows) override {
    return std::make_unique<CudaRows>(std::move(rows), stream_, [this] { synchronize(); });
  }
  void complete(device::DeviceRows& rows, const data::SetFacts& facts) override {
    static_cast<CudaRows&>(rows).complete(facts, 0);
  }

  void set_parameters(const Vector& theta) override {
    parameters_.take(elements(theta));
    synchronize();
  }
  void get_parameters(Vector& theta) override { parameters_.give(elements(theta)); }
  using MiniBatchDevice::squared_weights;
  [[nodiscard]] double squared_weights(std::span<const double> theta) const override {
    return device::squared_weights(network_, theta);
  }

  [[nodiscard]] bool draw_batches_from(const device::DeviceRows& training,
                                       const data::BatchOrder& order) override {
    if (training.on_host() != nullptr) return false;
    held_batches_.emplace(order, static_cast<const CudaRows&>(training), rank_, *sums_);
    return true;
  }

  void step(const data::Batch& batch, const ParameterUpdate& update) override {
    if (!staged_batches_) staged_batches_.emplace(batch_rows_, type_, row_bytes_, *sums_);
    const ChosenRows rows = staged_batches_->bring(batch, stream_);
    steps_.begin(rows, update);
    staged_batches_->done(stream_);
    steps_.go_on(rows.choice.count);
  }
  void step(const data::BatchPlace& place, const ParameterUpdate& update) override {
    if (!held_batches_) throw std::logic_error("a step without rows, but the device holds none");
    const ChosenRows rows = held_batches_->at(place, stream_);
    steps_.begin(rows, update);
    steps_.go_on(rows.choice.count);
  }
  void synchronize() override { sums_->wait(stream_); }
  [[nodiscard]] double largest_gradient() const override { return steps_.largest_gradient(); }

  [[nodiscard]] device::LossAndHits measure(device::DeviceRows& rows) override {
    return measuring_.losses(static_cast<CudaRows&>(rows));
  }

  void visit_state(StateVisitor& visitor) override {
    synchronize();
    parameters_.visit_state(visitor, DeviceBuffer<double>(space_.dimension()));
  }

 private:
  std::string name_;
  network::Network network_;
  io::ElementType type_;
  std::size_t row_bytes_;
  std::uint64_t batch_rows_;
  BatchRank rank_;
  std::unique_ptr<DeviceSums> sums_;
  Stream stream_;
  CompletionFlags flags_;
  CudaSpace space_;
  ParameterMemory<Traits> parameters_;
  Passes<Traits> passes_;
  Steps<Traits> steps_;
  Measuring<Traits> measuring_;
  std::optional<HeldBatches> held_batches_;
  std::optional<StagedBatches> staged_batches_;
};

}  // namespace
}  // namespace mini_batch

std::unique_ptr<device::MiniBatchDevice> make_cuda_mini_batch_device(
    network::Network network, io::ElementType type, const device::BatchFacts& facts,
    const device::DeviceOptions& options, BatchRank rank, std::unique_ptr<DeviceSums> sums,
    std::string name) {
  using namespace mini_batch;
  if (options.precision == config::Precision::mixed)
    return std::make_unique<CudaMiniBatchDevice<Mixed>>(std::move(network), type, facts, rank,
                                                        std::move(sums), std::move(name));
  return std::make_unique<CudaMiniBatchDevice<Float64>>(std::move(network), type, facts, rank,
                                                        std::move(sums), std::move(name));
}

}  // namespace annmpi::device::cuda
