#pragma once

#include <utility>

#include <cuda_runtime.h>

namespace annmpi::device::cuda {

/// The same work given to a stream again and again: as one graph, which costs the host one call and
/// the GPU less between its kernels than launches one by one.
///
/// The work must be the same each time, with the same arguments: numbers that change are read from
/// memory. It runs as it is the first time, when it may reserve memory, is recorded the second
/// time, and replayed from then on. Where it cannot be recorded it runs as it is for good: a matter
/// of speed alone.
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

  /// Its arguments have changed: to be recorded anew.
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
