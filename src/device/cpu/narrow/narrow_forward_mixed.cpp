#define ANNMPI_NARROW_REAL float
#include "device/cpu/narrow/narrow_forward-inl.hpp"
