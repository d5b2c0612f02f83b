"""The plots of each part, as SVG; every function returns the Markdown that shows them."""
import math
import statistics
import types

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402: the backend comes first
from matplotlib import ticker  # noqa: E402

import tables  # noqa: E402

# Okabe and Ito's colours, which the colour-blind can tell apart.
BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
GREY = "#555555"
plt.rcParams.update({
    "font.size": 9, "axes.titlesize": 10, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "axes.axisbelow": True, "grid.alpha": 0.3, "legend.frameon": False, "svg.fonttype": "path", "svg.hashsalt": "pixelwake"})
OURS = (BLUE, SKY)


@ticker.FuncFormatter
def _plain(value, _position):
    return f"{value:g}"


def _save(figure, folder, name, description):
    file = folder / name
    figure.savefig(file, bbox_inches="tight", metadata={"Date": None, "Title": description})
    plt.close(figure)
    return f"![{description}]({name})\n"


def ratios(measured, folder, name, description):
    """Bars of our throughput as multiples of the fastest of each group of peers, with the range over the rounds."""
    bars = []
    for case, figures in measured:
        for baseline in tables.baselines(figures):
            fastest = tables.best(figures, baseline)
            for contestant in tables.ours(figures):
                bars.append((case.name, baseline, contestant.name, *tables.ratio(figures, contestant, fastest)))
    if not bars:
        return ""
    figure, axes = plt.subplots(figsize=(7, 0.9 + 0.34 * len(bars)))
    names = list(dict.fromkeys(bar[2] for bar in bars))
    at, ticks, labels, previous = 0.0, [], [], None
    for case, baseline, contestant, middle, low, high in bars:
        if previous not in (None, (case, baseline)):
            at += 0.5
        previous = (case, baseline)
        axes.barh(at, middle, 0.8, color=OURS[names.index(contestant) % 2],
                  xerr=[[max(0, middle - low)], [max(0, high - middle)]], error_kw={"ecolor": GREY, "capsize": 2, "lw": 1})
        axes.annotate(f"{middle:.2f}", (max(middle, high), at), xytext=(4, 0), textcoords="offset points", va="center")
        ticks.append(at)
        labels.append(f"{case} / {baseline}: {contestant}")
        at += 1
    axes.axvline(1, color=GREY, lw=1, ls="--")
    axes.set_yticks(ticks, labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.12 * max(bar[5] for bar in bars))
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("images/s of Pixelwake / images/s of the peer's fastest configuration\n(thin line: range of the rounds)")
    axes.set_title(description)
    return _save(figure, folder, name, description)


def step(measured, folder):
    return ratios(measured, folder, "step.svg", "Training step: times as fast as the peer")


def inference(measured, folder):
    return ratios(measured, folder, "inference.svg", "Encoder inference: times as fast as the peer")


def scaling(measured, folder):
    """Time of a step over the images of a batch, and over the pixels of an image; the line through the origin and the
    largest size is what exact proportion would be."""
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.6))
    shown = False
    for axes, axis in zip(panels, ("batch", "side")):
        points = {}
        for case, figures in measured:
            facts = dict(case.facts)
            if facts["axis"] == axis:
                for contestant, runs in figures.items():
                    ms = sorted(1e3 * facts["batch"] / rate for rate in tables.rates(runs))
                    x = facts["batch"] if axis == "batch" else facts["side"] ** 2 / 1e3
                    points.setdefault(contestant.name, []).append((x, statistics.median(ms), ms[0], ms[-1], facts))
        for (name, series), colour in zip(points.items(), OURS):
            shown = True
            series.sort(key=lambda point: point[0])
            xs, middles, lows, highs, facts = zip(*series)
            axes.errorbar(xs, middles, yerr=[[m - low for m, low in zip(middles, lows)],
                                             [high - m for m, high in zip(middles, highs)]],
                          fmt="o", color=colour, capsize=2, ms=4, label=name)
            axes.plot([0, xs[-1]], [0, middles[-1]], color=colour, lw=1, alpha=0.6, ls="--")
            fixed = facts[0]
        if points:
            if axis == "batch":
                axes.set_xlabel("images of a batch")
                axes.set_title(f"{fixed['arch']}, side {fixed['side']}, {fixed['threads']} threads")
            else:
                axes.set_xticks(xs, [f"{x:.0f}\n({fact['side']}²)" for x, fact in zip(xs, facts)], fontsize=8)
                axes.set_xlabel("thousand pixels of an image (side²)")
                axes.set_title(f"{fixed['arch']}, batch {fixed['batch']}, {fixed['threads']} threads")
            axes.set_ylabel("ms a step")
            axes.set_xlim(left=0)
            axes.set_ylim(bottom=0)
            axes.legend(title="dashed: exact proportion", loc="upper left")
    if not shown:
        plt.close(figure)
        return ""
    figure.tight_layout()
    return _save(figure, folder, "scaling.svg", "Time of a training step over batch and pixels")


_MARKERS = {"forward": "o", "backward": "s"}


def profile(measured, folder):
    """Under the roof, each family that has arithmetic to count as a point of an area in proportion to its share of the
    step; beside it, how much of its bound every family reaches."""
    text = ""
    for case, figures in measured:
        for contestant, runs in figures.items():
            run = tables.profiled(runs)
            entries = run["profile"]["families"]
            figure, (roof, bars) = plt.subplots(1, 2, figsize=(11, 5), width_ratios=(3, 2))
            families = list(dict.fromkeys(entry["family"] for entry in entries))
            colours = dict(zip(families, (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, YELLOW, "#000000", "#8C564B", "#999999")))
            _roofline(roof, [entry for entry in entries if entry["gflops"] > 0], _peaks(run), run["limits"]["memory_gbs"],
                      colours)
            _reached(bars, entries, colours)
            title = f"{case.name}, {contestant.name}"
            figure.suptitle(f"Families of operations in a training step: {title}", fontsize=10)
            figure.tight_layout()
            name = f"roofline-{run.get('precision', 'f32')}.svg"
            text += _save(figure, folder, name, f"Roofline of {title}")
    return text


def _peaks(run):
    """GFLOP/s that arithmetic reaches, the highest first, each with its name."""
    limits = run["limits"]
    peaks = {"f32": limits["fma_gflops"]}
    if run.get("precision") == "bf16" and limits["dot_gflops"] > 0:
        peaks = {"dot products of bf16": limits["dot_gflops"], **peaks}
    return peaks


def _roofline(axes, entries, peaks, bandwidth, colours):
    xs = [entry["flop_per_byte"] for entry in entries]
    ys = [entry["gflops"] for entry in entries]
    highest = max(peaks.values())
    low, high = min(*xs, min(peaks.values()) / bandwidth) / 2, max(*xs, highest / bandwidth) * 3
    axes.plot([low, highest / bandwidth], [low * bandwidth, highest], color=GREY, lw=1.5)
    for name, peak in peaks.items():
        axes.plot([peak / bandwidth, high], [peak, peak], color=GREY, lw=1.5)
        axes.annotate(f"{peak:.0f} GFLOP/s, {name}", (high, peak), xytext=(-4, 4), textcoords="offset points", ha="right")
    corner = highest / bandwidth
    axes.plot([low, corner, high], [0.6 * low * bandwidth, 0.6 * highest, 0.6 * highest], color=GREY, lw=1, ls=":")
    middle = math.sqrt(low * corner)
    axes.annotate(f"{bandwidth:.0f} GB/s", (middle, middle * bandwidth), xytext=(-8, 3), textcoords="offset points", ha="right")
    axes.annotate("60 %", (middle, 0.6 * middle * bandwidth), xytext=(8, -8), textcoords="offset points", color=GREY)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(_plain)
    axes.yaxis.set_major_formatter(_plain)
    axes.set_xlim(low, high)
    axes.set_ylim(min(*ys, low * bandwidth) / 2, highest * 2)
    for entry, x, y in zip(entries, xs, ys):
        axes.scatter(x, y, s=25 + 9 * entry["share_percent"], marker=_MARKERS.get(entry["direction"], "D"), alpha=0.8,
                     color=colours[entry["family"]], edgecolors="white")
    shown = dict.fromkeys(entry["family"] for entry in entries)
    handles = [plt.Line2D([], [], marker="o", ls="", color=colours[family]) for family in shown]
    handles += [plt.Line2D([], [], marker=marker, ls="", color=GREY) for marker in _MARKERS.values()]
    axes.legend(handles, [*shown, *_MARKERS], loc="lower right", title="area: share of the step")
    axes.set_xlabel("operations per byte (FLOP/B)")
    axes.set_ylabel("GFLOP/s")


def _reached(axes, entries, colours):
    for at, entry in enumerate(entries):
        reached = entry["percent_of_bound"]
        axes.barh(at, reached, 0.75, color=colours[entry["family"]])
        axes.annotate(f"{reached:.0f} %", (reached, at), xytext=(3, 0), textcoords="offset points", va="center", fontsize=7)
    axes.axvline(tables.ENOUGH_PERCENT, color=GREY, lw=1, ls=":")
    axes.axvline(100, color=GREY, lw=1)
    axes.set_yticks(range(len(entries)), [f"{entry['family']}, {entry['direction']}" for entry in entries], fontsize=8)
    axes.set_ylim(len(entries) - 0.4, -0.6)
    axes.set_xlim(0, 1.15 * max(100, *(entry["percent_of_bound"] for entry in entries)))
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("% of the bound reached")


def operations(measured, folder):
    """Bars of every operation's time in the best peer over ours."""
    bars = []
    for title, times in tables.operation_times(measured):
        peer = tables.fastest_peer(times)
        if peer:
            bars.append((title, peer[1], peer[0]))
    if not bars:
        return ""
    figure, axes = plt.subplots(figsize=(8, 0.9 + 0.2 * len(bars)))
    kinds = sorted({bar[2] for bar in bars})
    colours = dict(zip(kinds, (BLUE, ORANGE, GREEN, PURPLE)))
    for at, (label, value, kind) in enumerate(bars):
        # From 1, to the left where the peer is faster.
        axes.barh(at, value - 1, 0.75, left=1, color=colours[kind])
        axes.annotate(f"{value:.2f}", (value, at), xytext=(3 if value >= 1 else -3, 0), textcoords="offset points",
                      ha="left" if value >= 1 else "right", va="center", fontsize=7)
    axes.set_xscale("log")
    axes.set_xlim(min(0.5, min(bar[1] for bar in bars) / 1.6), 1.6 * max(2, *(bar[1] for bar in bars)))
    axes.xaxis.set_major_formatter(_plain)
    axes.axvline(1, color=GREY, lw=1, ls="--")
    axes.set_yticks(range(len(bars)), [bar[0] for bar in bars], fontsize=7)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("time of the fastest peer / time of Pixelwake")
    axes.legend([plt.Rectangle((0, 0), 1, 1, color=colours[kind]) for kind in kinds], kinds, title="fastest peer",
                loc="upper left", bbox_to_anchor=(1.01, 1))
    axes.set_title("Operations by themselves: times as fast as the fastest peer")
    return _save(figure, folder, "operations.svg", "Operations by themselves beside the fastest peer")


def hits(measured, folder):
    """Our time of a hit over the size of clusters, which is flat where the cost is linear in hits."""
    costs = list(tables.hits_costs(measured))
    if not costs:
        return ""
    figure, axes = plt.subplots(figsize=(6, 3.2))
    sizes = [facts["hits"] for facts, _ in costs]
    for name, colour in zip(costs[0][1], OURS):
        axes.plot(sizes, [min(times[name]) if name in times else math.nan for _, times in costs], "o-", color=colour, label=name)
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("hits of a cluster")
    axes.set_ylabel("ns a hit, one thread")
    axes.legend()
    return _save(figure, folder, "networks-over-hits-speed.svg", "Time of a hit by the size of clusters")


DRAWERS = types.MappingProxyType({"step": step, "inference": inference, "scaling": scaling, "profile": profile,
                                  "operations": operations, "networks-over-hits-speed": hits})
