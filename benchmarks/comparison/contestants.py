"""What is measured: for each part its cases, and for each case the commands that take turns."""
import functools
import math
import re
import subprocess
import sys
import types

from runs import Case, Contestant

PARTS = ("step", "inference", "scaling", "profile", "operations", "networks-over-hits-speed")

B0, B4 = "efficientnet_b0", "efficientnet_b4"
STEPS = ((B4, 96, 8), (B0, 96, 16), (B4, 128, 8))
QUICK_STEP = ((B0, 64, 2),)
INFERENCES = ((B4, 96, 1), (B4, 96, 32))
QUICK_INFERENCE = ((B0, 64, 2),)
# Six sizes each, of cost proportional to images * side^2.
BATCHES = (2, 4, 8, 16, 24, 32)
SIDES = (64, 96, 128, 160, 192, 224)
SCALING_SIDE, SCALING_BATCH = 96, 8
QUICK_BATCHES, QUICK_SIDES = (1, 2), (32, 64)
WARMUP_STEPS = 3
# Networks over hits: batches of training and of inference; the simulated clusters of up to 15 hits have 7 in the mean.
HITS_ARCH = "hits_s"
HITS_BATCHES = (("step", 256), ("encoder", 1024))
HITS_PARTICLES, HITS_SEED, HITS_MOST = 60000, 951, 15
HITS_SIZES = ((1, 4096), (10, 4096), (100, 1000), (1000, 100), (10000, 10), (100000, 1))  # of a cluster, clusters


def short(arch):
    return arch.replace("efficientnet_", "").upper()


class Launcher:
    """Builds the commands; knows where everything lies."""

    def __init__(self, root, options):
        self.root = root
        self.work = root / "benchmarks" / "target"
        self.models = self.work / "models"
        self.options = options
        # libtorch's threads wait for each other by OpenMP, which reads their number before main. OpenBLAS, which
        # libtorch calls for small products, has threads of its own that spin against those of OpenMP: on two processors
        # that made inference of single images 15 times slower.
        self.environment = (("OMP_NUM_THREADS", str(options.threads)), ("OPENBLAS_NUM_THREADS", "1"))

    def pixelwake(self, *arguments, threads=None):
        return (str(self.root / "bin" / "pixelwake"), "bench", *arguments, "--threads", str(threads or self.options.threads),
                "--json")

    def java(self, main, *arguments):
        # No collection of Java's heap when a library's own memory is large.
        return (self.options.java, "--enable-native-access=ALL-UNNAMED", "-XX:+UseSerialGC",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", f"-Dorg.bytedeco.javacpp.cachedir={self.work}/natives",
                f"-Dpixelwake.native.dir={self.root}/native/build",
                "-cp", f"{self.work}/classes:{self.work}/lib/*", f"org.pixelwake.benchmarks.{main}", *arguments)

    def lines(self, main, *arguments):
        """What a program of ours prints."""
        process = subprocess.run(self.java(main, *arguments), stdout=subprocess.PIPE, text=True)
        if process.returncode:
            sys.exit(f"compare.sh: {main} cannot be run; a run without --report builds it")
        return process.stdout.splitlines()

    def python(self, script, *arguments):
        subprocess.run([sys.executable, str(self.root / "benchmarks" / "peers" / script), *arguments, "--reference",
                        str(self.options.reference)], check=True)


def _positive(figures):
    rate = figures.get("images_per_second", 0)
    return None if math.isfinite(rate) and rate > 0 else f"images_per_second is {rate}"


def _sound_step(figures):
    """Our step tells whether its losses fell, and came out the same when run again."""
    for fact in ("losses_repeat", "losses_fall"):
        if figures.get(fact) is not True:
            return f"{fact} is {figures.get(fact)}"
    return _positive(figures)


def _step_arguments(arch, side, batch, precision, steps):
    return ("step", "--arch", arch, "--side", str(side), "--batch", str(batch), "--precision", precision, "--warmup",
            str(WARMUP_STEPS), "--steps", str(steps))


def _ours_step(launcher, options, arch, side, batch, precision, threads=None):
    return Contestant(f"Pixelwake, {precision}", launcher.pixelwake(
        *_step_arguments(arch, side, batch, precision, options.steps), threads=threads), check=_sound_step)


def _libtorch_step(launcher, options, arch, side, batch, layout, precision):
    name = "libtorch, " + {"nchw": "NCHW", "channels_last": "channels last"}[layout]
    return Contestant(f"{name}, {'f32' if precision == 'f32' else 'bf16 autocast'}", launcher.java(
        "LibtorchStep", "--model", str(launcher.models / f"{arch}.pt"), "--side", str(side), "--batch", str(batch),
        "--threads", str(options.threads), "--layout", layout, "--precision", precision, "--warmup", str(WARMUP_STEPS),
        "--steps", str(options.steps)), launcher.environment, "libtorch", _positive)


def steps(launcher, options):
    cases = []
    for arch, side, batch in QUICK_STEP if options.quick else STEPS:
        own = [_ours_step(launcher, options, arch, side, batch, precision) for precision in ("f32", "bf16")]
        peers = [_libtorch_step(launcher, options, arch, side, batch, layout, precision)
                 for precision in ("f32", "bf16") for layout in ("nchw", "channels_last")]
        prepare = functools.partial(launcher.python, "make_scripted.py", "--arch", arch, "--output",
                                    str(launcher.models / f"{arch}.pt"))
        cases.append(Case(f"{short(arch)} {side} b{batch}",
                          f"Training step: {short(arch)} autoencoder, side {side}, batch {batch}, {options.threads} threads",
                          tuple(peers if options.peers_only else own + peers), prepare))
    return cases


def inferences(launcher, options):
    cases = []
    sizes = QUICK_INFERENCE if options.quick else INFERENCES
    for arch, side, batch in sizes:
        common = ("--arch", arch, "--side", str(side), "--batch", str(batch))
        peer = ("--models", str(launcher.models), *common, "--threads", str(options.threads), "--seconds",
                str(options.seconds))
        contestants = []
        if not options.peers_only:
            contestants = [Contestant(f"Pixelwake, {precision}", launcher.pixelwake(
                "encoder", *common, "--precision", precision, "--seconds", str(options.seconds)), check=_positive)
                           for precision in ("f32", "bf16")]
        for name, arguments in (("ONNX Runtime", ()), ("ONNX Runtime, no memory pattern", ("--no-memory-pattern",)),
                                ("ONNX Runtime, parallel execution", ("--execution", "parallel"))):
            contestants.append(Contestant(name, launcher.java("OnnxEncoder", *peer, *arguments), launcher.environment,
                                          "ONNX Runtime", _positive))
        for name, arguments in (("libtorch, frozen, NCHW", ("frozen", "nchw")),
                                ("libtorch, frozen, channels last", ("frozen", "channels_last")),
                                ("libtorch, optimized, NCHW", ("optimized", "nchw"))):
            contestants.append(Contestant(
                name, launcher.java("LibtorchEncoder", *peer, "--preparation", arguments[0], "--layout", arguments[1]),
                launcher.environment, "libtorch", _positive))
        batches = [str(b) for a, s, b in sizes if (a, s) == (arch, side)]
        prepare = functools.partial(launcher.python, "make_encoder.py", "--arch", arch, "--side", str(side), "--output",
                                    str(launcher.models), "--batches", *batches)
        cases.append(Case(f"{short(arch)} {side} b{batch}",
                          f"Encoder inference: {short(arch)}, side {side}, batch {batch}, {options.threads} threads",
                          tuple(contestants), prepare))
    return cases


def scaling(launcher, options):
    """Our own step over sizes and threads; each precision is a contestant, each size a case."""
    if options.peers_only:
        return []
    arch = B0 if options.quick else B4
    sizes = [(batch, SCALING_SIDE, None, "batch") for batch in (QUICK_BATCHES if options.quick else BATCHES)]
    sizes += [(SCALING_BATCH, side, None, "side") for side in (QUICK_SIDES if options.quick else SIDES)]
    sizes += [(SCALING_BATCH, SCALING_SIDE, threads, "threads") for threads in (1, 2)]
    cases = []
    for batch, side, threads, axis in sizes:
        own = tuple(_ours_step(launcher, options, arch, side, batch, precision, threads) for precision in ("f32", "bf16"))
        name = f"{short(arch)} {side} b{batch}" + (f" t{threads}" if threads else "")
        facts = (("arch", short(arch)), ("batch", batch), ("side", side), ("axis", axis),
                 ("threads", threads or options.threads))
        cases.append(Case(f"{axis} {name}", name, own, facts=facts))
    return cases


def profiles(launcher, options):
    if options.peers_only:
        return []
    arch, side, batch = QUICK_STEP[0] if options.quick else STEPS[0]
    own = tuple(Contestant(f"Pixelwake, {precision}", launcher.pixelwake(
        *_step_arguments(arch, side, batch, precision, options.steps), "--profile")) for precision in ("f32", "bf16"))
    return [Case(f"{short(arch)} {side} b{batch}",
                 f"Families of operations in a training step: {short(arch)} autoencoder, side {side}, batch {batch}, "
                 f"{options.threads} threads", own)]


def operations(launcher, options):
    """One problem a case. JMH runs each of its contestants in a process of its own, one after the other."""
    which = ("--quick",) * options.quick + ("--peers-only",) * options.peers_only
    problems = dict.fromkeys(task.rsplit("/", 1)[0] for task in launcher.lines("OperationBenchmarks", "--list", *which))
    cases = []
    for problem in problems:
        # There are about 200 tasks, each far shorter than a step.
        command = launcher.java("OperationBenchmarks", *which, "--threads", str(options.threads), "--forks", "1", "--seconds",
                                str(options.seconds / 5), "--tasks", f"^{re.escape(problem)}/")
        cases.append(Case(problem, problem.replace("/", ", "), (Contestant("JMH", command, launcher.environment),)))
    return cases


def _hits_clusters(launcher):
    return launcher.work / "models" / "hits.parquet"


def _hits_columns(launcher, batch):
    return launcher.work / "models" / f"hits-{batch}.bin"


def _prepare_hits(launcher, batch):
    """The same clusters for all: a data set, and its columns for PyTorch, which reads no Parquet."""
    data = _hits_clusters(launcher)
    data.parent.mkdir(parents=True, exist_ok=True)
    program = str(launcher.root / "bin" / "pixelwake")
    if not data.is_file():
        simulated = data.with_name("simulated.parquet")
        subprocess.run([program, "simulate", "--preset", "satram-real", "--particles", str(HITS_PARTICLES), "--seed",
                        str(HITS_SEED), "-f", "-o", str(simulated)], check=True, stdout=sys.stderr)
        subprocess.run([program, "dataset", str(simulated), "--max-hits", str(HITS_MOST), "-f", "-o", str(data)], check=True,
                       stdout=sys.stderr)
    subprocess.run(launcher.java("HitsFile", str(data), str(batch), str(_hits_columns(launcher, batch))), check=True)


def hits(launcher, options):
    """A network over hits beside PyTorch's forms of it, and our cost by the size of clusters."""
    cases = []
    steps, seconds = ("--steps", str(3 * options.steps)), ("--seconds", str(options.seconds))
    for what, batch in HITS_BATCHES:
        common = (what, "--arch", HITS_ARCH, "--batch", str(batch))
        timed = ("--warmup", "10", *steps) if what == "step" else seconds
        title = "Training step" if what == "step" else "Inference"
        for threads in dict.fromkeys((1, options.threads)):
            own = [Contestant("Pixelwake", launcher.pixelwake(*common, "--clusters", str(_hits_clusters(launcher)), *timed,
                                                              threads=threads),
                              check=_sound_step if what == "step" else _positive)]
            peers = [Contestant(f"PyTorch, {form}", (
                sys.executable, str(launcher.root / "benchmarks" / "peers" / "pytorch_hits.py"),
                "step" if what == "step" else "inference", "--form", form, "--clusters",
                str(_hits_columns(launcher, batch)), "--threads", str(threads), *steps),
                                (("OMP_NUM_THREADS", str(threads)), ("OPENBLAS_NUM_THREADS", "1")), "PyTorch", _positive)
                     for form in ("gathered", "dense")]
            cases.append(Case(f"{what} b{batch} t{threads}",
                              f"{title}: {HITS_ARCH}, {batch} clusters of 7 hits in the mean, f32, {threads} "
                              f"thread{'s' * (threads > 1)}",
                              tuple(peers if options.peers_only else own + peers),
                              functools.partial(_prepare_hits, launcher, batch), (("hits", 0),)))
    if not options.peers_only:
        for size, batch in HITS_SIZES[:2] if options.quick else HITS_SIZES:
            own = [Contestant(name, launcher.pixelwake(what, "--arch", HITS_ARCH, "--batch", str(batch), "--hits", str(size),
                                                       *timed, threads=1),
                              check=check) for name, what, timed, check in (
                ("training step", "step", ("--warmup", "3", *steps), _positive),
                ("inference", "encoder", seconds, _positive))]
            cases.append(Case(f"size {size}", f"{batch} clusters of {size} hits", tuple(own),
                              facts=(("hits", size), ("batch", batch))))
    return cases


_CASES = types.MappingProxyType({"step": steps, "inference": inferences, "scaling": scaling, "profile": profiles,
                                 "operations": operations,
                                 "networks-over-hits-speed": hits})


def cases(part, launcher, options):
    return _CASES[part](launcher, options)
