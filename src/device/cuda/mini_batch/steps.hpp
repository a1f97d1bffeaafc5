#pragma once

#include <cstddef>
#include <map>

#include "annmpi/rules/parameter_update.hpp"

#include "device/cuda/collectives/device_sums.hpp"
#include "device/cuda/mini_batch/parameter_memory.hpp"
#include "device/cuda/mini_batch/passes.hpp"
#include "device/cuda/runtime/event.hpp"
#include "device/cuda/runtime/graph.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// Steps: updates of the parameters from the rows of a batch.
///
/// On one rank a step launches the conversion of the rows (1 kernel), the values of each layer (L),
/// the deltas of the last layer (1) and of the others (L - 1), and per layer the gradient with the
/// update (L), concurrent with the deltas below it. All but the first kernel are one graph per
/// number of rows; the first kernel writes what changes between steps to memory. The host does not
/// wait.
///
/// Several ranks share the rows of a batch in tiles. They sum their values and deltas, with zeros
/// for the rows of the others, and each computes the whole gradient and the update.
template <class Traits>
class Steps {
  using Real = typename Traits::Real;

 public:
  /// The references must outlive it.
  Steps(ParameterMemory<Traits>& parameters, const Passes<Traits>& passes, BatchRank rank,
        DeviceSums& sums, cudaStream_t stream);

  /// Begins a step; `rows` may be overwritten afterwards, in stream order. Then completes it.
  void begin(const ChosenRows& rows, const ParameterUpdate& update);
  void go_on(int rows);

  /// max |g| of the last step. Synchronizes the stream.
  [[nodiscard]] double largest_gradient() const;

 private:
  struct Graphs {
    Graph whole, passes, updates;
  };

  void step_alone(int rows);
  void step_on_ranks(Graphs& graphs, int rows);
  void update_layer(std::size_t l, int rows, cudaStream_t stream);
  void update_if_clipped() const;
  /// Launches the backward pass; calls then(l) after the deltas of layer l - 1, l > 0.
  template <class Then>
  void backward(int rows, int first, int end, Then&& then);

  ParameterMemory<Traits>& parameters_;
  const Passes<Traits>& passes_;
  BatchRank rank_;
  DeviceSums& sums_;
  cudaStream_t stream_;
  Stream side_stream_;  ///< for updates concurrent with the backward pass
  Event deltas_done_, updates_done_;
  DeviceBuffer<StepNumbers<Real>> numbers_;
  DeviceBuffer<unsigned long long> largest_;
  mutable PinnedBuffer<unsigned long long> largest_on_host_;
  std::map<int, Graphs> graphs_;  ///< by rows of a batch
};

}  // namespace annmpi::device::cuda::mini_batch
