"""Prints the Markdown table of the runs that step.sh made: NAME.ROUND.json files in one folder."""
import argparse
import datetime
import json
import platform
import statistics
import sys
from pathlib import Path


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def instructions():
    flags = Path("/proc/cpuinfo").read_text().split("flags", 1)[-1].splitlines()[0].split()
    return next((name for flag, name in (("avx512f", "AVX-512"), ("avx2", "AVX2")) if flag in flags), "neither AVX")


def read(folder):
    """The runs of every contestant, in the order of the names' numbers."""
    runs = {}
    for file in sorted(folder.glob("*.json")):
        name = file.name.rsplit(".", 2)[0]
        run = json.loads(file.read_text())
        if not run.get("images_per_second", 0) > 0:
            sys.exit(f"{file}: no images_per_second above 0")
        runs.setdefault(name, []).append(run)
    if not runs:
        sys.exit(f"{folder}: no runs")
    return runs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--title", required=True)
    parser.add_argument("--commit", required=True)
    options = parser.parse_args()

    runs = read(options.folder)
    medians = {name: statistics.median(run["images_per_second"] for run in own) for name, own in runs.items()}
    ours = medians.get("0-Pixelwake")
    now = datetime.datetime.now(datetime.timezone.utc)
    print(f"# {options.title}\n")
    print(f"{now:%Y-%m-%d %H:%M} UTC, commit {options.commit}, {processor()} ({instructions()}), Linux {platform.release()}.")
    print("A run's figure is that of its median step after warm-up; the table has the median, the lowest and the")
    print("highest of the runs of each contestant, which took turns. Stochastic depth is off.\n")
    print("| | images/s | lowest to highest | runs | peak memory, MiB | Pixelwake is faster by |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, own in runs.items():
        rates = [run["images_per_second"] for run in own]
        memory = [run["peak_resident_mib"] for run in own if "peak_resident_mib" in run]
        label = name.split("-", 1)[1]
        version = own[0].get("library", "").split(" ")[-1]
        if version:
            label = label.replace(",", f" {version},", 1)
        ratio = f"{ours / medians[name]:.2f}" if ours and name != "0-Pixelwake" else ""
        print(f"| {label} | {medians[name]:.2f} | {min(rates):.2f} to {max(rates):.2f} | {len(rates)} "
              f"| {round(max(memory)) if memory else ''} | {ratio} |")
    peers = {name: rate for name, rate in medians.items() if "libtorch" in name}
    if ours and peers:
        best = max(peers, key=peers.get)
        print(f"\nRatio to the best libtorch configuration ({best.split('-', 1)[1]}): **{ours / peers[best]:.2f}**.")


if __name__ == "__main__":
    main()
