#include "device/cuda/mini_batch/layers.hpp"
#include "device/cuda/gemm/product.cuh"
#include "device/cuda/gemm/epilogues.cuh"

namespace annmpi::device::cuda::mini_batch {
namespace {

/// Calls work with the number of planes of the features, known to the compiler.
template <int parts>
struct Parts {
  static constexpr int value = parts;
};
template <class Numbers, class Work>
void with_parts(int parts, Work&& work) {
  if (parts == Numbers::parts)
    work(Parts<Numbers::parts>());
  else
    work(Parts<1>());
}

template <class Numbers, class Then>
void start_forward(const Factor<Numbers>& x, int parts, const Factor<Numbers>& W,
                   const LayerPlace& layer, int first, int end, const Then& use,
                   cudaStream_t stream) {
  with_parts<Numbers>(parts, [&]<class P>(P) {
    start_product(Factors<Numbers, P::value, Rows::along_k, Numbers::parts, Rows::along_k>{x, W},
                  {first, end, layer.outputs, layer.inputs}, use, stream);
  });
}

ProductShape gradient_shape(const LayerPlace& layer, int rows) {
  return {0, layer.outputs, layer.inputs + 1, rows};
}

template <class Numbers, class Then>
void start_backward(const Factor<Numbers>& delta, const Factor<Numbers>& x, int parts,
                    const LayerPlace& layer, int rows, const Then& use, cudaStream_t stream) {
  with_parts<Numbers>(parts, [&]<class P>(P) {
    start_product(
        Factors<Numbers, Numbers::parts, Rows::across_k, P::value, Rows::across_k>{delta, x},
        gradient_shape(layer, rows), use, stream);
  });
}

}  // namespace

template <class Numbers>
void start_values(const Factor<Numbers>& x, int parts, const Factor<Numbers>& W,
                  const LayerPlace& layer, int first, int end, const ToValues<Numbers>& to,
                  cudaStream_t stream) {
  start_forward<Numbers>(x, parts, W, layer, first, end, Use<ToValues<Numbers>>{{}, to}, stream);
}

template <class Numbers>
void start_logits(const Factor<Numbers>& x, int parts, const Factor<Numbers>& W,
                  const LayerPlace& layer, int first, int end, const ToLogits<Numbers>& to,
                  cudaStream_t stream) {
  start_forward<Numbers>(x, parts, W, layer, first, end, Use<ToLogits<Numbers>>{{}, to}, stream);
}

template <class Numbers>
void start_pull_back(const Factor<Numbers>& delta, const Factor<Numbers>& W,
                     const LayerPlace& layer, int first, int end, const ToDeltas<Numbers>& to,
                     cudaStream_t stream) {
  start_product(
      Factors<Numbers, Numbers::parts, Rows::along_k, Numbers::parts, Rows::across_k>{delta, W},
      {first, end, layer.inputs, layer.outputs}, Use<ToDeltas<Numbers>>{{}, to}, stream);
}

template <class Numbers>
void start_update(const Factor<Numbers>& delta, const Factor<Numbers>& x, int parts, int rows,
                  const ToParameters<Numbers>& to, cudaStream_t stream) {
  start_backward<Numbers>(delta, x, parts, to.layer, rows, Use<ToParameters<Numbers>>{{}, to},
                          stream);
}

template <class Numbers>
void start_gradient(const Factor<Numbers>& delta, const Factor<Numbers>& x, int parts, int rows,
                    const ToGradient<Numbers>& to, cudaStream_t stream) {
  start_backward<Numbers>(delta, x, parts, to.update.layer, rows,
                          Use<ToGradient<Numbers>>{{}, {{}, to.update}, to.gradients, to.squares},
                          stream);
}

int sums_of_squares(const LayerPlace& layer) {
  return blocks_of(gradient_shape(layer, 1));
}

#define ANNMPI_LAYERS_OF(Numbers)                                                                  \
  template void start_values(const Factor<Numbers>&, int, const Factor<Numbers>&,                  \
                             const LayerPlace&, int, int, const ToValues<Numbers>&, cudaStream_t); \
  template void start_logits<Numbers>(const Factor<Numbers>&, int, const Factor<Numbers>&,         \
                                      const LayerPlace&, int, int, const ToLogits<Numbers>&,       \
                                      cudaStream_t);                                               \
  template void start_pull_back(const Factor<Numbers>&, const Factor<Numbers>&, const LayerPlace&, \
                                int, int, const ToDeltas<Numbers>&, cudaStream_t);                 \
  template void start_update(const Factor<Numbers>&, const Factor<Numbers>&, int, int,             \
                             const ToParameters<Numbers>&, cudaStream_t);                          \
  template void start_gradient(const Factor<Numbers>&, const Factor<Numbers>&, int, int,           \
                               const ToGradient<Numbers>&, cudaStream_t);
ANNMPI_LAYERS_OF(Mixed)
ANNMPI_LAYERS_OF(Float64)
#undef ANNMPI_LAYERS_OF

}  // namespace annmpi::device::cuda::mini_batch
