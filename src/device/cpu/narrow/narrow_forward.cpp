#define ANNMPI_NARROW_REAL double
#include "device/cpu/narrow/narrow_forward-inl.hpp"
