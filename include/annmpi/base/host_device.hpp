#pragma once

/// Before functions that run on the CPU and, where they are compiled for CUDA, on a GPU as well.
#ifdef __CUDACC__
#define ANNMPI_HOST_DEVICE __host__ __device__
#else
#define ANNMPI_HOST_DEVICE
#endif
