#pragma once

#include <memory>
#include <span>
#include <vector>

#include "annmpi/network/unit_split.hpp"
#include "annmpi/rules/activation.hpp"
#include "annmpi/rules/loss.hpp"

#include "device/cuda/gemm/blas.hpp"
#include "device/cuda/layers/layer_table.hpp"
#include "device/cuda/rows/row_view.hpp"
#include "device/cuda/runtime/memory.hpp"

namespace annmpi::device::cuda {

enum class Pass;
struct UpperGradient;
struct RoundedParts;

/// Losses, slopes and hits of each piece of a shard, in pinned memory, and the flag that they are
/// complete.
struct PieceSums {
  ChunkSums* pieces;
  CompletionFlag report;
};

/// How the layers above the first are computed.
struct UpperWay {
  bool narrow;             ///< by one kernel instead of cuBLAS
  long long partial_rows;  ///< most rows of a partial sum of the gradient
};

/// Depends on the shape of the network and on the chunks alone.
[[nodiscard]] UpperWay upper_way(const LayerTable& layers, long long chunk_rows);

/// The layers above the first, from its pre-activations: the forward pass, its tangent along the
/// direction, and the backward pass down to delta_1.
class UpperLayers {
 public:
  UpperLayers(const LayerTable& layers, rules::Activation activation, rules::OutputUnit output,
              const Blas* blas, cudaStream_t stream);

  /// Allocates memory for shards of this size.
  void reserve(long long rows, long long chunk_rows);
  /// Count of pieces, whose losses are summed in one order.
  [[nodiscard]] long long pieces(long long rows, long long chunk_rows) const;

  /// Loss and hits, and with probe() the slope, of all rows of a shard, which must not be empty.
  void measure(const RowView& rows, const DevicePoint& point, const PieceSums& sums);
  void probe(const RowView& rows, const DevicePoint& point, const PieceSums& sums);
  /// [rows, classes], in device memory
  void logits(const RowView& rows, const DevicePoint& point, double* out);

  /// Sets the sums of the gradient to zero, unless they are.
  void start();
  /// Loss and hits; delta_1 [rows, n_1]; adds to the sums of the gradient. The rows are those of a
  /// shard from `first_row`, where a chunk begins; `sums` has the pieces of the whole shard, and a
  /// flag with its last rows only.
  void add_gradient(const RowView& rows, long long first_row, const DevicePoint& point,
                    const network::UnitSplit* splits, double* delta, const PieceSums& sums);

  /// The sums of the gradient above the first layer, to be added over ranks: highs, then lows.
  [[nodiscard]] double* gradient() const { return gradient_.data(); }
  [[nodiscard]] std::size_t gradient_size() const { return gradient_.size(); }
  /// The same for a kernel that rounds them and resets them to zero.
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
  /// Where layer l's pre-activations are, or were until its values replaced them.
  [[nodiscard]] double* arguments(unsigned l) const {
    return l < arguments_.size() ? arguments_[l].data() : values_[l].data();
  }
  void affine(unsigned l, long long rows, const double* a, const double* parameters, bool add,
              double* z);
  void forward(const RowView& tile, const DevicePoint& point, bool tangent);
  void sum_tile(const RowView& tile, bool tangent, ChunkSums* piece, const CompletionFlag& report);
  void backward(const RowView& tile, const network::UnitSplit* splits, double* delta);

  LayerTable layers_;
  rules::Activation activation_;
  rules::OutputUnit output_;
  const Blas* blas_;
  cudaStream_t stream_;
  DeviceBuffer<ChunkSums> block_sums_;
  DeviceBuffer<unsigned> counters_;  ///< of finished chunks, then one per chunk
  DeviceBuffer<double> gradient_;
  bool gradient_is_zero_ = false;
  // Workspace for cuBLAS: a tile of rows, per layer its values [rows, n_l], tangents and deltas.
  long long tile_rows_ = 0;
  DeviceBuffer<double> moved_;  ///< the parameters above the first layer, at the point
  const double* parameters_ = nullptr;
  std::vector<DeviceBuffer<double>> values_;
  std::vector<DeviceBuffer<double>> arguments_;  ///< of hidden layers; empty if not kept
  std::vector<DeviceBuffer<double>> tangents_;
  std::vector<DeviceBuffer<double>> deltas_;
  DeviceBuffer<double> partial_weights_;
  DeviceBuffer<double> partial_biases_;
};

}  // namespace annmpi::device::cuda
