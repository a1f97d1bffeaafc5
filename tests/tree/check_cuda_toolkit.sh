#!/usr/bin/env bash
# check_cuda_toolkit.sh ROOT: tests tools/cmake/Cuda.cmake with toolkits that are too old, broken or disabled.
set -euo pipefail
root=$(cd -- "${1:?usage: check_cuda_toolkit.sh ROOT}" && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"

mkdir project
cat >project/CMakeLists.txt <<TEXT
cmake_minimum_required(VERSION 3.25)
project(toolkit LANGUAGES CXX)
include($root/tools/cmake/Cuda.cmake)
message(STATUS "module: \${ANNMPI_CUDA_MODULE}")
TEXT
nvcc() { # NAME RELEASE: a compiler that reports this release and compiles nothing
  cat >"$1" <<TEXT
#!/bin/sh
[ "\$1" = --version ] && echo "Cuda compilation tools, release $2, V$2.1" && exit 0
exit 1
TEXT
  chmod +x "$1"
}
nvcc old 11.8
nvcc broken 12.4

# expect WORDS ARGUMENTS: the module must be left out with this message.
expect() {
  local words=$1 said
  shift
  cmake -S project -B build "$@" >said 2>&1 || { cat said && exit 1; }
  said=$(tr -s ' \n' ' ' <said)
  if [[ $said != *"GPU module: left out ($words)"* ]] || [[ $said != *"module: FALSE"* ]]; then
    echo "missing in the output with $*: $words" && cat said && exit 1
  fi
  rm -r build
}
# refuse WORDS ARGUMENTS: the configuration must fail with this message.
refuse() {
  local words=$1 said
  shift
  if cmake -S project -B build "$@" >said 2>&1; then echo "not refused: $*" && exit 1; fi
  said=$(tr -s ' \n' ' ' <said)
  [[ $said == *"$words"* ]] || { echo "missing in the output with $*: $words" && cat said && exit 1; }
  rm -r build
}

expect "$work/old is of CUDA 11.8, and 12.0 is needed" -DANNMPI_NVCC="$work/old"
refuse "$work/old is of CUDA 11.8, and 12.0 is needed), but ANNMPI_CUDA=ON asks for it" \
  -DANNMPI_NVCC="$work/old" -DANNMPI_CUDA=ON
expect "/bin/false does not run (nvcc --version: 1)" -DANNMPI_NVCC=/bin/false
compiler=$(cmake -S project -B build -DANNMPI_CUDA=OFF -LA 2>/dev/null |
  sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p')
rm -r build
expect "$work/broken compiles nothing with $compiler as host compiler" -DANNMPI_NVCC="$work/broken"
expect "ANNMPI_CUDA=OFF" -DANNMPI_CUDA=OFF -DANNMPI_NVCC="$work/broken"
expect "the sanitizers of ANNMPI_SANITIZE do not know CUDA" -DANNMPI_SANITIZE=address
refuse "ANNMPI_CUDA=maybe is unknown: write AUTO, ON or OFF" -DANNMPI_CUDA=maybe
