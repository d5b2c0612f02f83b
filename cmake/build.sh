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

# Of which sources the libraries are; taken before the build, which sources may change during.
note_sources() {
  mkdir -p "$build"
  rm -f "$build/sources.sha256"
  sources=$(bash "$root/cmake/digest.sh")
}

case "${1:-}" in
  all)
    note_sources
    cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release
    cmake --build "$build" --parallel "$(nproc)"
    echo "$sources" > "$build/sources.sha256"
    ;;
  libraries)
    note_sources
    cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release
    cmake --build "$build" --parallel "$(nproc)" --target libraries
    echo "$sources" > "$build/sources.sha256"
    ;;
  test)
    ctest --test-dir "$build" --output-on-failure --no-tests=error
    ;;
  *)
    echo "usage: cmake/build.sh all|libraries|test" >&2
    exit 2
    ;;
esac
