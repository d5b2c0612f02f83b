"""Tests Pixelwake on a GPU and measures its training step beside PyTorch's. See benchmarks/README.md."""
import argparse
import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True

import bundle  # noqa: E402
import parts  # noqa: E402
import records  # noqa: E402
import report  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
# Without these no other part can say anything.
GATES = ("build", "doctor")
VARIANTS = ("eager", "eager-graph", "compile", "compile-max", "compile-max-no-graph")


def parser():
    made = argparse.ArgumentParser(prog="benchmarks/gpu.sh", description=__doc__, epilog="parts: " + "; ".join(
        f"{name} ({seconds} s at most): {what}" for name, (_, _, seconds, what) in parts.PARTS.items()))
    made.add_argument("--only", nargs="+", choices=parts.PARTS, metavar="PART",
                      help="these parts alone, in their order, and build before them")
    made.add_argument("--skip", nargs="+", choices=parts.PARTS, default=[], metavar="PART", help="all parts but these")
    made.add_argument("--out", type=Path, metavar="FOLDER",
                      help="for gpu.md, gpu.json and log.txt; default: $OUT, else benchmarks/target/gpu")
    made.add_argument("--seconds", type=float, default=570,
                      help="of the whole call; parts that no time is left for are left out; default: %(default)s")
    made.add_argument("--report", type=Path, nargs="+", metavar="FOLDER",
                      help="measure nothing: one table of what earlier calls left in these folders")
    made.add_argument("--dry-run", action="store_true", help="print the commands of every part and run none")
    made.add_argument("--build", action="store_true", help="build the CUDA library here even where the bundle's could be used")
    made.add_argument("--bundle", type=Path, default=ROOT / "java" / "app" / "target", metavar="FOLDER",
                      help="with both archives of mvn -Pdist package; default: java/app/target")
    made.add_argument("--reference", type=Path, metavar="DIR",
                      help="folder with autoencoder.py and golden files; default: shared/reference in or beside the repository")
    step = made.add_argument_group("the step and its contestants")
    step.add_argument("--arch", default="efficientnet_b4", choices=("efficientnet_b0", "efficientnet_b4"),
                      help="default: %(default)s")
    step.add_argument("--side", type=int, default=384, help="default: %(default)s")
    step.add_argument("--batches", type=int, nargs="+", default=[64, 128, 256], metavar="N",
                      help="the first is profiled too; default: 64 128 256")
    step.add_argument("--variants", nargs="*", choices=VARIANTS, default=list(VARIANTS), metavar="VARIANT",
                      help="of PyTorch: %(choices)s; default: all")
    step.add_argument("--compile-batches", type=int, nargs="*", metavar="N",
                      help="batches of the compiled variants, each of which is compiled anew; default: the second of --batches")
    step.add_argument("--rounds", type=int, default=3, help="runs of every contestant, in turns; default: %(default)s")
    step.add_argument("--warmup", type=int, default=5, help="steps before those timed; default: %(default)s")
    step.add_argument("--steps", type=int, default=20, help="steps timed; default: %(default)s")
    step.add_argument("--training-steps", type=int, default=200, help="of the part training; default: %(default)s")
    test = made.add_argument_group("for tests of this script")
    test.add_argument("--device", default="cuda", help="cuda, cuda:n, or cpu, which measures nothing of interest")
    test.add_argument("--case", default="", help="one line of the operation table in place of all")
    return made


def parse(arguments=None):
    made = parser()
    chosen = made.parse_args(arguments)
    if min(chosen.rounds, chosen.steps, chosen.training_steps, *chosen.batches) < 1 or chosen.warmup < 1:
        made.error("--rounds, --steps, --warmup, --training-steps and --batches are at least 1")
    if chosen.side < 32 or chosen.side % 32:
        made.error("--side is a multiple of 32")
    if chosen.compile_batches is None:
        chosen.compile_batches = [chosen.batches[min(1, len(chosen.batches) - 1)]]
    chosen.out = chosen.out or Path(os.environ.get("OUT") or ROOT / "benchmarks" / "target" / "gpu")
    # Nothing is tested or measured with a library that is not of these sources, unless somebody insists.
    wanted = {"build", *(chosen.only or parts.PARTS)} - set(chosen.skip)
    chosen.parts = [name for name in parts.PARTS if name in wanted]
    return chosen


def tell(message):
    print(f"gpu.sh: {message}", file=sys.stderr, flush=True)


def fail(message):
    tell(message)
    sys.exit(2)


def gpu_names():
    """The GPUs of this machine; empty without one."""
    if not shutil.which("nvidia-smi"):
        return []
    with contextlib.suppress(subprocess.TimeoutExpired):
        asked = subprocess.run(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], capture_output=True,
                               text=True, timeout=60)
        if asked.returncode == 0:
            return asked.stdout.strip().splitlines()
    return []


def facts(chosen, gpus, program):
    """What the figures are of; those of other facts are not mixed with them."""
    mark = program / "lib" / "commit.txt"
    return {"machine": "; ".join(gpus) if chosen.device.startswith("cuda") else f"no GPU: --device {chosen.device}",
            # The name of a commit does not tell one change of it from another.
            "bundle": f"{mark.read_text().strip() if mark.is_file() else 'not known'}, {bundle.content(chosen.bundle)[:16]}",
            "native sources": bundle.digest(ROOT)[:16]}


def reference(chosen):
    places = [chosen.reference] if chosen.reference else [ROOT / "shared" / "reference", ROOT.parent / "shared" / "reference"]
    for place in places:
        if (place / "autoencoder.py").is_file():
            return place.resolve()
    raise bundle.Missing(f"no autoencoder.py in {' or '.join(map(str, places))}: name its folder with --reference DIR")


def dry_run(setting, names):
    for name in names:
        plan, _, seconds, what = parts.PARTS[name]
        print(f"# {name}: {what}; at most {seconds} s")
        for command in plan(setting) or ():
            print(f"  {shlex.join(command.arguments)}  # {command.limit:.0f} s")


def run_part(setting, name, runner, deadline):
    plan, judge, seconds, _ = parts.PARTS[name]
    started = time.monotonic()
    try:
        commands = plan(setting)
        outcomes = runner.run_all(commands, min(deadline, started + seconds), lambda command: tell(f"{name}: {command.name}"))
        result = judge(setting, outcomes)
    except bundle.Missing as missing:
        result = parts.result("failed", str(missing))
    except (KeyError, ValueError, OSError) as problem:
        # A command printed something else than it should have: the parts after it can still be run.
        result = parts.result("failed", f"its output cannot be read: {type(problem).__name__}: {problem}")
    return {**result, "seconds": round(time.monotonic() - started, 1)}


def measure(chosen, setting, gpus):
    deadline = time.monotonic() + chosen.seconds
    store = records.Store(chosen.out, facts(chosen, gpus, setting.program))
    runner = records.Runner(chosen.out / "log.txt")
    sound, late = True, []
    for name in chosen.parts:
        if deadline - time.monotonic() < 5:
            late.append(name)
            continue
        result = run_part(setting, name, runner, deadline)
        store.put(name, result)
        sound &= result["status"] != "failed"
        tell(f"{name} {result['status']} in {result['seconds']:.0f} s: {result['summary']}")
        write_report(chosen.out, {"facts": store.facts, "parts": store.parts})
        if name in GATES and result["status"] == "failed":
            tell(f"the other parts are left out, for {name} failed")
            break
    print((chosen.out / "gpu.md").read_text() if store.parts else "")
    if late:
        print(f"gpu.sh: no time was left for: {' '.join(late)}. To run them: benchmarks/gpu.sh --only {' '.join(late)}")
    return 0 if sound and not late else 1


def write_report(out, data):
    temporary = out / "gpu.md.tmp"
    temporary.write_text(report.markdown(data))
    os.replace(temporary, out / "gpu.md")


def report_of(folders, out):
    """One table of several calls, each of which may have run on a fresh machine."""
    whole = None
    for folder in folders:
        data = records.read(folder / "gpu.json")
        if data is None:
            fail(f"{folder}/gpu.json: no such file; name folders that earlier calls wrote")
        if whole and data["facts"] != whole["facts"]:
            fail(f"{folder}/gpu.json is of another bundle or machine than {folders[0]}/gpu.json: {data['facts']}")
        whole = {"facts": data["facts"], "parts": records.merged(whole["parts"] if whole else {}, data["parts"])}
    out.mkdir(parents=True, exist_ok=True)
    write_report(out, whole)
    print((out / "gpu.md").read_text())


def main():
    chosen = parse()
    if chosen.report:
        report_of(chosen.report, chosen.out)
        return 0
    gpus = gpu_names()
    if chosen.device.startswith("cuda") and not gpus and not chosen.dry_run:
        fail("there is no NVIDIA GPU here (nvidia-smi names none): run this on a machine with one")
    work = ROOT / "benchmarks" / "target" / "gpu-work"
    try:
        program = bundle.unpacked(chosen.bundle, work)
        setting = parts.Setting(ROOT, chosen.out, work, program, reference(chosen), chosen)
        if chosen.dry_run:
            dry_run(setting, chosen.parts)
            return 0
    except bundle.Missing as missing:
        fail(missing)
    chosen.out.mkdir(parents=True, exist_ok=True)
    return measure(chosen, setting, gpus)


if __name__ == "__main__":
    sys.exit(main())
