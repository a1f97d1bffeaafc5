#pragma once

#include <utility>

#include <cuda_runtime.h>

namespace annmpi::device::cuda {

/// Owns a CUDA graph of work that a stream repeats, which is faster than separate launches.
///
/// The work must be the same each time, with the same arguments; numbers that change are read from
/// memory. The first run executes it directly, as it may allocate memory; the second captures it,
/// and later runs replay it. If capture fails, all runs execute it directly.
class Graph {
 public:
  Graph() = default;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() { forget(); }

  template <class Work>
  void run(cudaStream_t stream, Work&& work) {
    if (recorded_ == nullptr && runs_++ == 1 && begin(stream)) {
      try {
        work();
      } catch (...) {
        end(stream);
        forget();
        throw;
      }
      end(stream);
    }
    if (recorded_ != nullptr)
      launch(stream);
    else
      work();
  }

  /// Discards the graph after a change of arguments.
  void forget();

  [[nodiscard]] bool is_recorded() const { return recorded_ != nullptr; }

 private:
  [[nodiscard]] static bool begin(cudaStream_t stream);
  void end(cudaStream_t stream);
  void launch(cudaStream_t stream) const;

  cudaGraphExec_t recorded_ = nullptr;
  int runs_ = 0;
};

}  // namespace annmpi::device::cuda
