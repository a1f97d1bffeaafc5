#pragma once

/// Marks functions for the CPU that nvcc also compiles for the GPU.
#ifdef __CUDACC__
#define ANNMPI_HOST_DEVICE __host__ __device__
#else
#define ANNMPI_HOST_DEVICE
#endif
