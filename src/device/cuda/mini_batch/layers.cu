#include <type_traits>

#include "device/cuda/gemm/epilogues.cuh"
#include "device/cuda/gemm/product.cuh"
#include "device/cuda/mini_batch/layers.hpp"

namespace annmpi::device::cuda::mini_batch {
namespace {

/// Calls work with the number of planes of x as a constant.
template <class Traits, class Work>
void with_planes(int planes, Work&& work) {
  if (planes == Traits::planes)
    work(std::integral_constant<int, Traits::planes>());
  else
    work(std::integral_constant<int, 1>());
}

template <class Traits, class To>
void start_forward(const Operand<Traits>& x, int planes, const Operand<Traits>& W,
                   const LayerPlace& layer, int first, int end, const To& to, cudaStream_t stream) {
  with_planes<Traits>(planes, [&]<class P>(P) {
    start_product(Operands<Traits, P::value, Rows::along_k, Traits::planes, Rows::along_k>{x, W},
                  {first, end, layer.outputs, layer.inputs}, Epilogue<To>{{}, to}, stream);
  });
}

ProductShape gradient_shape(const LayerPlace& layer, int rows) {
  return {0, layer.outputs, layer.inputs + 1, rows};
}

template <class Traits, class To>
void start_backward(const Operand<Traits>& delta, const Operand<Traits>& x, int planes,
                    const LayerPlace& layer, int rows, const Epilogue<To>& epilogue,
                    cudaStream_t stream) {
  with_planes<Traits>(planes, [&]<class P>(P) {
    start_product(
        Operands<Traits, Traits::planes, Rows::across_k, P::value, Rows::across_k>{delta, x},
        gradient_shape(layer, rows), epilogue, stream);
  });
}

}  // namespace

template <class Traits>
void start_values(const Operand<Traits>& x, int planes, const Operand<Traits>& W,
                  const LayerPlace& layer, int first, int end, const ToValues<Traits>& to,
                  cudaStream_t stream) {
  start_forward<Traits>(x, planes, W, layer, first, end, to, stream);
}

template <class Traits>
void start_logits(const Operand<Traits>& x, int planes, const Operand<Traits>& W,
                  const LayerPlace& layer, int first, int end, const ToLogits<Traits>& to,
                  cudaStream_t stream) {
  start_forward<Traits>(x, planes, W, layer, first, end, to, stream);
}

template <class Traits>
void start_pull_back(const Operand<Traits>& delta, const Operand<Traits>& W,
                     const LayerPlace& layer, int first, int end, const ToDeltas<Traits>& to,
                     cudaStream_t stream) {
  start_product(
      Operands<Traits, Traits::planes, Rows::along_k, Traits::planes, Rows::across_k>{delta, W},
      {first, end, layer.inputs, layer.outputs}, Epilogue<ToDeltas<Traits>>{{}, to}, stream);
}

template <class Traits>
void start_update(const Operand<Traits>& delta, const Operand<Traits>& x, int planes, int rows,
                  const ToParameters<Traits>& to, cudaStream_t stream) {
  start_backward<Traits>(delta, x, planes, to.layer, rows, Epilogue<ToParameters<Traits>>{{}, to},
                         stream);
}

template <class Traits>
void start_gradient(const Operand<Traits>& delta, const Operand<Traits>& x, int planes, int rows,
                    const ToGradient<Traits>& to, cudaStream_t stream) {
  start_backward<Traits>(
      delta, x, planes, to.update.layer, rows,
      Epilogue<ToGradient<Traits>>{{}, {{}, to.update}, to.gradients, to.squares}, stream);
}

int sums_of_squares(const LayerPlace& layer) {
  return blocks_of(gradient_shape(layer, 1));
}

#define ANNMPI_LAYERS_OF(Traits)                                                                   \
  template void start_values(const Operand<Traits>&, int, const Operand<Traits>&,                  \
                             const LayerPlace&, int, int, const ToValues<Traits>&, cudaStream_t);  \
  template void start_logits<Traits>(const Operand<Traits>&, int, const Operand<Traits>&,          \
                                     const LayerPlace&, int, int, const ToLogits<Traits>&,         \
                                     cudaStream_t);                                                \
  template void start_pull_back(const Operand<Traits>&, const Operand<Traits>&, const LayerPlace&, \
                                int, int, const ToDeltas<Traits>&, cudaStream_t);                  \
  template void start_update(const Operand<Traits>&, const Operand<Traits>&, int, int,             \
                             const ToParameters<Traits>&, cudaStream_t);                           \
  template void start_gradient(const Operand<Traits>&, const Operand<Traits>&, int, int,           \
                               const ToGradient<Traits>&, cudaStream_t);
ANNMPI_LAYERS_OF(Mixed)
ANNMPI_LAYERS_OF(Float64)
#undef ANNMPI_LAYERS_OF

}  // namespace annmpi::device::cuda::mini_batch
