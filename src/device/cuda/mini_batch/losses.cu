#include "device/cuda/gemm/bf16_split.cuh"
#include "device/cuda/layers/activation_math.cuh"
#include "device/cuda/mini_batch/losses.hpp"
#include "device/cuda/runtime/launch.hpp"
#include "device/cuda/runtime/reduce.cuh"

namespace annmpi::device::cuda::mini_batch {
namespace {

constexpr int warps = 8;
constexpr int lanes = 32;

__device__ int lane() {
  return static_cast<int>(threadIdx.x % lanes);
}
__device__ int warp() {
  return static_cast<int>(threadIdx.x / lanes);
}

struct Larger {
  __device__ double operator()(double x, double y) const { return x < y ? y : x; }
};

/// The loss of a row, in all lanes of the warp that shares its classes; calls
/// store(k, d loss / d z_k). NaN where a logit is not finite.
template <class Real, class Store>
__device__ double row_loss(const LabelledLogits<Real>& logits, const Real* z, int label,
                           Store&& store) {
  const auto logit = [=](int k) { return static_cast<double>(z[k]); };
  return formulas::with_loss(logits.output, [&](auto rule) {
    double sum = 0;
    if constexpr (rule.has_independent_classes) {
      for (int k = lane(); k < logits.classes; k += lanes) {
        double delta = 0;
        sum = __dadd_rn(sum, rule.loss(logit(k), k == label, delta));
        store(k, delta);
      }
      return over_warp(sum, Add());
    } else {
      double largest = logit(0);
      for (int k = lane(); k < logits.classes; k += lanes) largest = Larger()(largest, logit(k));
      largest = over_warp(largest, Larger());
      for (int k = lane(); k < logits.classes; k += lanes)
        sum = __dadd_rn(sum, formulas::exp(logit(k) - largest));
      sum = over_warp(sum, Add());
      for (int k = lane(); k < logits.classes; k += lanes)
        store(k, rule.delta(formulas::exp(logit(k) - largest), sum, k == label ? 1.0 : 0.0));
      return rule.loss(sum, logit(label) - largest);
    }
  });
}

/// Whether the label's logit is the largest, in all lanes of the warp.
template <class Real>
__device__ bool is_hit(const Real* z, int classes, int label) {
  const Real own = z[label];
  long long larger = 0;
  for (int k = lane(); k < classes; k += lanes)
    if (!is_beaten(z[k], k, own, label)) ++larger;
  return over_warp(larger, Add()) == 0;
}

/// A warp for each row.
template <class Traits>
__global__ void find_deltas(LabelledLogits<typename Traits::Real> logits, int first, int end,
                            Planes<typename Traits::Stored> deltas) {
  using Real = typename Traits::Real;
  const int row = first + static_cast<int>(blockIdx.x) * warps + warp();
  if (row >= end) return;
  row_loss(logits, logits.z + static_cast<long long>(row) * logits.classes, logits.labels[row],
           [&](int k, double delta) { store<Traits>(deltas, row, k, static_cast<Real>(delta)); });
  for (int k = logits.classes + lane(); k < deltas.pitch; k += lanes)
    store<Traits>(deltas, row, k, Real{0});
}

/// A thread block for each block of rows; a warp takes every eighth row.
template <class Real>
__global__ void add_losses(LabelledLogits<Real> logits, LossBlocks blocks, long long first_block,
                           LossSums* sums) {
  __shared__ LossSums warp_sums[warps];
  const long long block = first_block + blockIdx.x;
  const long long first = blocks.begin(first_block);
  LossSums own{0, 0};
  for (long long i = blocks.begin(block) + warp(); i < blocks.end(block); i += warps) {
    const long long row = i - first;
    const Real* const z = logits.z + row * logits.classes;
    const int label = logits.labels[row];
    own.loss = __dadd_rn(own.loss, row_loss(logits, z, label, [](int, double) {}));
    own.hits += is_hit(z, logits.classes, label) ? 1 : 0;
  }
  if (lane() == 0) warp_sums[warp()] = own;
  __syncthreads();
  if (threadIdx.x != 0) return;
  LossSums all{0, 0};
  for (const LossSums& one : warp_sums) {
    all.loss = __dadd_rn(all.loss, one.loss);
    all.hits += one.hits;
  }
  sums[blockIdx.x] = all;
}

}  // namespace

template <class Traits>
void start_deltas(const LabelledLogits<typename Traits::Real>& logits, int first, int end,
                  const Planes<typename Traits::Stored>& deltas, cudaStream_t stream) {
  if (first >= end) return;
  launch(find_deltas<Traits>, {static_cast<unsigned>(ceil_div(end - first, warps))}, warps * lanes,
         0, stream, logits, first, end, deltas);
}

template <class Real>
void start_losses(const LabelledLogits<Real>& logits, const LossBlocks& blocks,
                  long long first_block, int count, LossSums* sums, cudaStream_t stream) {
  launch(add_losses<Real>, {static_cast<unsigned>(count)}, warps * lanes, 0, stream, logits, blocks,
         first_block, sums);
}

template void start_deltas<Mixed>(const LabelledLogits<float>&, int, int,
                                  const Planes<std::uint16_t>&, cudaStream_t);
template void start_deltas<Float64>(const LabelledLogits<double>&, int, int, const Planes<double>&,
                                    cudaStream_t);
template void start_losses(const LabelledLogits<float>&, const LossBlocks&, long long, int,
                           LossSums*, cudaStream_t);
template void start_losses(const LabelledLogits<double>&, const LossBlocks&, long long, int,
                           LossSums*, cudaStream_t);

}  // namespace annmpi::device::cuda::mini_batch
