#!/usr/bin/env bash
# Runs and times the built programs on a machine with a GPU.
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'TEXT'
usage: tools/gpu_check.sh bundle OUT.tar.gz [--build FOLDER]
       tools/gpu_check.sh run [--build FOLDER] [options]     or, in an unpacked bundle: ./run.sh [options]

bundle  packs the build (in FOLDER, default: build/release) with its libraries, Open MPI and the reference
        data, so that it runs on machines without these packages. The bundle excludes the driver, the C
        library and the CUDA libraries, which must be on the machine. OUT may end in .tar.gz, .tar.xz or
        .tar.zst.
run     runs the GPU tests, compute-sanitizer, training on CPU and GPU, timings and a comparison with
        PyTorch, and prints a table at the end. It builds nothing and needs no network. --help lists the
        options.
TEXT
}

case ${1:-} in
  bundle) shift && exec "$here/gpu_check/bundle.sh" "$@" ;;
  run) shift && exec "$here/gpu_check/run.sh" "$@" ;;
  -h | --help) usage ;;
  *) usage >&2 && exit 2 ;;
esac
