#!/usr/bin/env bash
# Packs the built programs for a machine without their packages; see tools/gpu_check.sh.
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd -P -- "$here/../.." && pwd)

misuse() {
  echo "gpu_check: $*" >&2
  exit 2
}

build=$tree/build/release out=
while [ $# -gt 0 ]; do
  case $1 in
    --build) [ $# -ge 2 ] || misuse "--build needs a folder"; build=$2; shift ;;
    -*) misuse "unknown option '$1'" ;;
    *) [ -z "$out" ] || misuse "one bundle at a time, not '$out' and '$1'"; out=$1 ;;
  esac
  shift
done
case $out in
  *.tar.gz | *.tar.xz | *.tar.zst) ;;
  *) misuse "the output file must end in .tar.gz, .tar.xz or .tar.zst, not '$out'" ;;
esac
[ -x "$build/bin/annmpi" ] || misuse "$build/bin/annmpi is not there; build it, or name its folder with --build"
module=$build/lib/annmpi/libannmpi_cuda.so
[ -e "$module" ] || misuse "$module is not there; build with the CUDA toolkit installed (-DANNMPI_CUDA=ON)"

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
root=$work/annmpi_gpu_check
mkdir -p "$root"/{bin,lib/annmpi,tests,golden,openmpi/bin,openmpi/plugins,openmpi/pmix}

cp -- "$build"/bin/annmpi{,-data,-predict} "$root/bin/"
cp -- "$module" "$root/lib/annmpi/"
# Tests that need a GPU, and benchmarks, if this build has them.
for program in "$build"/tests/test_gpu* "$build"/tests/bench_*; do
  if [ -x "$program" ] && [ -f "$program" ]; then cp -- "$program" "$root/tests/"; fi
done
cp -- "$tree"/tests/golden/*.{json,csv} "$root/golden/"
cp -- "$here/run.sh" "$here/pytorch_peer.py" "$root/"

# Open MPI: its launcher and the plug-ins for ranks on one host. Plug-ins for networks have too many
# dependencies.
library_folder=$(ompi_info --path pkglibdir --parsable | sed 's/.*pkglibdir://')
share=$(ompi_info --path pkgdatadir --parsable | sed 's/.*pkgdatadir://')
cp -- "$(readlink -f "$(command -v mpirun)")" "$root/openmpi/bin/mpirun"
for plugin in "$library_folder"/mca_*.so; do
  case $(basename "$plugin") in
    *_ucx.so | *_ofi.so | *_openib.so | *_psm*.so | mca_pml_cm.so | *_flux.so | mca_io_*) ;;
    *_slurm.so | *_gridengine.so | mca_scoll_* | mca_spml_* | mca_sshmem_* | mca_memheap_*) ;;
    *) cp -- "$plugin" "$root/openmpi/plugins/" ;;
  esac
done
mkdir -p "$root/openmpi/share/openmpi"
cp -r -- "$share"/. "$root/openmpi/share/openmpi/"
pmix=$(ldd "$library_folder/mca_pmix_ext3x.so" 2>/dev/null | sed -n 's/.*libpmix[^ ]* => \([^ ]*\).*/\1/p')
if [ -n "$pmix" ]; then
  pmix_plugins=$(dirname "$(readlink -f "$pmix")")/pmix
  cp -- "$pmix_plugins"/*.so "$root/openmpi/pmix/" 2>/dev/null || true
fi

# Shared libraries, except the C library and CUDA. The compiler's libraries are in a separate folder,
# because newer ones of the machine take precedence.
mkdir -p "$root/lib/compiler"
needed_by() { LD_LIBRARY_PATH='' ldd "$@" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | sort -u; }
# CUDA libraries that the machine must provide: those that the module links, and NCCL, loaded by dlopen.
{
  readelf -d "$module" | sed -n 's/.*NEEDED.*\[\(libcu.*\)\]/\1/p'
  echo libnccl.so.2
} >"$root/cuda_libraries"
# OpenBLAS is loaded by dlopen, in the variant that annmpi was configured with.
blas=$(sed -n 's/^OPENBLAS_OPENMP_LIBRARY:[A-Z]*=//p' "$build/CMakeCache.txt")
cp -L -- "$blas" "$root/lib/libopenblas.so.0"
mapfile -t binaries < <(find "$root" -type f \( -perm -u+x -o -name '*.so*' \) ! -name '*.sh')
while IFS= read -r library; do
  case $(basename "$library") in
    libc.so.* | libm.so.* | libpthread.so.* | libdl.so.* | librt.so.* | libresolv.so.* | ld-linux*) ;;
    libcublas* | libcudart* | libnccl* | libcuda.so* | libnvrtc* | libnvJitLink*) ;;
    libstdc++.so.* | libgcc_s.so.* | libgomp.so.*) cp -L -- "$library" "$root/lib/compiler/" ;;
    *) cp -L -- "$library" "$root/lib/" ;;
  esac
done < <(needed_by "${binaries[@]}")
strip --strip-debug "$root"/lib/*.so* "$root"/tests/* "$root"/bin/* 2>/dev/null || true

case $out in
  *.tar.zst) tar -C "$work" -I 'zstd -19 -T0' -cf "$out" annmpi_gpu_check ;;
  *) tar -C "$work" -acf "$out" annmpi_gpu_check ;;
esac
echo "$out: $(du -h -- "$out" | cut -f1), unpacked $(du -sh -- "$root" | cut -f1), tests: $(
  cd "$root/tests" && echo *)"
