// A fake NVIDIA driver, libcuda.so.1: the functions that the CUDA runtime calls before it reports
// that there is no GPU. FAKE_CUDA_VERSION is the result of cuDriverGetVersion(), FAKE_CUDA_INIT
// that of cuInit().

#include <cstdlib>
#include <cstring>

namespace {

int number(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

constexpr int unknown_error = 999;
int any_other_call() {
  return unknown_error;
}

}  // namespace

extern "C" {

int cuInit(unsigned) {
  return number("FAKE_CUDA_INIT", 0);
}

int cuDriverGetVersion(int* version) {
  *version = number("FAKE_CUDA_VERSION", 99000);
  return 0;
}

int cuGetProcAddress(const char* name, void** function, int version, unsigned long long flags);

int cuGetProcAddress_v2(const char* name, void** function, int version, unsigned long long flags,
                        int* status) {
  if (status != nullptr) *status = 0;
  if (std::strcmp(name, "cuGetProcAddress") == 0)
    *function = version >= 12000 ? reinterpret_cast<void*>(cuGetProcAddress_v2)
                                 : reinterpret_cast<void*>(cuGetProcAddress);
  else if (std::strcmp(name, "cuInit") == 0)
    *function = reinterpret_cast<void*>(cuInit);
  else if (std::strcmp(name, "cuDriverGetVersion") == 0)
    *function = reinterpret_cast<void*>(cuDriverGetVersion);
  else
    *function = reinterpret_cast<void*>(any_other_call);
  (void)flags;
  return 0;
}

int cuGetProcAddress(const char* name, void** function, int version, unsigned long long flags) {
  return cuGetProcAddress_v2(name, function, version, flags, nullptr);
}
}
