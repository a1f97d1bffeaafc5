#!/usr/bin/env bash
# check_bundle.sh TREE BUILD: checks that the bundle of tools/gpu_check.sh works outside the tree, in an
# empty environment, and reports a missing GPU.
set -euo pipefail
tree=${1:?usage: check_bundle.sh TREE BUILD} build=${2:?usage: check_bundle.sh TREE BUILD}
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
cd -- "$work"
"$tree/tools/gpu_check.sh" bundle bundle.tar.gz --build "$build"
if [ "$(stat -c %s bundle.tar.gz)" -gt 60000000 ]; then echo "the bundle is larger than 60 MB" && exit 1; fi
mkdir 'a folder' && tar -xzf bundle.tar.gz -C 'a folder'
# Hides any GPU.
env -i PATH=/usr/bin:/bin CUDA_VISIBLE_DEVICES='' 'a folder/annmpi_gpu_check/run.sh' --output results \
  --only machine,cpu,training | tee words.txt
expect() { grep -Eq -- "$1" words.txt || { echo "missing in the output: $1" && exit 1; }; }
expect '^machine +ok '
expect '^cpu +ok .*: ([0-9a-f]{32}), \1, \1$'
expect '^training +skipped .* no usable GPU$'
expect '^no usable GPU: compute.device = "gpu": rank 0 on '
