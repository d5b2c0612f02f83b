#!/usr/bin/env bash
# The library must load on any Linux with a C library: no C++ or CUDA run-time library among its
# needs, no symbol but pw_* (and the version node) in its exports. Usage: linkage.sh LIBRARY
set -euo pipefail
library=$1
status=0

needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
if [ -z "$needed" ]; then
  echo "readelf lists no needed library of $library" >&2
  exit 1
fi
for name in $needed; do
  case "$name" in
    libc.so.* | libm.so.* | libdl.so.* | libpthread.so.* | librt.so.* | ld-linux*.so.*) ;;
    *)
      echo "$library needs $name, which is not part of every Linux" >&2
      status=1
      ;;
  esac
done

exports=$(nm -D --defined-only "$library" | awk '{ print $NF }' | sed 's/@.*//')
if ! grep -q '^pw_' <<< "$exports"; then
  echo "$library exports no pw_ function" >&2
  status=1
fi
stray=$(grep -v -e '^pw_' -e '^PW_1$' <<< "$exports" || true)
if [ -n "$stray" ]; then
  echo "$library exports more than pw_*:" $stray >&2
  status=1
fi
exit "$status"
