#!/usr/bin/env bash
# Builds the native libraries, with what their tests need or without, or runs those tests; or builds
# the CPU library alone for this processor alone, into native/build/fast, as the fast tests need it.
# Usage: cmake/build.sh all|libraries|fast|test [own|release]
# The CUDA kernels are compiled for the GPUs of this machine, or one kind where there is none, which
# takes half of the time; with "release", for those of kernels/CMakeLists.txt.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build="$root/native/build"

need() {
  local tool
  for tool in $1; do
    if command -v "$tool" > /dev/null; then return; fi
  done
  echo "pixelwake: $2 is missing; it builds the native library. Install it: apt-get install $3" >&2
  exit 2
}

need cmake CMake cmake
need "${CXX:-c++ g++ clang++}" "a C++20 compiler" g++
need "make ninja" "make" make

# Of which sources the libraries are; taken before the build, which sources may change during.
note_sources() {
  mkdir -p "$build"
  rm -f "$build/sources.sha256"
  sources=$(bash "$root/cmake/digest.sh")
}

# The best instruction set of this processor, by the names of native/CMakeLists.txt.
own_isa() {
  local flags
  flags=$(grep -m 1 -E '^flags' /proc/cpuinfo 2> /dev/null || true)
  case " $flags " in
    *" avx512_bf16 "*) echo avx512_bf16 ;;
    *" avx512vl "*) echo avx512 ;;
    *" avx2 "*) echo avx2 ;;
    *) echo portable ;;
  esac
}

# The GPUs of this machine in the words of CMake: 90-real or 80-real;90-real.
own_gpus() {
  local gpus
  gpus=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2> /dev/null \
    | sed -n 's/^ *\([0-9]*\)\.\([0-9]*\) *$/\1\2-real/p' | sort -u | paste -s -d ';' || true)
  echo "${gpus:-90-real}"
}

# Builds a target for the GPUs of the word $2.
build_target() {
  local gpus
  case "$2" in
    own) gpus="-DCMAKE_CUDA_ARCHITECTURES=$(own_gpus)" ;;
    release) gpus=-UCMAKE_CUDA_ARCHITECTURES ;;
    *) usage ;;
  esac
  note_sources
  cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release "$gpus"
  cmake --build "$build" --parallel "$(nproc)" --target "$1"
  echo "$sources" > "$build/sources.sha256"
}

usage() {
  echo "usage: cmake/build.sh all|libraries|fast|test [own|release]" >&2
  exit 2
}

case "${1:-}" in
  all | libraries) build_target "$1" "${2:-own}" ;;
  fast)
    cmake -S "$root" -B "$build/fast" -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
      -DCMAKE_CUDA_COMPILER= -DCMAKE_DISABLE_FIND_PACKAGE_MPI=ON "-DPIXELWAKE_ISAS=$(own_isa)"
    cmake --build "$build/fast" --parallel "$(nproc)" --target pixelwake_cpu
    ;;
  test)
    ctest --test-dir "$build" --output-on-failure --no-tests=error
    ;;
  *) usage ;;
esac
