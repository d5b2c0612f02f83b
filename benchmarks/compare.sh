#!/usr/bin/env bash
# Measures Pixelwake and its peers, interleaved, and writes tables and plots to benchmarks/results/.
# `benchmarks/compare.sh --help` lists the parts and options; benchmarks/README.md explains them.
# Needs what Pixelwake needs, and Debian's python3-torch, python3-torchvision (the reference model
# for the peers) and python3-matplotlib. The first run downloads libtorch, ONNX Runtime and ND4J
# (about 400 MB).
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
. "$root/bin/find-jdk.sh"
cd "$root"

fail() {
  printf 'compare.sh: %s\n' "$@" >&2
  exit 2
}

# The interpreter of Debian's packages, unless another one is asked for.
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import matplotlib, torch, torchvision' 2> /dev/null \
  || fail "$python lacks matplotlib, torch or torchvision:" \
    "apt-get install python3-matplotlib python3-torch python3-torchvision"
find_jdk || fail "no JDK $JDK_MINIMUM or newer found; looked at:" "$JDK_SEEN"

case " $* " in
  *" --help "* | *" -h "* | *" --report "*) ;;
  *)
    echo "compare.sh: building Pixelwake and the peers" >&2
    bin/pixelwake --version > /dev/null
    maven -q -B -Pbenchmarks -pl benchmarks -am package -DskipTests >&2
    ;;
esac
exec "$python" benchmarks/comparison/compare.py --java "$JDK/bin/java" "$@"
