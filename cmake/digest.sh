#!/usr/bin/env bash
# Prints a digest of the sources of the native libraries: equal where a library built from them is
# still theirs, whatever a copy did to the times of the files. Usage: cmake/digest.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
find CMakeLists.txt cmake native kernels \( -name build -o -name tests \) -prune -o -type f -print0 \
  | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
