#!/usr/bin/env bash
# Sources told apart in measured data: makes the data sets of benchmarks/studies/real-sources.yaml and
# runs that study, about ten minutes on two cores.
# Usage: benchmarks/real-sources.sh [DATA [OUTPUT]]
#   DATA    folder of mpixdaq-radon-clusters.yml.gz and mpixdaq-gamma-clusters.yml.gz of
#           github.com/GuenterQuast/mPIXdaq; ../shared/data unless given
#   OUTPUT  folder to work in; real-sources unless given
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
data=$(cd "${1:-$root/../shared/data}" && pwd -P)
output=${2:-real-sources}
mkdir -p "$output"
cd "$output"
radon="$data/mpixdaq-radon-clusters.yml.gz"
gamma="$data/mpixdaq-gamma-clusters.yml.gz"
# The last fifth of the frames of each source is measured on; of the rest, labels below 1 MeV are
# learned from, and clusters of every energy without labels.
early="(source = 0 and frame <= 13050 or source = 1 and frame <= 836)"
dataset() {
  if [ ! -e "$1" ]; then "$root/bin/pixelwake" dataset "$radon" "$gamma" -o "$1" --where "$2"; fi
}
dataset unlabelled.parquet "$early"
dataset train.parquet "energy < 1000 and $early"
dataset test.parquet "energy < 1000 and not $early"
"$root/bin/pixelwake" study "$root/benchmarks/studies/real-sources.yaml" -o study
