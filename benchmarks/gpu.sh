#!/usr/bin/env bash
# Tests Pixelwake on a GPU and measures its training step beside PyTorch's: benchmarks/README.md explains it,
# `benchmarks/gpu.sh --help` lists parts and options. Needs no Java and no Maven, but the two archives that
# `mvn -Pdist package` makes; Python with PyTorch and torchvision for the peers; nvcc and CMake where the CUDA
# library of the bundle is not of these sources.
#   PYTHON     the interpreter with PyTorch (default: python3)
#   CUDA_HOME  the CUDA toolkit (default: /usr/local/cuda)
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
python=${PYTHON:-python3}
# Where the CUDA toolkit keeps nvcc and compute-sanitizer; often it is not on the PATH.
export PATH="$PATH:${CUDA_HOME:-/usr/local/cuda}/bin"
if ! command -v "$python" > /dev/null; then
  echo "gpu.sh: $python is missing: install Python 3 with PyTorch and torchvision, or name one with PYTHON" >&2
  exit 2
fi
exec "$python" "$root/benchmarks/gpu/gpu.py" "$@"
