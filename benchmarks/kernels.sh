#!/usr/bin/env bash
# What can be said of the CUDA kernels on a machine without a GPU: registers, spills and occupancy from the compiler, bytes of
# a training step from the emulation. Writes benchmarks/results/kernels.md. Needs nvcc beside what the build needs; the steps
# are emulated and take about half an hour.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
. "$root/bin/find-jdk.sh"
arch=efficientnet_b4
sides=(64 128)

fail() {
  printf 'kernels.sh: %s\n' "$@" >&2
  exit 2
}
export PATH="$PATH:${CUDA_HOME:-/usr/local/cuda}/bin"
command -v nvcc > /dev/null || fail "nvcc is missing: install the CUDA toolkit, or name its folder with CUDA_HOME"
find_jdk || fail "no JDK $JDK_MINIMUM or newer found; looked at:" "$JDK_SEEN"
commit=$(git -C "$root" rev-parse --short HEAD)
git -C "$root" diff --quiet HEAD -- kernels || commit="$commit with changes"
"$root/bin/pixelwake" --version > /dev/null
"$root/cmake/build.sh" all >&2

work=$(mktemp -d "${TMPDIR:-/tmp}/pixelwake-kernels.XXXXXX")
trap 'rm -rf "$work"' EXIT
for source in "$root"/kernels/*.cu; do
  echo "kernels.sh: compiling $(basename "$source")" >&2
  nvcc -std=c++20 -gencode=arch=compute_90,code=sm_90 -DPW_BUILD=1 -DPW_CUDA=1 -I"$root/kernels" -I"$root/kernels/cuda" \
    -I"$root/native/include" -I"$root/native/api" -Xptxas -v -c "$source" -o "$work/kernel.o" 2>> "$work/resources.txt"
done

# The emulation in the place of a GPU's library; copies, lest a build meanwhile change what runs.
mkdir "$work/libraries"
cp -r "$root/java/app/target/lib" "$work/jars"
cp "$root"/java/app/target/pixelwake-app-*.jar "$work/jars/"
cp "$root/native/build/libpixelwake_cpu.so" "$work/libraries/"
cp "$root/native/build/libpixelwake_emulated.so" "$work/libraries/libpixelwake_cuda.so"
traffic=()
for side in "${sides[@]}"; do
  # Of one step the loss cannot fall, which the command takes for a failure.
  PIXELWAKE_EMULATION_TRAFFIC="$work/$side.tsv" "$JDK/bin/java" --enable-native-access=ALL-UNNAMED \
    -Dpixelwake.native.dir="$work/libraries" -cp "$work/jars/*" org.pixelwake.app.Main bench step \
    --device cuda --arch "$arch" --side "$side" --batch 1 --precision bf16 --warmup 0 --steps 1 --recompute 0 >&2 \
    || [ -s "$work/$side.tsv" ] || fail "the emulated step of side $side failed"
  traffic+=(--traffic "$side=$work/$side.tsv")
done
# The step is run twice, to compare.
python3 "$root/benchmarks/gpu/kernels.py" --resources "$work/resources.txt" "${traffic[@]}" --steps 2 \
  --commit "$commit, $(date +%F)" --arch "$arch" > "$work/kernels.md"
mv "$work/kernels.md" "$root/benchmarks/results/kernels.md"
echo "kernels.sh: benchmarks/results/kernels.md" >&2
