#!/usr/bin/env bash
# How far the losses of two MPI processes go from those of one in 50 steps, and beside them those of one
# process whose kernels round in another order (AVX2 for AVX-512): what is rounding, both show alike.
# Usage: benchmarks/mpi-losses.sh [FOLDER]   (mpi-losses unless given; needs mpirun and AVX-512)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
mkdir -p "${1:-mpi-losses}"
cd "${1:-mpi-losses}"
pixelwake="$root/bin/pixelwake"
[ -e tracks.parquet ] || "$pixelwake" simulate --preset satram-real --particles 4000 -o tracks.parquet

# losses RUN RATE [LAUNCHER...]: a run of 50 steps
losses() {
  local run=$1 rate=$2 mpi=()
  shift 2
  [ $# -eq 0 ] || mpi=(--mpi)
  rm -rf "$run"
  "$@" "$pixelwake" pretrain tracks.parquet -o "$run" --arch efficientnet_w0.35_d0.35 --side 64 \
    --batch 32 --steps 50 --evaluate-every 50 --pictures 1 --drop-path 0 --learning-rate "$rate" \
    --device cpu --threads 1 "${mpi[@]}" > "$run.log" 2>&1
}

# apart A B: largest relative difference of the losses, and the first step with more than 1e-5
apart() {
  paste -d, <(cut -d, -f1,2 "$1/metrics.csv") <(cut -d, -f2 "$2/metrics.csv") | awk -F, '
    NR > 1 && $2 != "" {
      d = ($2 > $3 ? $2 - $3 : $3 - $2) / $2
      if (d > most) most = d
      if (d > 1e-5 && !first) first = $1
    }
    END { printf "%.1e, %s", most, first ? "beyond 1e-5 from step " first : "never beyond 1e-5" }'
}

for rate in 2e-5 2e-4 2e-3; do
  losses one "$rate"
  losses two "$rate" mpirun -n 2 --bind-to none
  PIXELWAKE_ISA=avx2 losses rounded "$rate"
  echo "learning rate $rate: two processes $(apart one two); one with AVX2 $(apart one rounded)"
done
