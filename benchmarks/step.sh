#!/usr/bin/env bash
# Measures the training step of Pixelwake and of its peers, interleaved, and writes a table to
# benchmarks/results/. Needs what Pixelwake needs, and python3-torch and python3-torchvision (to
# write the reference model for libtorch). The first run downloads libtorch (about 110 MB).
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
. "$root/bin/find-jdk.sh"
cd "$root"

usage() {
  cat << 'END'
usage: benchmarks/step.sh [--arch NAME] [--side PIXELS] [--batch IMAGES] [--threads N]
                          [--rounds N] [--steps N] [--reference DIR] [--peers-only]
  --arch       efficientnet_b0 or efficientnet_b4 (default)
  --side       side of the images (default 96)
  --batch      images in a step (default 8)
  --threads    threads (default 2)
  --rounds     how often every contestant runs (default 5); each time after all others
  --steps      timed steps of a peer in a run (default 10), after 3 to warm up
  --reference  folder with autoencoder.py (default ../shared/reference)
  --peers-only without Pixelwake
END
}

fail() {
  printf 'step.sh: %s\n' "$@" >&2
  exit 2
}

arch=efficientnet_b4 side=96 batch=8 threads=2 rounds=5 steps=10 ours=yes
reference=$root/../shared/reference
while [ $# -gt 0 ]; do
  case "$1" in
    --peers-only) ours= && shift && continue ;;
    --help) usage && exit 0 ;;
    --arch | --side | --batch | --threads | --rounds | --steps | --reference) ;;
    *) usage >&2 && exit 2 ;;
  esac
  [ $# -ge 2 ] || fail "$1 needs a value"
  declare "${1#--}=$2"
  shift 2
done
# The interpreter of Debian's packages, unless another one is asked for.
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import torch, torchvision' 2> /dev/null \
  || fail "$python has no torch and torchvision: apt-get install python3-torch python3-torchvision"
find_jdk || fail "no JDK $JDK_MINIMUM or newer found; looked at:" "$JDK_SEEN"

work=$root/benchmarks/target
lib=$work/lib
model=$work/models/$arch.pt
echo "step.sh: building the peers" >&2
maven -q -B -f benchmarks/pom.xml package -DskipTests >&2
"$python" benchmarks/peers/make_scripted.py --arch "$arch" --reference "$reference" --output "$model"

runs=$(mktemp -d "$work/runs.XXXXXX")
trap 'rm -rf "$runs"' EXIT
# libtorch's threads wait for each other by OpenMP, which reads their number before main.
export OMP_NUM_THREADS=$threads
common=(--side "$side" --batch "$batch" --threads "$threads")

libtorch() {
  # No collection of Java's heap when libtorch's own memory is large.
  "$JDK/bin/java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC \
    -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Dorg.bytedeco.javacpp.cachedir="$work/natives" \
    -cp "$lib/*:$work/classes" org.pixelwake.benchmarks.LibtorchStep \
    --model "$model" "${common[@]}" --warmup 3 --steps "$steps" "$@"
}

pytorch() {
  "$python" benchmarks/peers/pytorch_step.py --arch "$arch" --reference "$reference" \
    "${common[@]}" --warmup 3 --steps "$steps" "$@"
}

pixelwake() {
  bin/pixelwake bench step --arch "$arch" --precision f32 "${common[@]}" --json
}

# run NAME COMMAND...: NAME orders the table.
run() {
  local name=$1
  shift
  echo "step.sh: round $round of $rounds: $name" >&2
  "$@" > "$runs/$name.$round.json"
}

for ((round = 1; round <= rounds; round++)); do
  if [ -n "$ours" ]; then run "0-Pixelwake" pixelwake; fi
  run "1-libtorch, NCHW" libtorch --layout nchw
  run "2-libtorch, channels last" libtorch --layout channels_last
  run "3-PyTorch, NCHW" pytorch --layout nchw
  run "4-PyTorch, channels last" pytorch --layout channels-last
done

commit=$(git rev-parse --short HEAD)
git diff --quiet HEAD || commit+=" with changes"
mkdir -p benchmarks/results
table=benchmarks/results/step-$arch-$side-b$batch-t$threads.md
"$python" benchmarks/table.py "$runs" --commit "$commit" \
  --title "Training step: $arch autoencoder, side $side, batch $batch, f32, $threads threads" > "$table.tmp"
mv "$table.tmp" "$table"
cat "$table"
