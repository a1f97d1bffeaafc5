#!/usr/bin/env bash
# Takes the built programs to a machine with a GPU, and checks there that they work and how fast.
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'TEXT'
usage: tools/gpu_check.sh bundle OUT.tar.gz [--build FOLDER]
       tools/gpu_check.sh run [--build FOLDER] [options]     or, in an unpacked bundle: ./run.sh [options]

bundle  packs what was built (in FOLDER, build/release by default) with its libraries, Open MPI and the
        reference data, so that it runs where none of their packages are; not in it are the driver, the
        C library, and CUDA's own libraries, which are looked for on the machine. OUT may be a .tar.gz,
        .tar.xz or .tar.zst.
run     builds nothing and needs no network: the GPU tests, compute-sanitizer, training on CPU and GPU,
        timings, PyTorch beside them. Prints a table last; --help names the options.
TEXT
}

case ${1:-} in
  bundle) shift && exec "$here/gpu_check/bundle.sh" "$@" ;;
  run) shift && exec "$here/gpu_check/run.sh" "$@" ;;
  -h | --help) usage ;;
  *) usage >&2 && exit 2 ;;
esac
