"""The parts of a run on a GPU: of each the commands, and what their outcomes mean.

A part is a pair of functions. `plan(setting)` gives its commands; `judge(setting, outcomes)` gives its result: a status
(passed, failed or missing), a summary in one line, and figures for the report.
"""
import dataclasses
import os
import re
import shutil
import sys
import types
from pathlib import Path

import bundle
import training
from records import Command

def _sanitized():
    """One small case of every family and direction, as the table of cases marks them: the sanitizers slow them down a
    hundredfold."""
    table = Path(__file__).resolve().parents[2] / "java/engine/src/test/resources/operations.txt"
    rows = (line.partition("|") for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return tuple(case.strip() for case, _, marks in rows if "sanitized" in marks.strip().split(", "))


SANITIZED = _sanitized()
OURS = "pixelwake"
TOOLS = ("memcheck", "racecheck")
# A step's own run, and the first one of a compiled peer, which compiles.
STEP_LIMIT, COMPILE_LIMIT = 150, 480


@dataclasses.dataclass(frozen=True)
class Setting:
    """Where everything lies, and what was chosen."""
    root: Path
    out: Path
    work: Path
    program: Path
    reference: Path
    options: object

    @property
    def native(self):
        return self.work / "native"

    @property
    def backend(self):
        return self.options.device.split(":")[0]

    def environment(self):
        """A library that was built here goes before the bundle's."""
        own = (("PIXELWAKE_NATIVE_DIR", str(self.native)),) if (self.native / bundle.LIBRARY).is_file() else ()
        # What a compiled peer compiled stays for its next run.
        return own + (("TORCHINDUCTOR_CACHE_DIR", str(self.work / "inductor")), ("PYTHONUNBUFFERED", "1"))

    def command(self, name, arguments, limit, key=""):
        return Command(name, tuple(map(str, arguments)), limit, key, self.environment())

    def pixelwake(self, name, *arguments, limit=STEP_LIMIT, key=""):
        return self.command(name, (self.program / "pixelwake", *arguments), limit, key)

    def checks(self, name, *arguments, limit, before=()):
        devices = f"-Dpixelwake.devices={self.backend}"
        return self.command(name, (*before, self.program / "pixelwake-checks", *arguments, devices), limit)

    def peer(self, name, script, *arguments, limit=STEP_LIMIT, key=""):
        file = self.root / "benchmarks" / "peers" / script
        return self.command(name, (sys.executable, "-W", "ignore", file, *arguments), limit, key)

    def step(self, name, batch, *arguments, key=""):
        o = self.options
        return self.pixelwake(name, "bench", "step", "--device", o.device, "--arch", o.arch, "--side", o.side, "--batch", batch,
                              "--precision", "bf16", "--warmup", o.warmup, "--steps", o.steps, *arguments, "--json", key=key)


def result(status, summary, **figures):
    return {"status": status, "summary": summary, **figures}


def _failures(outcomes):
    return [f"{one.command.name}: {one.why()}" for one in outcomes if not one.ended_well]


def _all_ended_well(outcomes, summary, **figures):
    failures = _failures(outcomes)
    return result("failed", "; ".join(failures), **figures) if failures else result("passed", summary, **figures)


def plan_build(setting):
    if setting.backend != "cuda":
        return []
    sources = bundle.digest(setting.root)
    if not setting.options.build:
        if not bundle.why_build(setting.program, sources):
            if not setting.options.dry_run:
                shutil.rmtree(setting.native, ignore_errors=True)  # one of an earlier build would go before it
            return []
        if bundle.built_here(setting.native, sources):
            return []
    return bundle.build_commands(setting.root, setting.native, sources, os.cpu_count(), 280)


def judge_build(setting, outcomes):
    if outcomes:
        return _all_ended_well(outcomes, f"{bundle.LIBRARY} built in {sum(one.seconds for one in outcomes):.0f} s")
    if setting.backend != "cuda":
        return result("passed", f"nothing to build for --device {setting.options.device}")
    here = (setting.native / bundle.LIBRARY).is_file()
    return result("passed", f"{bundle.LIBRARY} {'built here' if here else 'of the bundle'} is of these sources")


def plan_doctor(setting):
    return [setting.pixelwake("doctor", "doctor", "--json", limit=30)]


def judge_doctor(setting, outcomes):
    found = outcomes[0].json_lines()
    if not found:
        return result("failed", outcomes[0].why())
    own = next((one for one in found[0]["backends"] if one["name"] == setting.backend), None)
    if own is None or not own["usable"]:
        return result("failed", f"{setting.backend} is not usable: {own['detail'] if own else 'unknown'}", doctor=found[0])
    return result("passed", f"{own['device']}; {own['detail']}", doctor=found[0])


def _case(setting, lines=()):
    chosen = setting.options.case or "; ".join(lines)
    return (f"-Dpixelwake.case={chosen}",) if chosen else ()


def plan_operations(setting):
    return [setting.checks("operation table", "engine", "OperationTest", "AccumulateTest", *_case(setting), limit=400)]


def counts(output):
    """The summary of JUnit's console launcher."""
    return {word: int(number) for number, word in re.findall(r"^\[\s*(\d+) tests (\w+)\s*\]$", output, re.MULTILINE)}


def _judge_tests(outcome):
    counted = counts(outcome.output)
    text = f"{counted.get('successful', 0)} of {counted.get('found', 0)} tests passed"
    if counted.get("aborted"):
        text += f", {counted['aborted']} skipped"
    if outcome.ended_well and counted.get("successful"):
        return True, text, counted
    first = re.search(r"=> (.*)", outcome.output)
    return False, f"{text}; {first[1][:300] if first else outcome.why()}", counted


def judge_operations(setting, outcomes):
    good, text, counted = _judge_tests(outcomes[0])
    return result("passed" if good else "failed", text, tests=counted)


def plan_golden(setting):
    commands = [setting.checks("golden tests", "network", "GoldenCheckTest", limit=120)]
    for golden in sorted(setting.reference.glob("*.golden.safetensors")):
        checkpoint = golden.with_name(golden.name.replace(".golden.safetensors", ".pth"))
        if checkpoint.is_file():
            commands.append(setting.pixelwake(f"verify {checkpoint.name}", "verify", "--device", setting.options.device,
                                              checkpoint, golden, limit=60))
    return commands


def judge_golden(setting, outcomes):
    good, text, counted = _judge_tests(outcomes[0])
    verdicts = {one.command.name: (one.output.strip().splitlines() or [one.why()])[-1] for one in outcomes[1:]}
    sound = good and all(one.ended_well for one in outcomes)
    summary = "; ".join([text, *(f"{name}: {verdict}" for name, verdict in verdicts.items())])
    return result("passed" if sound else "failed", summary, tests=counted, verdicts=verdicts)


def plan_sanitizer(setting):
    if setting.backend != "cuda" or not shutil.which("compute-sanitizer"):
        return []
    return [setting.checks(tool, "engine", "OperationTest", *_case(setting, SANITIZED), limit=240, before=(
        "compute-sanitizer", "--tool", tool, "--target-processes", "all", "--error-exitcode", "9")) for tool in TOOLS]


def judge_sanitizer(setting, outcomes):
    if not outcomes:
        why = "it is for CUDA alone" if setting.backend != "cuda" else "compute-sanitizer is not on the PATH"
        return result("missing", f"not run: {why}")
    texts, status = [], "passed"
    for one in outcomes:
        found = re.findall(r"(ERROR SUMMARY: \d+ errors?|RACECHECK SUMMARY: \d+ hazards?[^\n]*)", one.output)
        if "not supported" in one.output + one.errors:
            # Some virtual machines do not let it at the device: no finding, in either direction.
            texts.append(f"{one.command.name}: this machine does not let it at the device")
            status = "missing" if status == "passed" else status
        elif one.ended_well and found:
            texts.append(f"{one.command.name}: {found[-1]}")
        else:
            texts.append(f"{one.command.name}: {found[-1] if found else one.why()}")
            status = "failed"
    return result(status, "; ".join(texts))


def plan_profile(setting):
    batch = setting.options.batches[0]
    commands = [setting.step("profile", batch, "--profile", key="profile")]
    if setting.backend == "cuda":
        commands.insert(0, setting.peer("limits", "gpu_limits.py", limit=60))
        if shutil.which("nsys"):
            plain = setting.step("nsys", batch)
            commands.append(dataclasses.replace(plain, arguments=(
                "nsys", "profile", "--force-overwrite=true", "--cuda-graph-trace=node", "--output", str(setting.out / "step"),
                *plain.arguments)))
    return commands


def judge_profile(setting, outcomes):
    figures = {}
    for one in outcomes:
        if one.ended_well and one.json_lines() and one.command.name in ("limits", "profile"):
            figures[one.command.name] = one.json_lines()[0]
    return _all_ended_well(outcomes, "measured" + ("" if shutil.which("nsys") else "; nsys is not on the PATH"), **figures)


def plan_baselines(setting):
    if setting.backend != "cuda":
        return []
    o = setting.options
    arguments = ("baselines", "--arch", o.arch, "--side", o.side, "--batch", o.batches[0])
    return [setting.command("baselines", (setting.program / "pixelwake-checks", *arguments), 280)]


def judge_baselines(setting, outcomes):
    if not outcomes:
        return result("missing", "not run: cuDNN and cuBLASLt are for CUDA alone")
    one = outcomes[0]
    (setting.out / "baselines.txt").write_text(one.output, encoding="utf-8")
    rows = re.findall(r"^\S.*\d\.\d+ +\d+\.\d+ +\d+\.\d+ .*$", one.output, re.MULTILINE)
    if not one.ended_well:
        last = (one.output.strip().splitlines() or [one.why()])[-1]
        return result("failed", f"{one.why()}: {last}", table=one.output)
    return result("passed", f"{len(rows)} convolutions compared and timed: baselines.txt", table=one.output)


def _peer_step(setting, variants, batch, number):
    o, names = setting.options, ",".join(variants)
    return setting.peer(
        f"{names} b{batch} round {number}", "gpu_step.py", "--device", setting.backend, "--arch", o.arch, "--side", o.side,
        "--batch", batch, "--variants", *variants, "--warmup", o.warmup, "--steps", o.steps, "--reference", setting.reference,
        limit=COMPILE_LIMIT if names.startswith("compile") else STEP_LIMIT * len(variants), key=f"{names} {batch}")


def plan_peers(setting):
    """Every contestant once a round; those that compile last, for the first time takes them minutes. The others share a
    process, and in it what cuDNN's search for algorithms found."""
    o = setting.options
    eager = [variant for variant in o.variants if not variant.startswith("compile")]
    compiled = [variant for variant in o.variants if variant not in eager]
    commands = []
    for number in range(1, o.rounds + 1):
        for batch in o.batches:
            commands.append(setting.step(f"Pixelwake b{batch} round {number}", batch, key=f"{OURS} {batch}"))
            if eager:
                commands.append(_peer_step(setting, eager, batch, number))
        commands += [_peer_step(setting, [variant], batch, number) for variant in compiled for batch in o.compile_batches]
    return commands


def runs_of(setting, outcome):
    """One for each contestant of the command, with its figures or why there are none."""
    names, batch = outcome.command.key.rsplit(" ", 1)
    runs = {name: {"contestant": name, "batch": int(batch), "arch": setting.options.arch, "side": setting.options.side}
            for name in names.split(",")}
    # What a process told before it was stopped counts.
    found = {line.get("variant", OURS): line for line in outcome.json_lines()}
    for name, run in runs.items():
        run.update(found.get(name) or {"error": outcome.why()})
        if name == OURS and not outcome.ended_well:
            # Its figures may be there all the same: the losses did not fall or did not repeat.
            run["error"] = outcome.why()
    return list(runs.values())


def judge_peers(setting, outcomes):
    runs, late = [], 0
    for one in outcomes:
        if one.reason.startswith("left out"):
            late += 1
        else:
            runs += runs_of(setting, one)
    wrong = [run for run in runs if run["contestant"] == OURS and "error" in run]
    text = f"{len(runs)} runs" + (f", {late} commands left out for time" if late else "")
    if wrong or not runs:
        text += "".join(f"; Pixelwake at batch {run['batch']}: {run['error']}" for run in wrong)
        return result("failed", text, runs=runs)
    return result("passed", text, runs=runs)


def plan_training(setting):
    o = setting.options
    folder = setting.work / "training"
    if not o.dry_run:
        training.unpack_demo(setting.program, folder)
    common = ("pretrain", folder / "sr90-sample.zip", "--config", folder / "preset.yaml", "--steps", o.training_steps)
    return [setting.pixelwake(device, *common, "-o", folder / device.replace(":", ""), "--device", device, limit=200)
            for device in dict.fromkeys((o.device, "cpu"))]


def judge_training(setting, outcomes):
    failures = _failures(outcomes)
    if failures:
        return result("failed", "; ".join(failures))
    losses = {one.command.name: training.losses(setting.work / "training" / one.command.name.replace(":", "") / "metrics.csv")
              for one in outcomes}
    figures = training.compare(losses[setting.options.device], losses["cpu"])
    return result("passed" if figures["agree"] else "failed", training.text(figures), **figures)


PARTS = types.MappingProxyType({
    # name: plan, judge, seconds, what it does
    "build": (plan_build, judge_build, 300, "the CUDA library, where the bundle's is not of these sources"),
    "doctor": (plan_doctor, judge_doctor, 30, "what Pixelwake finds on this machine"),
    "operations": (plan_operations, judge_operations, 400, "the operation table against its double-precision reference"),
    "golden": (plan_golden, judge_golden, 180, "parity with PyTorch through golden files"),
    "sanitizer": (plan_sanitizer, judge_sanitizer, 300, "memcheck and racecheck on small cases"),
    "profile": (plan_profile, judge_profile, 240, "each operation of a step against the limits of the machine"),
    "baselines": (plan_baselines, judge_baselines, 280, "each convolution beside cuDNN's or cuBLASLt's, results compared"),
    "peers": (plan_peers, judge_peers, 1500, "our step and PyTorch's, in turns"),
    "training": (plan_training, judge_training, 300, "the demo's training here and on the processor, losses compared")})
