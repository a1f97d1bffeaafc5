#pragma once

#include <memory>
#include <span>
#include <vector>

#include "annmpi/network/unit_split.hpp"

#include "device/cuda/gemm/blas.hpp"
#include "device/cuda/layers/activation_kinds.hpp"
#include "device/cuda/layers/layer_shapes.cuh"
#include "device/cuda/rows/row_view.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

enum class Pass;
struct UpperGradient;
struct RoundedParts;

/// Where losses, slopes and hits go: one entry for each piece of a shard, in memory that both sides
/// reach, and the report that they have come.
struct PieceSums {
  ChunkSums* pieces;
  CompletionFlag report;
};

/// How the layers above the first are computed.
struct UpperWay {
  bool narrow;             ///< by one kernel, or by cuBLAS
  long long partial_rows;  ///< that a partial sum of the gradient is made of, at most
};

/// Which way a network goes: a matter of its shape and of the chunks alone.
[[nodiscard]] UpperWay upper_way(const LayerTable& layers, long long chunk_rows);

/// Everything above the first layer's pre-activations: the forward pass, its tangent along the
/// direction, and the backward pass down to delta_1. Never reads the features.
class UpperLayers {
 public:
  UpperLayers(const LayerTable& layers, Activation unit, Output output, const Blas* blas,
              cudaStream_t stream);

  /// Makes room for shards of so many rows.
  void reserve(long long rows, long long chunk_rows);
  /// How many pieces so many rows come in.
  [[nodiscard]] long long pieces(long long rows, long long chunk_rows) const;

  /// Loss and hits, and with probe() the slope, of all rows of a shard, of which there are some.
  void measure(const RowView& rows, const DevicePoint& point, const PieceSums& sums);
  void probe(const RowView& rows, const DevicePoint& point, const PieceSums& sums);
  /// [rows, classes], in the GPU's memory
  void logits(const RowView& rows, const DevicePoint& point, double* out);

  /// Sets the sums of the gradient to zero, unless they are.
  void start();
  /// Loss and hits; delta_1 [rows, n_1]; adds to the sums of the gradient. The rows are those of a
  /// shard from `first_row` on, where a chunk begins; the sums those of the whole shard, with
  /// nothing to report but with its last rows.
  void add_gradient(const RowView& rows, long long first_row, const DevicePoint& point,
                    const network::UnitSplit* splits, double* delta, const PieceSums& sums);

  /// The sums of the gradient above the first layer, to be added over ranks: highs, then lows.
  [[nodiscard]] double* gradient() const { return gradient_.data(); }
  [[nodiscard]] std::size_t gradient_size() const { return gradient_.size(); }
  /// The same for a kernel that rounds them, and leaves zeros.
  [[nodiscard]] RoundedParts take_gradient();

 private:
  void make_tiles(long long rows);
  template <Pass What>
  void run_narrow(const RowView& rows, const DevicePoint& point, const PieceSums& sums,
                  const UpperGradient& gradient, double* logits);
  template <class Work>
  void for_each_tile(const RowView& rows, const DevicePoint& point, bool tangent, Work&& work);
  void measure_as(const RowView& rows, const DevicePoint& point, bool tangent,
                  const PieceSums& sums);
  void move_to(const DevicePoint& point);
  void affine(unsigned l, long long rows, const double* a, const double* parameters, bool add,
              double* z);
  void forward(const RowView& tile, const DevicePoint& point, bool tangent);
  void sum_tile(const RowView& tile, bool tangent, ChunkSums* piece, const CompletionFlag& report);
  void backward(const RowView& tile, const network::UnitSplit* splits, double* delta);

  LayerTable layers_;
  Activation unit_;
  Output output_;
  const Blas* blas_;
  cudaStream_t stream_;
  DeviceBuffer<ChunkSums> block_sums_;
  DeviceBuffer<unsigned> counters_;  ///< the first of them of chunks that are done
  DeviceBuffer<double> gradient_;
  bool gradient_is_zero_ = false;
  // Where cuBLAS multiplies, for a tile of rows; per layer values [rows, n_l], tangents and deltas.
  long long tile_rows_ = 0;
  DeviceBuffer<double> moved_;  ///< the parameters above the first layer, at the point
  const double* parameters_ = nullptr;
  std::vector<DeviceBuffer<double>> values_;
  std::vector<DeviceBuffer<double>> tangents_;
  std::vector<DeviceBuffer<double>> deltas_;
  DeviceBuffer<double> partial_weights_;
  DeviceBuffer<double> partial_biases_;
};

}  // namespace annmpi::device::cuda
