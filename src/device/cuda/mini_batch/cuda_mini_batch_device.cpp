#include "device/cuda/mini_batch/cuda_mini_batch_device.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "device/cuda/full_batch/cuda_space.hpp"
#include "device/cuda/layers/kinds.hpp"
#include "device/cuda/mini_batch/measuring.hpp"
#include "device/cuda/mini_batch/parameter_memory.hpp"
#include "device/cuda/mini_batch/passes.hpp"
#include "device/cuda/mini_batch/steps.hpp"
#include "device/cuda/rows/held_batches.hpp"
#include "device/cuda/rows/host_rows.hpp"
#include "device/cuda/rows/resident_rows.hpp"

namespace annmpi::device::cuda {
namespace mini_batch {
namespace {

/// Mini-batches on a GPU: where rows come from (HeldBatches, HostRows), what a step makes of them
/// (Steps), and how they are measured (Measuring).
template <class Traits>
class CudaMiniBatchDevice final : public device::MiniBatchDevice {
 public:
  CudaMiniBatchDevice(network::Network network, io::ElementType type,
                      const device::BatchFacts& facts, BatchRank rank,
                      std::unique_ptr<DeviceSums> sums, std::string name)
      : name_(std::move(name)),
        network_(std::move(network)),
        type_(stored_as(type)),
        row_bytes_(network_.inputs() * io::bytes_of(type)),
        batch_rows_(facts.rows),
        rank_(rank),
        sums_(std::move(sums)),
        flags_(stream_, [this] { sums_->wait(stream_); }),
        space_(network_.parameters(), stream_, flags_),
        parameters_(network_, stream_),
        passes_(network_, type_, facts, parameters_, stream_),
        steps_(parameters_, passes_, rank_, *sums_, stream_),
        measuring_(passes_, *sums_, stream_),
        theta_(network_.parameters()) {}

  [[nodiscard]] std::string description() const override { return with_sums(name_, *sums_); }

  [[nodiscard]] std::uint64_t bytes() const override {
    std::uint64_t sum =
        parameters_.bytes() + passes_.bytes() + measuring_.bytes() + theta_.size() * sizeof(double);
    if (held_batches_) sum += held_batches_->bytes();
    if (host_rows_) sum += host_rows_->bytes();
    for (const auto& [shard, held] : held_) sum += held.bytes();
    return sum;
  }

  void upload(std::span<const double> theta) override {
    copy(theta.data(), theta_.data(), theta.size(), cudaMemcpyHostToDevice, stream_);
    parameters_.take(theta_.data());
    synchronize();
  }
  void download(std::span<double> theta) override {
    parameters_.give(theta_.data());
    copy(theta_.data(), theta.data(), theta.size(), cudaMemcpyDeviceToHost, stream_);
    synchronize();
  }

  [[nodiscard]] const VectorSpace& space() const override { return space_; }
  void download(Vector& theta) override { parameters_.give(elements(theta)); }
  [[nodiscard]] std::span<const double> read(const Vector& theta) const override {
    theta_on_host_.reserve(theta_.size());
    copy(elements(theta), theta_on_host_.data(), theta_.size(), cudaMemcpyDeviceToHost, stream_);
    sums_->wait(stream_);
    return theta_on_host_.values();
  }
  [[nodiscard]] double squared_weights(std::span<const double> theta) const override {
    return device::squared_weights(network_, theta);
  }

  [[nodiscard]] bool hold_batches(const data::BatchOrder& order,
                                  const data::HostBlock& rows) override {
    hold(rows);
    held_batches_.emplace(order, rows.range(), held_.back().second.rows(), rank_, *sums_);
    return true;
  }
  void hold(const data::HostBlock& rows) override {
    held_.emplace_back(rows.bytes().data(), ResidentRows());
    held_.back().second.take(rows, 0, rows.rows(), stream_);
    synchronize();  // the copies are from memory that CUDA does not know
  }

  void step(const data::Batch& batch, const ParameterUpdate& update) override {
    if (!host_rows_) host_rows_.emplace(batch_rows_, type_, row_bytes_, *sums_);
    const ChosenRows rows = host_rows_->bring(batch, stream_);
    steps_.begin(rows, update);
    host_rows_->done(stream_);
    steps_.go_on(rows.choice.count);
  }
  void step(const data::BatchPlace& place, const ParameterUpdate& update) override {
    if (!held_batches_) throw std::logic_error("a step without its rows, and none are held");
    const ChosenRows rows = held_batches_->at(place, stream_);
    steps_.begin(rows, update);
    steps_.go_on(rows.choice.count);
  }
  void synchronize() override { sums_->wait(stream_); }
  [[nodiscard]] double largest_gradient() const override { return steps_.largest_gradient(); }

  [[nodiscard]] device::LossAndHits measure(const data::HostBlock& shard,
                                            std::uint64_t chunk_rows) override {
    const auto held = std::ranges::find(held_, shard.bytes().data(), &Held::first);
    return measuring_.losses(shard, held == held_.end() ? nullptr : &held->second, chunk_rows);
  }

 private:
  using Held = std::pair<const std::byte*, ResidentRows>;  ///< where they lie in host memory

  std::string name_;
  network::Network network_;
  Stored type_;
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
  DeviceBuffer<double> theta_;  ///< parameters on their way
  mutable PinnedBuffer<double> theta_on_host_;
  std::vector<Held> held_;
  std::optional<HeldBatches> held_batches_;
  std::optional<HostRows> host_rows_;
};

}  // namespace
}  // namespace mini_batch

std::unique_ptr<device::MiniBatchDevice> make_cuda_mini_batch_device(
    network::Network network, io::ElementType type, const device::BatchFacts& facts,
    const device::GpuOptions& options, BatchRank rank, std::unique_ptr<DeviceSums> sums,
    std::string name) {
  using namespace mini_batch;
  if (options.precision == config::Precision::mixed)
    return std::make_unique<CudaMiniBatchDevice<Mixed>>(std::move(network), type, facts, rank,
                                                        std::move(sums), std::move(name));
  return std::make_unique<CudaMiniBatchDevice<Float64>>(std::move(network), type, facts, rank,
                                                        std::move(sums), std::move(name));
}

}  // namespace annmpi::device::cuda
