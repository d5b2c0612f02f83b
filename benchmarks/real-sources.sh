#!/usr/bin/env bash
# Sources told apart in measured data: makes the data sets of two studies of benchmarks/studies and runs
# them, about twenty minutes on two cores.
#   real-sources   betas of radon's daughters and gammas of one detector
#   three-sources  betas of Sr-90, alphas of radon's daughters, gammas
# Usage: benchmarks/real-sources.sh [DATA [OUTPUT]]
#   DATA    folder of mpixdaq-radon-clusters.yml.gz and mpixdaq-gamma-clusters.yml.gz of
#           github.com/GuenterQuast/mPIXdaq, and of cernatschool-sr90-0-00-mm.zip, -0-23-mm.zip and
#           -1-01-mm.zip of github.com/CERNatschool/beta-attenuation; ../shared/data unless given
#   OUTPUT  folder to work in; real-sources unless given
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
data=$(cd "${1:-$root/../shared/data}" && pwd -P)
output=${2:-real-sources}
mkdir -p "$output"
cd "$output"

# Makes a data set that is not there yet: dataset NAME IN... [OPTIONS]
dataset() {
  if [ ! -e "$1" ]; then "$root/bin/pixelwake" dataset "${@:2}" -o "$1"; fi
}

# The MiniPIX EDU: radon is source 0, gammas are source 1. The last fifth of the frames of each is
# measured on, of the rest is learned.
dataset minipix.parquet "$data"/mpixdaq-{radon,gamma}-clusters.yml.gz
early="(source = 0 and frame <= 13050 or source = 1 and frame <= 836)"

# Labels below 1 MeV, and clusters of every energy without labels.
dataset unlabelled.parquet minipix.parquet --where "$early"
dataset train.parquet minipix.parquet --where "energy < 1000 and $early"
dataset test.parquet minipix.parquet --where "energy < 1000 and not $early"
"$root/bin/pixelwake" study "$root/benchmarks/studies/real-sources.yaml" -o study

# No calibration of the chip of Sr-90 is published: every pixel has the response that brings simulated
# and measured time over threshold together (pixelwake validate --sr90), ToT = 0.89 E + 18.2 - 85 / E.
mkdir -p calibration
for constant in a=0.89 b=18.2 c=85 t=0; do
  awk -v value="${constant#*=}" 'BEGIN {
    for (row = 0; row < 256; row++) for (column = 0; column < 256; column++)
      printf "%s%s", value, column < 255 ? " " : "\n" }' > "calibration/${constant%%=*}.txt"
done
strontium="$data/cernatschool-sr90"
dataset sr90-early.parquet "$strontium-0-00-mm.zip" "$strontium-0-23-mm.zip" --calibration calibration
dataset sr90-late.parquet "$strontium-1-01-mm.zip" --calibration calibration
# Beyond 1 MeV, radon's clusters are alphas.
others="(source = 1 or energy > 1000)"
dataset others-early.parquet minipix.parquet --where "$others and $early"
dataset others-late.parquet minipix.parquet --where "$others and not $early"
dataset three-unlabelled.parquet sr90-early.parquet unlabelled.parquet
dataset three-train.parquet sr90-early.parquet others-early.parquet
dataset three-test.parquet sr90-late.parquet others-late.parquet
"$root/bin/pixelwake" study "$root/benchmarks/studies/three-sources.yaml" -o three-study
