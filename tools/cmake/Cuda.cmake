# The GPU module (docs/decisions/0007-gpu-module.md) is built where a CUDA toolkit is found that can
# build it. Sets ANNMPI_CUDA_MODULE to whether it is; one line of the configuration says why not.
# To be included at the top of the project: it enables a language.
set(ANNMPI_CUDA AUTO CACHE STRING
  "The GPU module: AUTO (where a CUDA toolkit of version 12.0 or later is found), ON or OFF")
set_property(CACHE ANNMPI_CUDA PROPERTY STRINGS AUTO ON OFF)

# Compiled for the A100 (8.0) and the H100 and H200 (9.0); later ones compile the PTX for themselves.
set(ANNMPI_CUDA_ARCHITECTURES "80-real;90-real;90-virtual" CACHE STRING
  "What the GPU module is compiled for, as CMAKE_CUDA_ARCHITECTURES")

set(ANNMPI_CUDA_MODULE FALSE)
set(annmpi_no_cuda "")  # why the module is left out

# A word on what `nvcc --version` says: empty where it will do.
function(annmpi_judge_nvcc nvcc trouble)
  execute_process(COMMAND ${nvcc} --version
    RESULT_VARIABLE status OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT status EQUAL 0 OR NOT text MATCHES "release ([0-9]+\\.[0-9]+)")
    set(${trouble} "${nvcc} does not run (nvcc --version: ${status})" PARENT_SCOPE)
  elseif(CMAKE_MATCH_1 VERSION_LESS 12.0)
    set(${trouble} "${nvcc} is of CUDA ${CMAKE_MATCH_1}, and 12.0 is needed" PARENT_SCOPE)
  else()
    set(${trouble} "" PARENT_SCOPE)
  endif()
endfunction()

if(NOT ANNMPI_CUDA MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "ANNMPI_CUDA=${ANNMPI_CUDA} is unknown: write AUTO, ON or OFF")
elseif(ANNMPI_CUDA STREQUAL "OFF")
  set(annmpi_no_cuda "ANNMPI_CUDA=OFF")
elseif(ANNMPI_SANITIZE)
  set(annmpi_no_cuda "the sanitizers of ANNMPI_SANITIZE do not know CUDA")
else()
  find_program(ANNMPI_NVCC nvcc
    HINTS ENV CUDACXX ENV CUDA_PATH ENV CUDA_HOME PATH_SUFFIXES bin PATHS /usr/local/cuda/bin)
  if(NOT ANNMPI_NVCC)
    set(annmpi_no_cuda "no nvcc in PATH or /usr/local/cuda/bin")
  else()
    annmpi_judge_nvcc(${ANNMPI_NVCC} annmpi_no_cuda)
  endif()
endif()

if(NOT annmpi_no_cuda)
  # The same compiler for the module's host code as for the program: objects of C++ cross over.
  if(NOT CMAKE_CUDA_HOST_COMPILER)
    set(CMAKE_CUDA_HOST_COMPILER ${CMAKE_CXX_COMPILER})
  endif()
  set(ENV{CUDACXX} ${ANNMPI_NVCC})
  include(CheckLanguage)
  check_language(CUDA)
  if(NOT CMAKE_CUDA_COMPILER)
    set(annmpi_no_cuda "${ANNMPI_NVCC} compiles nothing with ${CMAKE_CUDA_HOST_COMPILER} as host compiler")
  endif()
endif()

if(NOT annmpi_no_cuda)
  set(CMAKE_CUDA_ARCHITECTURES ${ANNMPI_CUDA_ARCHITECTURES})
  enable_language(CUDA)
  # CMake knows of CUDA's C++20 only from 3.25.2 on.
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
    list(APPEND CMAKE_CUDA_COMPILE_FEATURES cuda_std_20)
  endif()
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_EXTENSIONS OFF)
  if(CCACHE_PROGRAM AND NOT CMAKE_CUDA_COMPILER_LAUNCHER)
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  endif()
  find_package(CUDAToolkit QUIET)
  if(NOT TARGET CUDA::cudart_static)
    set(annmpi_no_cuda "the toolkit of ${ANNMPI_NVCC} has no libcudart_static.a")
  elseif(NOT TARGET CUDA::cublas)
    set(annmpi_no_cuda "the toolkit of ${ANNMPI_NVCC} has no cuBLAS")
  endif()
endif()

if(NOT annmpi_no_cuda)
  set(ANNMPI_CUDA_MODULE TRUE)
  # Its header alone: the library is loaded where several GPUs work together.
  find_path(ANNMPI_NCCL_INCLUDE_DIR nccl.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
  set(annmpi_nccl "with NCCL")
  if(NOT ANNMPI_NCCL_INCLUDE_DIR)
    set(annmpi_nccl "without NCCL, whose header nccl.h was not found: GPUs add up through MPI")
  endif()
  list(JOIN CMAKE_CUDA_ARCHITECTURES ", " annmpi_cuda_architectures)
  message(STATUS "GPU module: CUDA ${CUDAToolkit_VERSION} (${CUDAToolkit_BIN_DIR}) for "
    "${annmpi_cuda_architectures}; ${annmpi_nccl}")
elseif(ANNMPI_CUDA STREQUAL "ON")
  message(FATAL_ERROR "The GPU module cannot be built (${annmpi_no_cuda}), but ANNMPI_CUDA=ON asks "
    "for it: install NVIDIA's CUDA toolkit, name its compiler with -DANNMPI_NVCC=/path/to/nvcc, or "
    "leave the module out with -DANNMPI_CUDA=OFF.")
else()
  message(STATUS "GPU module: left out (${annmpi_no_cuda})")
endif()
