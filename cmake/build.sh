#!/usr/bin/env bash
# Builds the native libraries, with what their tests need or without, or runs those tests.
# Usage: cmake/build.sh all|libraries|test
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
  all)
    cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release
    cmake --build "$build" --parallel "$(nproc)"
    ;;
  libraries)
    cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release
    cmake --build "$build" --parallel "$(nproc)" --target libraries
    ;;
  test)
    ctest --test-dir "$build" --output-on-failure --no-tests=error
    ;;
  *)
    echo "usage: cmake/build.sh all|libraries|test" >&2
    exit 2
    ;;
esac
