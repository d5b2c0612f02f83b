"""What can be said of the CUDA kernels without a GPU: registers, spills and occupancy, as the compiler reports them, and the
bytes of a training step, as the emulation counts them.

    kernels.py --resources PTXAS.txt --traffic SIDE=TABLE.tsv --traffic SIDE=TABLE.tsv --steps N --commit TEXT > kernels.md

Bytes of a step grow with the pixels of an image, beside a part that does not (weights, their gradients, the optimizer). Two
sides tell the two apart, and so what a step of other sides and batches moves."""
import argparse
import collections
import re
import subprocess
import sys

MULTIPROCESSOR = {"registers": 65536, "threads": 2048, "shared": 227 << 10, "blocks": 32}  # compute capability 9.0
RESERVED_SHARED = 1 << 10  # of a block
SIDE, BATCH = 384, 256
COPY = 4.3e12  # bytes a second of an H200, as the plan assumes
PLAN_GB = 1.39  # an image: the fused plan's floor

# A kernel's kind from the types of its parameters.
KINDS = [
    (r"^TallPlan, View", "pointwise, forward"),
    (r"^TallPlan, NormGradient", "pointwise, input's gradient alone"),
    (r"^PassPlan", "pointwise, both gradients or weights' alone"),
    (r"^Strips, View", "depthwise, forward"),
    (r"^Strips, Gradient", "depthwise, both gradients"),
    (r"^SumPlan, Pooled", "squeeze-excite, pooling"),
    (r"^SumPlan, NormSums|^long(?: int)?, GateGradient|^ProductPlan, (Rows|SiluRows|Columns)", "squeeze-excite, layers"),
    (r"^long(?: int)?, Forward<", "residual, forward"),
    (r"^SumPlan, BackwardSums", "residual, backward"),
    (r"^MapTiles,", "stem and heads"),
    (r"^SumPlan, (PoolGradient|InputTerms|GradientValue|Mean)|PoolChannel", "pooling, biases"),
    (r"^(SumPlan|long(?: int)?), .*Parts|ImageSlots|^Global<(const )?float", "joining of partial sums"),
    (r"^Some<pw_parameter>|^Some<pw_vector>|^Global<(const )?double", "optimizer"),
    (r"ToBf16", "weights, rounded"),
    (r"ForwardChannel|BackwardChannel", "batch norm of channels"),
    (r"pw_autoencoder_loss|FinishImage|FinishLosses|PixelGradient", "loss"),
    (r"pw_rasterize", "rasterize"),
]


def plain(types):
    return re.sub(r"pw::|\{anonymous\}::|\(anonymous namespace\)::", "", types)


def kind_of(parameters):
    for pattern, name in KINDS:
        if re.search(pattern, parameters):
            return name
    return "others"


def parameters_of(name):
    """The parameter types of a demangled kernel, or of the launch that the emulation names."""
    launch = re.search(r"\[with Parameters = \{(.*?)\}; Arguments", name)
    if launch:
        return plain(launch.group(1))
    # The last parentheses at the outermost level.
    depth = 0
    for i in range(len(name) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(name[i], 0)
        if depth == 0:
            return plain(name[i + 1:-1])
    raise ValueError(f"no parameters in {name!r}")


def read_traffic(path):
    with open(path, encoding="utf-8") as file:
        header, *lines = file.read().splitlines()
    columns = header.split("\t")
    rows = []
    for line in lines:
        cells = line.split("\t")
        row = {name: int(cell) for name, cell in zip(columns[:-1], cells)}
        row["parameters"] = parameters_of(cells[-1])
        rows.append(row)
    return rows


def by_kind(rows, steps):
    kinds = collections.defaultdict(lambda: {"launches": 0, "asked": 0, "memory": 0, "threads": 0, "shared": 0})
    for row in rows:
        of = kinds[kind_of(row["parameters"])]
        of["launches"] += row["launches"] / steps
        of["asked"] += (row["read"] + row["written"]) / steps
        of["memory"] += (row["sectors_read"] + row["sectors_written"]) / steps
        of["threads"] = max(of["threads"], row["threads"])
        of["shared"] = max(of["shared"], row["shared_bytes"])
    return kinds


def scaled(small, large, pixels_small, pixels_large, what):
    """Bytes an image of SIDE in a batch of BATCH, from a line through two sides; never below a constant part of 0."""
    slope = max(0.0, (large[what] - small[what]) / (pixels_large - pixels_small))
    fixed = max(0.0, small[what] - slope * pixels_small)
    return slope * SIDE * SIDE + fixed / BATCH


def read_resources(text):
    """Of every kernel of bf16, or of neither type: parameters, registers, spilled bytes."""
    pattern = re.compile(
        r"Compiling entry function '(\S+)' for '\S+'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, "
        r"(\d+) bytes spill loads.*?Used (\d+) registers", re.S)
    found = [(m[1], int(m[3]) + int(m[4]), int(m[5])) for m in pattern.finditer(text)]
    if not found:
        sys.exit("kernels.py: the compiler's report names no kernel; it must be made with -Xptxas -v")
    names = subprocess.run(["c++filt"], input="\n".join(f[0] for f in found), text=True, capture_output=True, check=True)
    return [(parameters_of(name), spilled, registers)
            for name, (_, spilled, registers) in zip(names.stdout.splitlines(), found)]


def occupancy(registers, threads, shared):
    """Share of the warps that a multiprocessor can keep."""
    warps = -(-threads // 32)
    of_registers = MULTIPROCESSOR["registers"] // (-(-registers // 8) * 8 * warps * 32)
    blocks = min(of_registers, MULTIPROCESSOR["shared"] // (shared + RESERVED_SHARED),
                 MULTIPROCESSOR["threads"] // (warps * 32), MULTIPROCESSOR["blocks"])
    return blocks * warps / (MULTIPROCESSOR["threads"] // 32)


def table(resources, small, large, sides):
    pixels = [side * side for side in sides]
    registers = collections.defaultdict(list)
    spilled = collections.defaultdict(int)
    for parameters, spill, used in resources:
        registers[kind_of(parameters)].append(used)
        spilled[kind_of(parameters)] += spill
    rows = []
    for kind in large:
        if kind not in small:
            continue
        memory = scaled(small[kind], large[kind], *pixels, "memory")
        asked = scaled(small[kind], large[kind], *pixels, "asked")
        used = registers.get(kind)
        rows.append((memory, [
            kind, f"{large[kind]['launches']:.0f}", f"{memory / 1e6:.1f}", f"{asked / 1e6:.1f}",
            f"{min(used)} to {max(used)}" if used else "", str(spilled[kind]) if used else "",
            str(large[kind]["threads"]), f"{large[kind]['shared'] / 1024:.0f}",
            f"{100 * occupancy(max(used), large[kind]['threads'], large[kind]['shared']):.0f}" if used else ""]))
    rows.sort(key=lambda row: -row[0])
    return sum(row[0] for row in rows), [cells for _, cells in rows]


def report(total, rows, resources, options, sides):
    spills = sum(spill for _, spill, _ in resources)
    lines = [
        "# CUDA kernels, without a GPU",
        "",
        f"Commit {options.commit}. `benchmarks/kernels.sh` makes this file: registers and spills from `ptxas -v` for sm_90, bytes",
        f"from the emulation's count of a training step of {options.arch} in bf16 at sides {sides[0]} and {sides[1]}, batch 1,",
        f"continued by a straight line to side {SIDE} and batch {BATCH}.",
        "",
        "**None of this was timed on a GPU.** What remains to be run there, by `benchmarks/gpu.sh`: the operation table, golden",
        "parity and compute-sanitizer on the device, 200 steps beside the CPU's, and every figure of speed.",
        "",
        f"- {len(resources)} kernels compiled, {spills} bytes spilled in all of them.",
        f"- {total / 1e9:.2f} GB an image must come from memory or go there where the cache holds what a launch touches again; the",
        f"  fused plan's floor is {PLAN_GB} GB. At {COPY / 1e12} TB/s that is {COPY / total:.0f} images/s at most, 60 % of the floor's "
        f"being {0.6 * COPY / PLAN_GB / 1e9:.0f}.",
        "- That is too much: of images so small every tile leaves partial sums of its own, which the line continues; at side 384 they",
        "  stop growing with the 512 to 4096 blocks that a kernel has.",
        "- Sums are made of partial ones in a fixed order; no kernel has an atomic operation, so results repeat to the bit. What that",
        "  costs is the row \"joining of partial sums\" and the partial sums' share of the others.",
        "",
        "`memory`: MB an image of the sectors of 32 bytes that a launch touched at all; `asked`: of what its threads asked for, the",
        "first-level cache's work. Occupancy is of the instance with most registers at the most shared memory that a launch had.",
        "",
        "| kernels | launches a step | memory MB | asked MB | registers | spilled bytes | threads | shared KiB | occupancy % |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resources", required=True)
    parser.add_argument("--traffic", required=True, action="append", metavar="SIDE=TABLE")
    parser.add_argument("--steps", type=int, required=True, help="steps that the tables are of")
    parser.add_argument("--commit", required=True)
    parser.add_argument("--arch", default="efficientnet_b4")
    options = parser.parse_args()
    tables = sorted((int(side), path) for side, path in (t.split("=", 1) for t in options.traffic))
    if len(tables) != 2 or tables[0][0] == tables[1][0]:
        parser.error("two --traffic of different sides are needed")
    small, large = (by_kind(read_traffic(path), options.steps) for _, path in tables)
    sides = [side for side, _ in tables]
    with open(options.resources, encoding="utf-8") as file:
        resources = read_resources(file.read())
    total, rows = table(resources, small, large, sides)
    sys.stdout.write(report(total, rows, resources, options, sides))


if __name__ == "__main__":
    main()
