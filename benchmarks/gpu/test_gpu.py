"""Tests of the scripts on made-up runs: python3 -m unittest discover benchmarks/gpu"""
import contextlib
import dataclasses
import io
import json
import os
import sys
import tarfile
import tempfile
import time
import unittest
import zipfile
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))

import bundle  # noqa: E402
import gpu  # noqa: E402
import parts  # noqa: E402
import records  # noqa: E402
import report  # noqa: E402
import training  # noqa: E402

LIMITS = {"copy_gbs": 4300, "matrix_tflops": 790}


def run(contestant, batch, rate, **more):
    return {"contestant": contestant, "batch": batch, "arch": "efficientnet_b4", "side": 384, "images_per_second": rate, **more}


RUNS = [run("pixelwake", 64, 900, plan_mib=64 * 240), run("pixelwake", 128, 1000, plan_mib=128 * 250),
        run("pixelwake", 128, 1100, plan_mib=128 * 250), run("eager", 64, 350, activation_mib_per_image=700),
        run("eager", 128, 400, activation_mib_per_image=750), run("eager", 256, 0, error="out of memory"),
        run("compile", 128, 500, activation_mib_per_image=300), run("compile-max", 128, 700, activation_mib_per_image=300)]


def family(name, direction, **more):
    return {"family": name, "direction": direction, "calls": 3, "time_ms": 2.0, "share_percent": 50.0, "gbs": 2150.0,
            "gflops": 79000.0, "percent_of_bound": 50.0, **more}


PROFILE = {"batch": 64, "limits": {"memory_gbs": 4000, "dot_gflops": 700000},
           "profile": {"families": [family("pointwise", "forward")], "total": family("total", "")}}


def data(runs=RUNS, **changes):
    found = {"profile": parts.result("passed", "measured", limits=LIMITS, profile=PROFILE),
             "peers": parts.result("passed", "8 runs", runs=runs), **changes}
    return {"facts": {"machine": "a GPU"}, "parts": {name: part for name, part in found.items() if part}}


class Report(unittest.TestCase):
    def setUp(self):
        self.found = report.entries(RUNS)

    def test_the_ratio_is_of_the_best_medians_over_all_batches(self):
        text = report.markdown(data())
        self.assertIn("Pixelwake at its best batch, 128: **1050.0 images/s**", text)
        self.assertIn("Against the fastest of eager PyTorch (PyTorch, eager, batch 128): **2.62** ×.", text)
        self.assertIn("Against the fastest of torch.compile (torch.compile, max-autotune, batch 128): **1.50** ×.", text)

    def test_the_share_of_the_floor_is_that_of_the_measured_copy(self):
        # 4300 GB/s allow 3093.5 images of 1.39 GB.
        self.assertIn("**34 %** of 3094 images/s (1.39 GB an image at 4300 GB/s, a copy in PyTorch)", report.markdown(data()))
        own = parts.result("passed", "measured", profile=PROFILE)
        self.assertIn("at 4000 GB/s, Pixelwake's own measurement", report.markdown(data(profile=own)))
        self.assertIn("not known", report.markdown(data(profile=None)))

    def test_there_is_no_floor_for_another_network(self):
        text = report.markdown(data([{**one, "side": 96} for one in RUNS]))
        self.assertIn("The byte floor is known for efficientnet_b4 at side 384 alone.", text)
        self.assertNotIn("Share of the byte floor", text)

    def test_activation_memory_is_by_image_and_against_eager(self):
        self.assertIn("Activation memory: 250 MiB an image, **0.33** × eager PyTorch's 750.", report.markdown(data()))

    def test_what_could_not_be_measured_says_why_and_is_no_peer(self):
        text = report.peers_table(self.found)
        self.assertIn("| PyTorch, eager | 256 | out of memory | – | – |", text)
        self.assertEqual(128, report.best(self.found, "eager").batch)

    def test_without_our_step_there_is_no_ratio(self):
        text = report.markdown(data([one for one in RUNS if one["contestant"] != "pixelwake"]))
        self.assertIn("No step of Pixelwake was measured.", text)
        self.assertNotIn("**", text)

    def test_without_a_compiled_peer_none_is_claimed(self):
        text = report.markdown(data([one for one in RUNS if not one["contestant"].startswith("compile")]))
        self.assertIn("Against torch.compile: nothing was measured.", text)

    def test_operations_are_shares_of_what_was_measured(self):
        self.assertIn("| pointwise, forward | 3 | 2.000 | 50.0 | 2150 | 50 | 79000 | 10.0 | 50 |", report.profile_table(data()["parts"]))

    def test_a_summary_cannot_break_the_table(self):
        text = report.markdown({"facts": {}, "parts": {"doctor": parts.result("failed", "a|b\nc")}})
        self.assertIn("| doctor | failed | a\\|b c |", text)


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.runner = records.Runner(self.folder / "log.txt")

    def command(self, script, limit=10, key="", name="one"):
        return records.Command(name, ("sh", "-c", script), limit, key)

    def all(self, *commands, seconds=20):
        return self.runner.run_all(commands, time.monotonic() + seconds, lambda command: None)

    def test_output_is_read_and_logged(self):
        one, = self.all(self.command("echo words >&2; echo '{\"a\":'; echo '1}'"))
        self.assertTrue(one.ended_well)
        self.assertEqual([{"a": 1}], one.json_lines())
        self.assertIn("words", (self.folder / "log.txt").read_text())
        self.assertIn("exit code 0", (self.folder / "log.txt").read_text())

    def test_lines_of_json_are_read_one_by_one(self):
        one, = self.all(self.command("echo noise; echo '{\"a\": 1}'; echo '{\"a\": 2}'"))
        self.assertEqual([{"a": 1}, {"a": 2}], one.json_lines())

    def test_a_failure_has_its_last_words(self):
        one, = self.all(self.command("echo begun; echo no memory >&2; exit 3"))
        self.assertEqual("exit code 3: no memory", one.why())

    def test_a_command_and_what_it_started_are_stopped_at_the_limit(self):
        mark = self.folder / "late"
        started = time.monotonic()
        one, = self.all(self.command(f"(sleep 3; touch {mark}) & sleep 30", limit=1))
        self.assertLess(time.monotonic() - started, 10)
        self.assertEqual("no result within 1 s", one.why())
        time.sleep(3)
        self.assertFalse(mark.exists())

    def test_what_failed_once_is_not_run_again(self):
        log = self.folder / "runs"
        again = self.command(f"echo x >> {log}; echo '{{\"error\": \"out of memory\"}}'", key="eager 256")
        self.assertEqual(1, len(self.all(again, again)))
        self.assertEqual("x\n", log.read_text())
        mixed = self.command("echo '{\"error\": \"no\"}'; echo '{\"images_per_second\": 1}'", key="eager,eager-graph 64")
        self.assertEqual(2, len(self.all(mixed, mixed)))

    def test_no_command_begins_without_time(self):
        one, = self.all(self.command("true"), seconds=0)
        self.assertEqual("left out: the time of the part was over", one.why())
        self.assertFalse(one.ended_well)

    def test_later_calls_add_runs_and_replace_everything_else(self):
        facts = {"machine": "a GPU"}
        first = records.Store(self.folder, facts)
        first.put("doctor", parts.result("failed", "no"))
        first.put("peers", parts.result("passed", "1 runs", runs=RUNS[:1]))
        second = records.Store(self.folder, facts)
        second.put("doctor", parts.result("passed", "yes"))
        second.put("peers", parts.result("passed", "1 runs", runs=RUNS[1:2]))
        kept = json.loads((self.folder / "gpu.json").read_text())["parts"]
        self.assertEqual("yes", kept["doctor"]["summary"])
        self.assertEqual(RUNS[:2], kept["peers"]["runs"])
        self.assertEqual({}, records.Store(self.folder, {"machine": "another"}).parts)
        self.assertEqual(kept, json.loads((self.folder / "gpu.json.old").read_text())["parts"])


class Parts(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def setting(self, *arguments):
        return parts.Setting(gpu.ROOT, self.folder, self.folder / "work", self.folder / "pixelwake", self.folder,
                             gpu.parse(["--dry-run", *arguments]))

    def outcome(self, name, output="", status=0, errors="", reason="", key=""):
        return records.Outcome(records.Command(name, ("x",), 1, key), status, output, 1.0, reason, errors)

    def test_contestants_take_turns_and_compilers_come_last(self):
        setting = self.setting("--batches", "64", "128", "--rounds", "2", "--variants", "compile", "eager", "eager-graph")
        names = [command.name for command in parts.plan_peers(setting)]
        self.assertEqual(["Pixelwake b64 round 1", "eager,eager-graph b64 round 1", "Pixelwake b128 round 1",
                          "eager,eager-graph b128 round 1", "compile b128 round 1"], names[:5])
        self.assertEqual([name.replace("round 1", "round 2") for name in names[:5]], names[5:])

    def test_runs_keep_their_contestant_and_reason(self):
        outcomes = [self.outcome("ours", '{"images_per_second": 9, "batch": 64}', key="pixelwake 64"),
                    self.outcome("eager", '{"variant": "eager", "images_per_second": 4}', -9, reason="no result within 9 s",
                                 key="eager,eager-graph 64"),
                    self.outcome("late", reason="left out: the time of the part was over", key="compile 64")]
        found = parts.judge_peers(self.setting(), outcomes)
        self.assertEqual("passed", found["status"])
        self.assertEqual("3 runs, 1 commands left out for time", found["summary"])
        self.assertEqual(["pixelwake", "eager", "eager-graph"], [one["contestant"] for one in found["runs"]])
        self.assertEqual(4, found["runs"][1]["images_per_second"])
        self.assertEqual("no result within 9 s", found["runs"][2]["error"])

    def test_figures_of_a_step_that_came_out_wrong_do_not_count(self):
        output = '{"images_per_second": 9, "batch": 64, "losses_repeat": false}'
        found = parts.judge_peers(self.setting(), [self.outcome("ours", output, 1, key="pixelwake 64")])
        self.assertEqual("failed", found["status"])
        self.assertIsNone(report.best(report.entries(found["runs"]), "pixelwake"))

    def test_a_failure_of_our_own_step_fails_the_part(self):
        found = parts.judge_peers(self.setting(), [self.outcome("ours", status=1, errors="no", key="pixelwake 64")])
        self.assertEqual("failed", found["status"])
        self.assertIn("Pixelwake at batch 64: exit code 1: no", found["summary"])

    def test_tests_must_have_run_and_passed(self):
        summary = "[        14 tests found           ]\n[         {} tests aborted         ]\n[         {} tests successful      ]\n"
        good = parts.judge_operations(self.setting(), [self.outcome("table", summary.format(1, 13))])
        self.assertEqual(("passed", "13 of 14 tests passed, 1 skipped"), (good["status"], good["summary"]))
        for output, status in ((summary.format(14, 0), 0), (summary.format(0, 13) + "  => AssertionError: wrong", 1), ("", 0)):
            bad = parts.judge_operations(self.setting(), [self.outcome("table", output, status)])
            self.assertEqual("failed", bad["status"], bad["summary"])

    def test_a_sanitizer_passes_only_with_its_own_verdict(self):
        cases = (("========= ERROR SUMMARY: 0 errors", 0, "passed"), ("========= ERROR SUMMARY: 2 errors", 9, "failed"),
                 ("", 0, "failed"), ("========= Error: Device not supported", 9, "missing"))
        for output, status, expected in cases:
            with self.subTest(output):
                found = parts.judge_sanitizer(self.setting(), [self.outcome("memcheck", output, status)])
                self.assertEqual(expected, found["status"])

    def test_a_missing_sanitizer_is_told(self):
        with mock.patch("shutil.which", return_value=None):
            self.assertEqual([], parts.plan_sanitizer(self.setting()))
        self.assertIn("not on the PATH", parts.judge_sanitizer(self.setting(), [])["summary"])

    def test_baselines_pass_where_results_agree(self):
        row = "pointwise 24 to 144, 192 x 192            0.1000     0.2000   0.50      0.3000     0.6000   0.50   1.0e-03"
        with tempfile.TemporaryDirectory() as folder:
            setting = dataclasses.replace(self.setting(), out=Path(folder))
            good = parts.judge_baselines(setting, [self.outcome("baselines", f"NVIDIA H200\n{row}\n{row}\n")])
            self.assertEqual(("passed", "2 convolutions compared and timed: baselines.txt"), (good["status"], good["summary"]))
            self.assertEqual(2, (Path(folder) / "baselines.txt").read_text(encoding="utf-8").count("pointwise"))
            bad = parts.judge_baselines(setting, [self.outcome("baselines", f"{row}  RESULTS DIFFER: y\n", status=3)])
            self.assertEqual("failed", bad["status"])
            self.assertIn("RESULTS DIFFER", bad["summary"])

    def test_the_doctor_must_find_the_device_that_was_asked_for(self):
        backends = [{"name": "cuda", "usable": False, "detail": "no NVIDIA driver is installed"}]
        found = parts.judge_doctor(self.setting(), [self.outcome("doctor", json.dumps({"backends": backends}))])
        self.assertEqual(("failed", "cuda is not usable: no NVIDIA driver is installed"), (found["status"], found["summary"]))

    def test_every_command_keeps_to_the_device(self):
        setting = self.setting("--device", "cuda:1")
        self.assertIn("-Dpixelwake.devices=cuda", parts.plan_operations(setting)[0].arguments)
        self.assertIn("cuda:1", setting.step("step", 64).arguments)

    def test_the_table_of_cases_marks_a_sanitized_case_of_every_family_of_a_step(self):
        self.assertEqual({"pointwise", "depthwise", "dense", "batchnorm", "squeeze_excite", "residual", "rasterize", "hits",
                          "loss", "optimizer"}, {line.split()[0] for line in parts.SANITIZED})
        self.assertTrue(all("|" not in line for line in parts.SANITIZED))

    def test_trainings_agree_or_not(self):
        falling = [5 - 0.01 * step for step in range(200)]
        self.assertTrue(training.compare(falling, falling)["agree"])
        self.assertTrue(training.compare([loss * (1 + 2e-4 * i) for i, loss in enumerate(falling)], falling)["agree"])
        self.assertFalse(training.compare([5.2] + falling[1:], falling)["agree"])
        self.assertFalse(training.compare(falling[:100] + [float("nan")] * 100, falling)["agree"])
        self.assertFalse(training.compare(falling[:100] + falling[:100], falling)["agree"])
        with self.assertRaises(ValueError):
            training.compare(falling[:9], falling)


class Bundle(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def archive(self, name, text):
        with tarfile.open(self.folder / name, "w:xz") as archive:
            info = tarfile.TarInfo(f"pixelwake/{name[:16]}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))

    def test_both_archives_are_unpacked_and_unpacked_again_when_they_change(self):
        self.archive("pixelwake-1-linux-x86_64.tar.xz", "old")
        self.archive("pixelwake-checks-1-linux-x86_64.tar.xz", "checks")
        program = bundle.unpacked(self.folder, self.folder / "work")
        self.assertEqual({"pixelwake-1-linu", "pixelwake-checks"}, {file.name for file in program.iterdir()})
        (program / "mark").write_text("kept")
        bundle.unpacked(self.folder, self.folder / "work")
        self.assertTrue((program / "mark").exists())
        old = bundle.content(self.folder)
        self.archive("pixelwake-1-linux-x86_64.tar.xz", "newer")
        self.assertNotEqual(old, bundle.content(self.folder))
        bundle.unpacked(self.folder, self.folder / "work")
        self.assertFalse((program / "mark").exists())
        self.assertEqual("newer", (program / "pixelwake-1-linu").read_text())

    def test_a_missing_archive_is_named(self):
        self.archive("pixelwake-1-linux-x86_64.tar.xz", "x")
        with self.assertRaisesRegex(bundle.Missing, "pixelwake-checks-VERSION.*mvn -Pdist package"):
            bundle.unpacked(self.folder, self.folder / "work")

    def test_the_library_is_taken_only_where_it_is_of_these_sources(self):
        library = self.folder / "lib"
        library.mkdir()
        self.assertIn("has no CUDA library", bundle.why_build(self.folder, "abc"))
        with zipfile.ZipFile(library / "pixelwake-engine-1.jar", "w") as jar:
            jar.writestr(f"org/pixelwake/native/linux-x86_64/{bundle.LIBRARY}", "")
        self.assertIn("does not say", bundle.why_build(self.folder, "abc"))
        (library / "native-sources.sha256").write_text("abc\n")
        self.assertEqual("", bundle.why_build(self.folder, "abc"))
        self.assertIn("other sources", bundle.why_build(self.folder, "def"))

    def test_a_missing_compiler_is_named(self):
        with mock.patch("shutil.which", side_effect=lambda tool: None if tool == "nvcc" else "/usr/bin/" + tool):
            with self.assertRaisesRegex(bundle.Missing, "nvcc is missing"):
                bundle.build_commands(gpu.ROOT, self.folder, "abc", 2, 9)

    def test_ninja_serves_where_make_is_missing(self):
        for missing, expected in (({"make"}, True), (set(), False)):
            with mock.patch("shutil.which", side_effect=lambda tool: None if tool in missing else "/usr/bin/" + tool):
                self.assertEqual(expected, "Ninja" in bundle.build_commands(gpu.ROOT, self.folder, "abc", 2, 9)[0].arguments)


class Script(unittest.TestCase):
    def call(self, *arguments):
        errors, output = io.StringIO(), io.StringIO()
        with mock.patch.object(sys, "argv", ["gpu.sh", *arguments]), contextlib.redirect_stderr(errors), \
                contextlib.redirect_stdout(output):
            try:
                status = gpu.main()
            except SystemExit as ended:
                status = ended.code
        return status, output.getvalue(), errors.getvalue()

    def test_without_a_gpu_it_ends_with_one_line(self):
        with mock.patch.object(gpu, "gpu_names", return_value=[]):
            status, output, errors = self.call()
        self.assertEqual((2, ""), (status, output))
        self.assertRegex(errors, r"^gpu.sh: there is no NVIDIA GPU here.*\n$")

    def test_parts_are_chosen_and_the_library_is_always_looked_at(self):
        self.assertEqual(["build", "profile", "peers"], gpu.parse(["--only", "peers", "profile"]).parts)
        self.assertEqual(["peers"], gpu.parse(["--only", "peers", "--skip", "build"]).parts)
        self.assertNotIn("training", gpu.parse(["--skip", "training"]).parts)
        self.assertEqual([128], gpu.parse([]).compile_batches)
        self.assertEqual([8], gpu.parse(["--batches", "8"]).compile_batches)

    def test_wrong_options_are_refused(self):
        for wrong in (("--side", "33"), ("--rounds", "0"), ("--batches", "0"), ("--only", "nothing")):
            status, _, errors = self.call(*wrong)
            self.assertEqual(2, status)
            self.assertIn("gpu.sh: error", errors)

    def test_calls_on_several_machines_make_one_table(self):
        with tempfile.TemporaryDirectory() as folder:
            first, second, out = (Path(folder) / name for name in ("first", "second", "out"))
            for place, name in ((first, "profile"), (second, "peers")):
                place.mkdir()
                records.Store(place, data()["facts"]).put(name, data()["parts"][name])
            status, output, _ = self.call("--report", str(first), str(second), "--out", str(out))
            self.assertEqual(0, status)
            self.assertEqual(report.markdown(data()), (out / "gpu.md").read_text())
            self.assertIn("**34 %**", output)
            status, _, errors = self.call("--report", str(first), str(out), "--out", str(out))
            self.assertEqual(2, status)
            self.assertIn("no such file", errors)

    def test_the_folder_for_results_is_that_of_the_environment(self):
        with mock.patch.dict(os.environ, {"OUT": "/results"}):
            self.assertEqual(Path("/results"), gpu.parse([]).out)
            self.assertEqual(Path("/else"), gpu.parse(["--out", "/else"]).out)


if __name__ == "__main__":
    unittest.main()
