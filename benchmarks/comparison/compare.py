"""Measures Pixelwake and its peers in turns; writes Markdown tables and plots. See benchmarks/README.md."""
import argparse
import shlex
import sys
from pathlib import Path

import contestants
import machine
import plots
import runs
import tables

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]


def options():
    parser = argparse.ArgumentParser(prog="benchmarks/compare.sh", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=contestants.PARTS, default=list(contestants.PARTS), metavar="PART",
                        help="parts to measure and write: %(choices)s; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="runs of every contestant, in turns; default: %(default)s")
    parser.add_argument("--steps", type=int, default=10, help="timed steps of a run, after 3 to warm up; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=5,
                        help="timed seconds of a run of inference, a fifth of them for an operation; default: %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--quick", action="store_true",
                        help="the smallest case of each part with B0, one short round, into benchmarks/target/quick: tests"
                             " the scripts, measures nothing")
    parser.add_argument("--peers-only", action="store_true", help="without Pixelwake")
    parser.add_argument("--report", action="store_true", help="only write tables and plots of the runs that there are")
    parser.add_argument("--fresh", action="store_true", help="measure again what has been measured of this commit")
    parser.add_argument("--prefix", type=shlex.split, default=[], metavar="COMMAND",
                        help="put before every measured command, such as 'taskset -c 0,1' or 'flock FILE'")
    parser.add_argument("--reference", type=Path, default=ROOT.parent / "shared" / "reference", metavar="DIR",
                        help="folder with autoencoder.py; default: ../shared/reference beside the repository")
    parser.add_argument("--java", default="java", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.rounds < 1 or chosen.steps < 1 or chosen.threads < 1 or not chosen.seconds > 0:
        parser.error("--rounds, --steps and --threads are at least 1, --seconds is above 0")
    if not chosen.report and not (chosen.reference / "autoencoder.py").is_file():
        parser.error(f"{chosen.reference}/autoencoder.py: no such file; name its folder with --reference DIR")
    if chosen.quick:
        chosen.rounds, chosen.steps, chosen.seconds = 1, 2, 0.2
    return chosen


def main():
    chosen = options()
    work = ROOT / "benchmarks" / "target"
    results = work / "quick" if chosen.quick else ROOT / "benchmarks" / "results"
    results.mkdir(parents=True, exist_ok=True)
    commit = machine.commit(ROOT)
    store = runs.Store(work / ("quick-runs" if chosen.quick else "runs"), commit, chosen.fresh)
    launcher = contestants.Launcher(ROOT, chosen)
    heading = machine.heading(commit)

    for part in chosen.only:
        cases = contestants.cases(part, launcher, chosen)
        if not chosen.report:
            for case in cases:
                runs.measure(store, part, case, chosen.rounds, chosen.prefix)
        measured = [(case, store.read(part, case)) for case in cases]
        measured = [(case, figures) for case, figures in measured if figures]
        if not measured:
            print(f"compare.sh: no runs of the part {part} at commit {commit}", file=sys.stderr)
            continue
        text = tables.WRITERS[part](measured, heading)
        text += plots.DRAWERS[part](measured, results)
        runs.replace(results / f"{part}.md", text)
        print(text)


if __name__ == "__main__":
    main()
