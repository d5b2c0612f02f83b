"""Markdown of each part's runs."""
import statistics
import types

import reasons

RATE = "images_per_second"
# Of its bound, below which a family must say why.
ENOUGH_PERCENT = 60


def rates(figures):
    return [run[RATE] for run in figures]


def median_rate(figures):
    return statistics.median(rates(figures))


def ours(figures):
    return [contestant for contestant in figures if not contestant.baseline]


def best(figures, baseline, precision=None):
    """The contestant of that group, and of that precision if one is given, with the highest median; or None."""
    group = [contestant for contestant in figures if contestant.baseline == baseline
             and precision in (None, figures[contestant][0].get("precision"))]
    return max(group, key=lambda contestant: median_rate(figures[contestant]), default=None)


def baselines(figures):
    return list(dict.fromkeys(contestant.baseline for contestant in figures if contestant.baseline))


def ratio(figures, contestant, other):
    """Ratio of the medians, and the lowest and highest ratio of two runs of one round."""
    by_round = [a / b for a, b in zip(rates(figures[contestant]), rates(figures[other]))]
    return median_rate(figures[contestant]) / median_rate(figures[other]), min(by_round), max(by_round)


def peak_memory(figures):
    """The most that any run took, in MiB; None where it was not told."""
    peaks = [run["peak_resident_mib"] for run in figures if "peak_resident_mib" in run]
    return max(peaks) if peaks else None


def _table(columns, rows):
    """`columns`: names; all but the first are of numbers."""
    lines = ["| " + " | ".join(columns) + " |", "|---|" + "---:|" * (len(columns) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n\n"


def _rates_table(figures):
    own = ours(figures)
    columns = ["", "images/s", "lowest to highest", "runs", "peak memory, MiB"]
    columns += [f"{contestant.name} is faster by" for contestant in own]
    rows = []
    for contestant, runs in figures.items():
        memory = peak_memory(runs)
        version = runs[0].get("library", "").split(" ")[-1]
        label = contestant.name.replace(",", f" {version},", 1) if version and "," in contestant.name else (
            f"{contestant.name} {version}".rstrip())
        row = [label, f"{median_rate(runs):.2f}", f"{min(rates(runs)):.2f} to {max(rates(runs)):.2f}", str(len(runs)),
               "" if memory is None else f"{memory:.0f}"]
        rows.append(row + [f"{ratio(figures, one, contestant)[0]:.2f}" if contestant.baseline else "" for one in own])
    return _table(columns, rows)


def _verdicts(figures):
    lines = []
    for baseline in baselines(figures):
        fastest = best(figures, baseline)
        for contestant in ours(figures):
            peers = [fastest]
            equal = best(figures, baseline, "f32")
            if equal and equal is not fastest:
                peers.append(equal)
            for peer in peers:
                middle, low, high = ratio(figures, contestant, peer)
                kind = f"fastest of {baseline}" if peer is fastest else f"fastest of {baseline} in f32"
                lines.append(f"- {contestant.name}: **{middle:.2f}** times the {kind} ({peer.name}); by rounds {low:.2f} to "
                             f"{high:.2f}.")
    return lines


def _memory_verdicts(figures):
    peers = {contestant: peak_memory(figures[contestant]) for contestant in figures if contestant.baseline}
    peers = {contestant: peak for contestant, peak in peers.items() if peak}
    if not peers:
        return []
    leanest = min(peers, key=peers.get)
    fastest = best(figures, leanest.baseline)
    lines = []
    for contestant in ours(figures):
        peak = peak_memory(figures[contestant])
        if peak:
            plan = figures[contestant][0].get("plan_mib")
            planned = f" ({plan:.0f} MiB of it planned for the step)" if plan else ""
            lines.append(f"- {contestant.name}: peak memory of the process {peak:.0f} MiB{planned}: "
                         f"**{100 * peak / peers[fastest]:.0f} %** of that of the fastest ({fastest.name}), "
                         f"{100 * peak / peers[leanest]:.0f} % of that of the leanest ({leanest.name}).")
    return lines


_METHOD = """A run's figure is that of its median {what} after warm-up; the tables have the median, the lowest and the highest of
the runs of each contestant, which took turns. What the figures mean: [benchmarks/README.md](../README.md).

"""


def _compared(measured, heading, title, what, memory):
    text = f"# {title}\n\n{heading}\n" + _METHOD.format(what=what)
    for case, figures in measured:
        text += f"## {case.title}\n\n" + _rates_table(figures)
        lines = _verdicts(figures) + (_memory_verdicts(figures) if memory else [])
        if lines:
            text += "\n".join(lines) + "\n\n"
    return text


def step(measured, heading):
    return _compared(measured, heading, "Training step", "step", memory=True)


def inference(measured, heading):
    return _compared(measured, heading, "Encoder inference", "batch", memory=False)


def _milliseconds(run):
    """Of one image."""
    return 1e3 / run[RATE]


def scaling(measured, heading):
    text = f"# Scaling of the training step\n\n{heading}\n" + _METHOD.format(what="step")
    for axis, title in (("batch", "Images of a batch"), ("side", "Side of the images")):
        rows = []
        for case, figures in measured:
            facts = dict(case.facts)
            if facts["axis"] != axis:
                continue
            for contestant, runs in figures.items():
                ms = [_milliseconds(run) for run in runs]
                pixels = facts["side"] ** 2
                peak = peak_memory(runs)
                rows.append([f"{facts['arch']}, side {facts['side']}, batch {facts['batch']}, {contestant.name}",
                             f"{statistics.median(ms):.2f}", f"{min(ms):.2f} to {max(ms):.2f}",
                             f"{1e6 * statistics.median(ms) / pixels:.1f}", str(len(ms)), "" if peak is None else f"{peak:.0f}"])
        if rows:
            text += f"## {title}\n\n" + _table(
                ["", "ms an image", "lowest to highest", "ns a pixel", "runs", "peak memory, MiB"], rows)
    return text + _threads(measured)


def _threads(measured):
    threads = {dict(case.facts)["threads"]: (case, figures) for case, figures in measured
               if dict(case.facts)["axis"] == "threads"}
    if len(threads) < 2:
        return ""
    low, high = min(threads), max(threads)
    text = "## Threads\n\n"
    by_name = {contestant.name: runs for contestant, runs in threads[high][1].items()}
    rows = []
    for contestant, one in threads[low][1].items():
        more = by_name.get(contestant.name)
        if more:
            by_round = [a / b for a, b in zip(rates(more), rates(one))]
            rows.append([contestant.name, f"{median_rate(one):.2f}", f"{median_rate(more):.2f}",
                         f"{median_rate(more) / median_rate(one):.2f}", f"{min(by_round):.2f} to {max(by_round):.2f}"])
    facts = dict(threads[low][0].facts)
    return text + f"{facts['arch']}, side {facts['side']}, batch {facts['batch']}.\n\n" + _table(
        ["", f"images/s, {low} thread", f"images/s, {high} threads", "ratio of medians", "by rounds"], rows)


def profiled(runs):
    """The run of a profile with the median rate."""
    return sorted(runs, key=lambda run: run[RATE])[len(runs) // 2]


def _families_table(run):
    precision = run.get("precision", "f32")
    rows = []
    for entry in run["profile"]["families"]:
        reached = entry["percent_of_bound"]
        why = ""
        if reached < ENOUGH_PERCENT:
            why = reasons.REASONS.get((entry["family"], entry["direction"], precision), "not explained yet")
        rows.append([f"{entry['family']}, {entry['direction']}", str(entry["calls"]), f"{entry['time_ms']:.2f}",
                     f"{entry['share_percent']:.1f} %", f"{entry['gflops']:.1f}", f"{entry['gbs']:.1f}",
                     f"{entry['bound_ms']:.2f}", entry["bound_by"], f"{reached:.0f} %", why])
    return _table(["", "calls", "ms", "share", "GFLOP/s", "GB/s", "bound, ms", "bound by", "of the bound", "why"], rows)


def profile(measured, heading):
    text = f"# Where the time of a training step goes\n\n{heading}\n"
    text += ("Operations and bytes are counted of the fused plan, the least that must be computed and moved; the bound is the "
             "longest\nof the times that the machine's limits, which are measured first, allow them. "
             f"A family below {ENOUGH_PERCENT} % of its bound says why.\nAbove 100 % the data were in a cache, which is faster "
             "than the memory of the bound.\n\n")
    for case, figures in measured:
        for contestant, runs in figures.items():
            run = profiled(runs)
            limits = run["limits"]
            text += (f"## {case.title}, {contestant.name}\n\nMedian of {len(runs)} runs by images/s. Limits: "
                     f"{limits['fma_gflops']:.0f} GFLOP/s in f32, {limits['dot_gflops']:.0f} in dot products of bf16, "
                     f"{limits['memory_gbs']:.1f} GB/s from memory.\n\n") + _families_table(run)
    return text


def operation_times(measured):
    """Title of every problem and, by contestant, the microseconds of its runs."""
    for case, figures in measured:
        (runs,) = figures.values()
        times = {}
        for run in runs:
            for entry in run["results"]:
                times.setdefault(entry["contestant"], []).append(entry["us"])
        yield case.title, times


def fastest_peer(times):
    """The other contestant with the lowest median and the ratio of its median to ours; None where there is either no
    other or not ours."""
    medians = {contestant: statistics.median(us) for contestant, us in times.items()}
    own = medians.pop("pixelwake", None)
    if not medians or own is None:
        return None
    name = min(medians, key=medians.get)
    return name, medians[name] / own


def operations(measured, heading):
    text = f"# Operations by themselves\n\n{heading}\n"
    text += ("Time of a call in µs: the median of the runs, and in brackets their lowest and highest; a run is a process of "
             "its own,\nof which JMH takes the mean after warm-up. Every contestant's results were checked in the process that "
             "was measured.\nGradients of an activation behind a batch norm, and of a squeeze-excite gate, are no pass of their "
             "own in Pixelwake and\nhave no row.\n\n")
    rows = list(operation_times(measured))
    kinds = list(dict.fromkeys(kind for _, times in rows for kind in times))
    lines = []
    for title, times in rows:
        cells = [f"{statistics.median(times[kind]):.0f} ({min(times[kind]):.0f} to {max(times[kind]):.0f})"
                 if kind in times else "" for kind in kinds]
        peer = fastest_peer(times)
        lines.append([title, *cells, f"{peer[1]:.2f}" if peer else ""])
    return text + _table(["", *kinds, "fastest peer / Pixelwake"], lines)


def fastest_rate(run):
    """Of the fastest step or batch of a run: what the machine does where nobody else is at work on it."""
    times = run.get("step_ms") or run.get("run_ms")
    return run["batch"] * 1e3 / min(times) if times else run[RATE]


def hits_costs(measured):
    """Hits of a cluster and, by contestant, nanoseconds a hit in the fastest step of each run."""
    for case, figures in measured:
        facts = dict(case.facts)
        if facts["hits"]:
            yield facts, {contestant.name: [1e9 / facts["hits"] / fastest_rate(run) for run in runs]
                          for contestant, runs in figures.items()}


def hits(measured, heading):
    text = f"# Speed of networks over hits\n\n{heading}\n" + _METHOD.format(what="step or batch")
    text += ("The fastest step is that of all runs: on a machine that others use too it tells what the machine can do; ratios of "
             "it are\nin brackets. Pixelwake's times hold everything from the clusters on; PyTorch is given the description of the "
             "hits, neighbours,\nimages and masks ready-made.\n\n")
    for case, figures in measured:
        if dict(case.facts)["hits"]:
            continue
        (own,) = ours(figures) or (None,)
        rows = []
        for contestant, runs in figures.items():
            best_rate = max(map(fastest_rate, runs))
            row = [contestant.name, f"{median_rate(runs):.0f}", f"{min(rates(runs)):.0f} to {max(rates(runs)):.0f}",
                   f"{best_rate:.0f}", str(len(runs)), ""]
            if own and contestant.baseline:
                middle, low, high = ratio(figures, own, contestant)
                fastest = max(map(fastest_rate, figures[own])) / best_rate
                row[-1] = f"{middle:.1f}, by rounds {low:.1f} to {high:.1f} ({fastest:.1f})"
            rows.append(row)
        text += f"## {case.title}\n\n" + _table(
            ["", "clusters/s", "lowest to highest", "in the fastest step", "runs", "Pixelwake is faster by"], rows)
    costs = list(hits_costs(measured))
    if costs:
        names = list(costs[0][1])
        rows = [[str(facts["hits"]), str(facts["batch"]),
                 *(f"{min(times[name]):.0f}" if name in times else "" for name in names)] for facts, times in costs]
        text += "## Cost by the size of clusters\n\nNanoseconds a hit in the fastest step, on one thread.\n\n" + _table(
            ["hits of a cluster", "clusters", *names], rows)
    return text


WRITERS = types.MappingProxyType({"step": step, "inference": inference, "scaling": scaling, "profile": profile,
                                  "operations": operations,
                                  "networks-over-hits-speed": hits})
