"""Makes the table of a run on a GPU from OUT/gpu.json."""
import collections
import statistics

from parts import OURS

# Bytes that the fused plan moves at least for one image of side 384 in a training step of the B4 autoencoder in bf16: every
# stored tensor is written once and read once by each operation that needs it.
FLOOR_BYTES = 1.39e9
FLOOR_OF = ("efficientnet_b4", 384)
NAMES = {OURS: "Pixelwake, bf16", "eager": "PyTorch, eager", "eager-graph": "PyTorch, eager in a CUDA graph",
         "compile": "torch.compile", "compile-max": "torch.compile, max-autotune",
         "compile-max-no-graph": "torch.compile, max-autotune without graphs"}


Entry = collections.namedtuple("Entry", "contestant batch rates memory error")


def activation_mib(run):
    """Memory of a step without parameters and moments, by image."""
    if "plan_mib" in run:
        return run["plan_mib"] / run["batch"]
    return run.get("activation_mib_per_image")


def entries(runs):
    """One for each contestant and batch, with the rates of all its runs."""
    groups = {}
    for run in runs:
        groups.setdefault((run["contestant"], run["batch"]), []).append(run)
    found = []
    for (contestant, batch), own in groups.items():
        sound = [run for run in own if "error" not in run]
        memory = [activation_mib(run) for run in sound if activation_mib(run) is not None]
        error = next((run["error"] for run in own if "error" in run), "")
        found.append(Entry(contestant, batch, [run["images_per_second"] for run in sound],
                           statistics.median(memory) if memory else None, error))
    return found


def best(found, *contestants):
    """The fastest by the median of its runs, over all batches."""
    sound = [one for one in found if one.contestant in contestants and one.rates]
    return max(sound, key=lambda one: statistics.median(one.rates)) if sound else None


def ratio(own, peer):
    return statistics.median(own.rates) / statistics.median(peer.rates)


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(header, rows, left=1):
    lines = ["| " + " | ".join(header) + " |", "|" + "|".join(["---"] * left + ["--:"] * (len(header) - left)) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(cell, row)) + " |" for row in rows]) + "\n"


def _rates(one):
    if not one.rates:
        return one.error or "–"
    middle = f"{statistics.median(one.rates):.1f}"
    return middle if len(one.rates) == 1 else f"{middle} ({min(one.rates):.1f}–{max(one.rates):.1f})"


def peers_table(found):
    own = best(found, OURS)
    rows = []
    for one in sorted(found, key=lambda one: (list(NAMES).index(one.contestant), one.batch)):
        rows.append((NAMES[one.contestant], one.batch, _rates(one),
                     f"{ratio(own, one):.2f}" if own and one.rates and one.contestant != OURS else "–",
                     f"{one.memory:.0f}" if one.memory is not None else "–"))
    return table(("training step", "batch", "images/s", "Pixelwake's best is × it", "activation MiB/image"), rows)


def _copy_bandwidth(parts):
    """Measured bytes a second, and by whom."""
    figures = parts.get("profile", {})
    if "limits" in figures:
        return figures["limits"]["copy_gbs"] * 1e9, "a copy in PyTorch"
    measured = figures.get("profile", {}).get("limits", {}).get("memory_gbs", 0)
    return (measured * 1e9, "Pixelwake's own measurement") if measured else None


def floor_line(own, parts, arch, side):
    """Our best step as a share of what the bytes of the fused plan allow."""
    if (arch, side) != FLOOR_OF:
        return f"The byte floor is known for {FLOOR_OF[0]} at side {FLOOR_OF[1]} alone."
    bandwidth = _copy_bandwidth(parts)
    if bandwidth is None:
        return "Share of the byte floor: not known, the part profile has measured no copy bandwidth."
    most = bandwidth[0] / FLOOR_BYTES
    return (f"Share of the byte floor: **{100 * statistics.median(own.rates) / most:.0f} %** of {most:.0f} images/s"
            f" ({FLOOR_BYTES / 1e9:.2f} GB an image at {bandwidth[0] / 1e9:.0f} GB/s, {bandwidth[1]}).")


def conclusions(found, parts, arch, side):
    own = best(found, OURS)
    if own is None:
        return ["No step of Pixelwake was measured."]
    lines = [f"Pixelwake at its best batch, {own.batch}: **{statistics.median(own.rates):.1f} images/s**."]
    for name, group in (("eager PyTorch", ("eager", "eager-graph")),
                        ("torch.compile", ("compile", "compile-max", "compile-max-no-graph"))):
        peer = best(found, *group)
        if peer:
            which = f"{NAMES[peer.contestant]}, batch {peer.batch}"
            lines.append(f"Against the fastest of {name} ({which}): **{ratio(own, peer):.2f}** ×.")
        else:
            lines.append(f"Against {name}: nothing was measured.")
    lines.append(floor_line(own, parts, arch, side))
    eager = best(found, "eager")
    if eager and eager.memory and own.memory:
        lines.append(f"Activation memory: {own.memory:.0f} MiB an image, **{own.memory / eager.memory:.2f}** × eager PyTorch's"
                     f" {eager.memory:.0f}.")
    return lines


def profile_table(parts):
    figures = parts.get("profile", {})
    run = figures.get("profile")
    if not run:
        return ""
    bandwidth = _copy_bandwidth(parts)
    product = figures.get("limits", {}).get("matrix_tflops", 0) * 1e3 or run["limits"]["dot_gflops"]
    rows = []
    for one in [*run["profile"]["families"], run["profile"]["total"]]:
        rows.append((f"{one['family']}, {one['direction']}".rstrip(", "), one["calls"], f"{one['time_ms']:.3f}",
                     f"{one['share_percent']:.1f}", f"{one['gbs']:.0f}",
                     f"{100e9 * one['gbs'] / bandwidth[0]:.0f}" if bandwidth else "–", f"{one['gflops']:.0f}",
                     f"{100 * one['gflops'] / product:.1f}" if product else "–", f"{one['percent_of_bound']:.0f}"))
    header = ("operations", "calls", "ms", "share %", "GB/s", "% of the copy", "GFLOP/s", "% of the matrix rate", "% of bound")
    return f"\n## Operations of a step, batch {run['batch']}\n\n" + table(header, rows)


def markdown(data):
    parts, facts = data["parts"], data["facts"]
    text = "# A training step on a GPU\n\n" + "".join(f"- {name}: {value}\n" for name, value in facts.items()) + "\n"
    text += table(("part", "result", "what was found"),
                  [(name, one["status"], one["summary"]) for name, one in parts.items()], left=3)
    text += profile_table(parts)
    steps = {}
    for run in parts.get("peers", {}).get("runs", []):
        steps.setdefault((run["arch"], run["side"]), []).append(run)
    for (arch, side), runs in steps.items():
        found = entries(runs)
        text += f"\n## Training step: {arch} autoencoder, side {side}\n\n" + peers_table(found) + "\n"
        text += "".join(f"- {line}\n" for line in conclusions(found, parts, arch, side))
    return text
