"""Tests of the scripts on made-up runs: python3 -m unittest discover benchmarks/comparison"""
import contextlib
import io
import json
import os
import random
import sys
import tempfile
import types
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import contestants  # noqa: E402
import plots  # noqa: E402
import runs  # noqa: E402
import tables  # noqa: E402

FASTER = 3.0


def options(**changes):
    values = {"quick": False, "peers_only": False, "threads": 2, "steps": 10, "seconds": 5, "java": "java", "reference": Path("r")}
    return types.SimpleNamespace(**{**values, **changes})


def rate(contestant, number):
    base = 10 if contestant.baseline else 10 * FASTER
    return base * (1 + 0.02 * number) * (0.9 if "NCHW" in contestant.name else 1) * (1.5 if "bf16" in contestant.name else 1)


def profile_of(generator):
    families = [("pointwise", 40.0), ("depthwise", 9.0), ("dense", 25.0), ("batchnorm", 0.3), ("squeeze_excite", 0.8),
                ("residual", 0.4), ("pool_linear", 0.7), ("rasterize", 0.05), ("loss", 1.2), ("optimizer", 0.5)]
    entries = []
    for family, intensity in families:
        for direction in ("forward", "backward"):
            moved = generator.uniform(1e6, 3e8)
            # Of what only moves data, no arithmetic is counted.
            flops = intensity * moved if intensity > 1 else 0
            bound = max(flops / 234e9, moved / 40e9) * 1e3
            reached = generator.uniform(0.3, 0.95)
            time = bound / reached
            entries.append({"family": family, "direction": direction, "calls": 3, "time_ms": time, "bound_ms": bound,
                            "bound_by": "memory", "gflops": flops / time / 1e6, "gbs": moved / time / 1e6,
                            "flop_per_byte": flops / moved, "percent_of_bound": 100 * reached})
    total = sum(entry["time_ms"] for entry in entries)
    for entry in entries:
        entry["share_percent"] = 100 * entry["time_ms"] / total
    return {"families": entries}


LIMITS = {"fma_gflops": 234.0, "dot_gflops": 465.0, "memory_gbs": 40.0}


class Launcher(contestants.Launcher):
    def lines(self, main, *arguments):
        return [f"{operation}/8x24x24x192/{direction}/{contestant}"
                for operation in ("pointwise", "depthwise k3 s1", "depthwise k5 transposed", "dense stem", "pool_linear: pool")
                for direction in ("forward", "backward") for contestant in ("pixelwake", "libtorch-nchw", "nd4j")]


def operation_results(generator, fastest):
    times = {"pixelwake": 100.0, "libtorch-nchw": 900.0, "libtorch-channels-last": 800.0, "nd4j": 1000.0, fastest: 300.0}
    return [{"contestant": contestant, "us": us * generator.uniform(0.99, 1.01)} for contestant, us in times.items()]


def made_up(part, **changes):
    """Cases of a part with three runs of every contestant."""
    chosen = options(**changes)
    generator = random.Random(1)
    measured = []
    for case in contestants.cases(part, Launcher(Path("/pixelwake"), chosen), chosen):
        facts = {"batch": 1, **dict(case.facts)}
        work = facts.get("batch", 1) * facts.get("side", 96) ** 2
        figures = {}
        for contestant in case.contestants:
            figures[contestant] = [{
                "images_per_second": rate(contestant, number) * facts.get("threads", 2) * facts.get("batch", 1) / work * 9216,
                "precision": "bf16" if "bf16" in contestant.name else "f32", "peak_resident_mib": 400 if not contestant.baseline
                else 1600, "plan_mib": 100, "library": "libtorch 2.7.1" if contestant.baseline == "libtorch" else "",
                "batch": facts["batch"], "losses_repeat": True, "losses_fall": True, "profile": profile_of(generator), "limits": LIMITS,
                "results": operation_results(generator, generator.choice(("libtorch-nchw", "nd4j")))} for number in range(3)]
        measured.append((case, figures))
    return measured


class Reports(unittest.TestCase):
    def test_every_part_has_a_table_and_a_small_plot(self):
        folder = Path(os.environ.get("PLOTS") or self.enterContext(tempfile.TemporaryDirectory()))
        for part in contestants.PARTS:
            with self.subTest(part):
                measured = made_up(part)
                text = tables.WRITERS[part](measured, "heading")
                shown = plots.DRAWERS[part](measured, folder)
                self.assertIn("heading", text)
                self.assertIn("](", shown)
                rows = [line for line in text.splitlines() if line.startswith("|")]
                self.assertGreater(len(rows), 3)
                self.assertNotIn("nan", "".join(rows))
        for file in folder.glob("*.svg"):
            self.assertLess(file.stat().st_size, 200_000, file)

    def test_the_ratio_is_to_the_fastest_peer(self):
        case, figures = made_up("step")[0]
        own, = (one for one in tables.ours(figures) if one.name == "Pixelwake, f32")
        fastest = tables.best(figures, "libtorch", "f32")
        self.assertEqual(fastest.name, "libtorch, channels last, f32")
        middle, low, high = tables.ratio(figures, own, fastest)
        self.assertAlmostEqual(middle, FASTER)
        self.assertAlmostEqual(low, FASTER)
        self.assertAlmostEqual(high, FASTER)
        text = tables.step([(case, figures)], "heading")
        self.assertIn("Pixelwake, f32: **2.00** times the fastest of libtorch (libtorch, channels last, bf16 autocast)", text)
        self.assertIn("Pixelwake, f32: **3.00** times the fastest of libtorch in f32 (libtorch, channels last, f32)", text)
        self.assertIn("**25 %**", text)

    def test_operations_are_compared_with_the_fastest_peer(self):
        times = {"pixelwake": [10, 11, 12], "nd4j": [30, 1, 33], "libtorch-nchw": [40, 41, 42]}
        self.assertEqual(("nd4j", 30 / 11), tables.fastest_peer(times))
        self.assertIsNone(tables.fastest_peer({"pixelwake": [10]}))
        self.assertIsNone(tables.fastest_peer({"nd4j": [10]}))
        cases = contestants.cases("operations", Launcher(Path("/pixelwake"), options()), options())
        self.assertEqual(10, len(cases))
        self.assertEqual("^pool_linear:\\ pool/8x24x24x192/backward/", cases[-1].contestants[0].command[-1])

    def test_a_family_below_its_bound_says_why(self):
        (case, figures), = made_up("profile")
        contestant, (run, *_) = next(iter(figures.items()))
        slow, fast, *_ = run["profile"]["families"]
        slow["percent_of_bound"], fast["percent_of_bound"] = 59, 61
        rows = tables.profile([(case, {contestant: [run]})], "heading").splitlines()
        self.assertTrue(any(row.startswith("| pointwise, forward") and "not explained yet" in row for row in rows))
        self.assertTrue(any(row.startswith("| pointwise, backward") and "not explained" not in row for row in rows))

    def test_networks_over_hits_are_compared_and_their_cost_by_size(self):
        measured = made_up("networks-over-hits-speed")
        text = tables.hits(measured, "heading")
        self.assertIn("| PyTorch, gathered |", text)
        self.assertIn("3.0, by rounds 3.0 to 3.0 (3.0)", text)
        self.assertIn("| 100000 | 1 |", text)
        self.assertEqual([], [one for _, figures in made_up("networks-over-hits-speed", peers_only=True)
                              for one in tables.ours(figures)])

    def test_the_fastest_step_counts_beside_the_median(self):
        self.assertEqual(2e5, tables.fastest_rate({"batch": 100, "step_ms": [2, 0.5, 1], "images_per_second": 1e5}))

    def test_threads_are_compared(self):
        self.assertIn("| 2.00 |", tables.scaling(made_up("scaling"), "heading"))

    def test_scaling_has_six_sizes_each(self):
        measured = made_up("scaling")
        for axis in ("batch", "side"):
            self.assertEqual(6, len({case.name for case, _ in measured if dict(case.facts)["axis"] == axis}))

    def test_parts_without_peers_are_empty_when_only_peers_are_asked_for(self):
        self.assertEqual([], made_up("scaling", peers_only=True))
        self.assertEqual([], made_up("profile", peers_only=True))
        for _, figures in made_up("step", peers_only=True):
            self.assertEqual([], tables.ours(figures))


class Runs(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.log = self.folder / "log"
        self.enterContext(contextlib.redirect_stderr(io.StringIO()))

    def contestant(self, name, printed, status=0, check=None):
        script = f"echo {name} >> {self.log}; echo '{printed}'; exit {status}"
        return runs.Contestant(name, ("sh", "-c", script), check=check)

    def measure(self, *own, rounds=2, commit="abc", fresh=False, case="case"):
        store = runs.Store(self.folder / "runs", commit, fresh)
        whole = runs.Case(case, case, own)
        runs.measure(store, "step", whole, rounds, [])
        return store.read("step", whole)

    def test_contestants_take_turns_and_a_second_call_measures_only_what_is_missing(self):
        one, two = self.contestant("one", '{"images_per_second": 1}'), self.contestant("two", '{"images_per_second": 2}')
        self.measure(one, two)
        self.assertEqual(["one", "two"] * 2, self.log.read_text().split())
        figures = self.measure(one, two, rounds=3)
        self.assertEqual(["one", "two"] * 3, self.log.read_text().split())
        self.assertEqual([2, 2, 2], tables.rates(figures[two]))

    def test_another_commit_changes_or_fresh_measure_anew(self):
        one = self.contestant("one", '{"images_per_second": 1}')
        for commit, fresh in (("abc", False), ("def", False), ("def with changes", False), ("def with changes", False),
                              ("abc", True)):
            self.measure(one, rounds=1, commit=commit, fresh=fresh)
        self.assertEqual(5, len(self.log.read_text().split()))

    def test_what_cannot_be_trusted_ends_the_comparison(self):
        wrong = ((1, '{"images_per_second": 1}', None, "exit code 1"),
                 (0, "no JSON", None, "printed no JSON"),
                 (0, '{"images_per_second": 0}', contestants._positive, "images_per_second is 0"),
                 (0, '{"images_per_second": 9, "losses_repeat": true, "losses_fall": false}', contestants._sound_step,
                  "losses_fall is False"))
        for number, (status, printed, check, message) in enumerate(wrong):
            with self.subTest(message), self.assertRaises(SystemExit) as stopped:
                self.measure(self.contestant("one", printed, status, check), case=f"case {number}")
            self.assertIn(message, str(stopped.exception))
        self.assertEqual([], list((self.folder / "runs").rglob("*.json")))

    def test_a_file_is_written_whole(self):
        runs.replace(self.folder / "table.md", "text")
        self.assertEqual("text", (self.folder / "table.md").read_text())
        self.assertEqual(json.loads("[]"), [file.name for file in self.folder.glob("*.tmp")])


if __name__ == "__main__":
    unittest.main()
