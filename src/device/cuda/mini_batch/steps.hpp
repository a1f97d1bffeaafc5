#pragma once

#include <cstddef>
#include <map>

#include "annmpi/rules/parameter_update.hpp"

#include "device/cuda/mini_batch/parameter_memory.hpp"
#include "device/cuda/mini_batch/passes.hpp"
#include "device/cuda/mini_batch/ranks.hpp"
#include "device/cuda/runtime/event.hpp"
#include "device/cuda/runtime/graph.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda::mini_batch {

/// What the rows of a batch do to the parameters.
///
/// A step of a rank alone: the rows of the batch (1 kernel), the values of each layer (L), the
/// deltas of the last one (1) and of the others (L - 1), and for each layer the gradient over the
/// batch with the update (L), beside the deltas below it. All but the first are one graph, for each
/// number of rows a batch has; what changes from step to step, the first kernel writes to memory.
/// The host waits for nothing.
///
/// Several ranks take tiles of the rows up and down, and add up values and deltas, each its own and
/// zeros; all then compute the whole gradient and update.
template <class Traits>
class Steps {
  using Real = typename Traits::Real;

 public:
  /// The references must outlive it.
  Steps(ParameterMemory<Traits>& parameters, const Passes<Traits>& passes, BatchRank rank,
        DeviceSums& sums, cudaStream_t stream);

  /// Begins a step: from then on the rows are no longer needed where they are. Then goes on.
  void begin(const ChosenRows& rows, const ParameterUpdate& update);
  void go_on(int rows);

  /// Of the last step. Waits for it.
  [[nodiscard]] double largest_gradient() const;

 private:
  struct Graphs {
    Graph whole, passes, updates;
  };

  void move_alone(int rows);
  void move_together(Graphs& graphs, int rows);
  void update_layer(std::size_t l, int rows, cudaStream_t stream);
  void move_if_clipped() const;
  /// Calls then(l) when the deltas of layer l - 1 are on their way, l > 0.
  template <class Then>
  void pass_down(int rows, int first, int end, Then&& then);

  ParameterMemory<Traits>& parameters_;
  const Passes<Traits>& passes_;
  BatchRank rank_;
  DeviceSums& sums_;
  cudaStream_t stream_;
  Stream beside_;
  Event passed_, updated_;
  DeviceBuffer<StepNumbers<Real>> numbers_;
  DeviceBuffer<unsigned long long> largest_;
  mutable PinnedBuffer<unsigned long long> largest_on_host_;
  std::map<int, Graphs> graphs_;  ///< by rows of a batch
};

}  // namespace annmpi::device::cuda::mini_batch
