// A fake GPU module. FAKE_MODULE_BUILD is the build that it claims: a name in quotes, or
// device::build_identity().

#include "device/gpu_module.hpp"

namespace {

using annmpi::device::FoundGpu;
using annmpi::device::GpuModule;

FoundGpu find_gpu(int local_rank) {
  FoundGpu found;
  found.present = true;
  found.gpu.index = local_rank % 2;
  found.gpu.name = "GPU of a test";
  return found;
}

std::unique_ptr<annmpi::device::FullBatchDevice> make_full_batch_device(
    const annmpi::device::Gpu&, annmpi::network::Network, annmpi::device::GpuRank,
    const annmpi::device::DeviceOptions&) {
  return nullptr;
}

}  // namespace

extern "C" const GpuModule* annmpi_gpu_module();

const GpuModule* annmpi_gpu_module() {
  static const GpuModule module{.build = FAKE_MODULE_BUILD,
                                .find_gpu = find_gpu,
                                .make_full_batch_device = make_full_batch_device};
  return &module;
}
