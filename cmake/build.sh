#!/usr/bin/env bash
# Builds the native libraries, or runs their tests. Usage: cmake/build.sh build|test
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

case "${1:-}" in
  build)
    cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release
    cmake --build "$build" --parallel "$(nproc)"
    ;;
  test)
    ctest --test-dir "$build" --output-on-failure --no-tests=error
    ;;
  *)
    echo "usage: cmake/build.sh build|test" >&2
    exit 2
    ;;
esac
