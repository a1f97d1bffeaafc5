#include "device/cuda/gemm/epilogues.cuh"
#include "device/cuda/gemm/product.cuh"
#include "device/cuda/mini_batch/layers.hpp"

namespace annmpi::device::cuda::mini_batch {
namespace {

/// Calls work with the number of planes of the features, known to the compiler.
template <int parts>
struct Parts {
  static constexpr int value = parts;
};
template <class Traits, class Work>
void with_parts(int parts, Work&& work) {
  if (parts == Traits::parts)
    work(Parts<Traits::parts>());
  else
    work(Parts<1>());
}

template <class Traits, class Then>
void start_forward(const Factor<Traits>& x, int parts, const Factor<Traits>& W,
                   const LayerPlace& layer, int first, int end, const Then& use,
                   cudaStream_t stream) {
  with_parts<Traits>(parts, [&]<class P>(P) {
    start_product(Factors<Traits, P::value, Rows::along_k, Traits::parts, Rows::along_k>{x, W},
                  {first, end, layer.outputs, layer.inputs}, use, stream);
  });
}

ProductShape gradient_shape(const LayerPlace& layer, int rows) {
  return {0, layer.outputs, layer.inputs + 1, rows};
}

template <class Traits, class Then>
void start_backward(const Factor<Traits>& delta, const Factor<Traits>& x, int parts,
                    const LayerPlace& layer, int rows, const Then& use, cudaStream_t stream) {
  with_parts<Traits>(parts, [&]<class P>(P) {
    start_product(
        Factors<Traits, Traits::parts, Rows::across_k, P::value, Rows::across_k>{delta, x},
        gradient_shape(layer, rows), use, stream);
  });
}

}  // namespace

template <class Traits>
void start_values(const Factor<Traits>& x, int parts, const Factor<Traits>& W,
                  const LayerPlace& layer, int first, int end, const ToValues<Traits>& to,
                  cudaStream_t stream) {
  start_forward<Traits>(x, parts, W, layer, first, end, Use<ToValues<Traits>>{{}, to}, stream);
}

template <class Traits>
void start_logits(const Factor<Traits>& x, int parts, const Factor<Traits>& W,
                  const LayerPlace& layer, int first, int end, const ToLogits<Traits>& to,
                  cudaStream_t stream) {
  start_forward<Traits>(x, parts, W, layer, first, end, Use<ToLogits<Traits>>{{}, to}, stream);
}

template <class Traits>
void start_pull_back(const Factor<Traits>& delta, const Factor<Traits>& W, const LayerPlace& layer,
                     int first, int end, const ToDeltas<Traits>& to, cudaStream_t stream) {
  start_product(
      Factors<Traits, Traits::parts, Rows::along_k, Traits::parts, Rows::across_k>{delta, W},
      {first, end, layer.inputs, layer.outputs}, Use<ToDeltas<Traits>>{{}, to}, stream);
}

template <class Traits>
void start_update(const Factor<Traits>& delta, const Factor<Traits>& x, int parts, int rows,
                  const ToParameters<Traits>& to, cudaStream_t stream) {
  start_backward<Traits>(delta, x, parts, to.layer, rows, Use<ToParameters<Traits>>{{}, to},
                         stream);
}

template <class Traits>
void start_gradient(const Factor<Traits>& delta, const Factor<Traits>& x, int parts, int rows,
                    const ToGradient<Traits>& to, cudaStream_t stream) {
  start_backward<Traits>(delta, x, parts, to.update.layer, rows,
                         Use<ToGradient<Traits>>{{}, {{}, to.update}, to.gradients, to.squares},
                         stream);
}

int sums_of_squares(const LayerPlace& layer) {
  return blocks_of(gradient_shape(layer, 1));
}

#define ANNMPI_LAYERS_OF(Traits)                                                                   \
  template void start_values(const Factor<Traits>&, int, const Factor<Traits>&, const LayerPlace&, \
                             int, int, const ToValues<Traits>&, cudaStream_t);                     \
  template void start_logits<Traits>(const Factor<Traits>&, int, const Factor<Traits>&,            \
                                     const LayerPlace&, int, int, const ToLogits<Traits>&,         \
                                     cudaStream_t);                                                \
  template void start_pull_back(const Factor<Traits>&, const Factor<Traits>&, const LayerPlace&,   \
                                int, int, const ToDeltas<Traits>&, cudaStream_t);                  \
  template void start_update(const Factor<Traits>&, const Factor<Traits>&, int, int,               \
                             const ToParameters<Traits>&, cudaStream_t);                           \
  template void start_gradient(const Factor<Traits>&, const Factor<Traits>&, int, int,             \
                               const ToGradient<Traits>&, cudaStream_t);
ANNMPI_LAYERS_OF(Mixed)
ANNMPI_LAYERS_OF(Float64)
#undef ANNMPI_LAYERS_OF

}  // namespace annmpi::device::cuda::mini_batch
