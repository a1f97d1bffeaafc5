# The sources of the GPU back end, which are compiled by nvcc for the module and by the host's
# compiler for its emulation in the tests.
set(annmpi_cuda_sources
  rows/block_copy.cpp rows/cuda_rows.cpp rows/gpu_rows.cpp rows/held_batches.cpp
  rows/rows.cu rows/staged_batches.cpp rows/streamed_blocks.cpp
  gemm/blas.cpp gemm/product_self_test.cpp gemm/wide_first_layer.cu
  narrow/narrow_backward.cu narrow/narrow_first_layer.cpp narrow/narrow_forward.cu
  int8/byte_first_layer.cu
  layers/bounds.cu layers/layer_table.cpp layers/upper_layers.cu
  full_batch/cuda_device.cpp full_batch/cuda_space.cu full_batch/elementwise.cu
  full_batch/part_sums.cu
  mini_batch/cuda_mini_batch_device.cpp mini_batch/layers.cu mini_batch/layout.cpp
  mini_batch/losses.cu mini_batch/measuring.cpp mini_batch/parameter_memory.cpp
  mini_batch/parameters.cu mini_batch/passes.cpp mini_batch/state.cpp mini_batch/steps.cpp
  runtime/check.cpp runtime/completion_flags.cpp runtime/graph.cpp
  collectives/staged_sums.cpp)
list(TRANSFORM annmpi_cuda_sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
