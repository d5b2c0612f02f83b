"""Tests of the peer for a GPU, on the processor: python3 -m unittest discover benchmarks/peers"""
import contextlib
import importlib.util
import io
import json
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).parent))

if importlib.util.find_spec("torch") is None or importlib.util.find_spec("torchvision") is None:
    raise unittest.SkipTest("PyTorch or torchvision is not installed (python3-torch, python3-torchvision)")

import gpu_step  # noqa: E402
import torch  # noqa: E402

SMALL = ("--device", "cpu", "--side", "32", "--network", "b0", "--warmup", "2", "--steps", "3")


def call(*arguments):
    output, errors = io.StringIO(), io.StringIO()
    status = 0
    with mock.patch.object(sys, "argv", ["gpu_step", *SMALL, *arguments]), contextlib.redirect_stdout(output), \
            contextlib.redirect_stderr(errors):
        try:
            gpu_step.main()
        except SystemExit as ended:
            status = ended.code
    return status, [json.loads(line) for line in output.getvalue().splitlines()], errors.getvalue()


class GpuStep(unittest.TestCase):
    def test_a_step_is_timed_and_its_loss_falls(self):
        _, (line,), _ = call("--batch", "2", "--variants", "eager")
        self.assertNotIn("error", line)
        self.assertEqual(3, len(line["step_ms"]))
        self.assertAlmostEqual(2e3 / line["median_ms"], line["images_per_second"])
        self.assertLess(line["last_loss"], line["first_loss"])
        self.assertEqual(torch.__version__, line["versions"]["torch"])

    def test_what_cannot_be_measured_is_a_line_and_the_next_variant_follows(self):
        with mock.patch.object(torch, "compile", side_effect=RuntimeError("bad\nkernel"), create=True):
            _, lines, _ = call("--batch", "2", "--variants", "eager-graph", "compile", "eager")
        self.assertEqual(["CUDA graphs need --device cuda", "RuntimeError: bad kernel", None], [one.get("error") for one in lines])

    def test_an_old_pytorch_says_what_it_lacks(self):
        if hasattr(torch, "compile"):
            self.skipTest("this PyTorch has torch.compile")
        _, (line,), _ = call("--batch", "2", "--variants", "compile")
        self.assertIn("has no torch.compile", line["error"])

    def test_the_best_batch_is_found_and_the_search_ends_where_memory_does(self):
        rates = {2: 10, 4: 30, 8: 20}

        def measure(chosen, autoencoder, variant, batch):
            if batch > 8:
                raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
            return {"images_per_second": rates[batch]}

        with mock.patch.object(gpu_step, "measure", measure):
            _, lines, _ = call("--batch", "auto", "--batches", "8", "2", "4", "16", "32", "--variants", "eager")
        self.assertEqual([2, 4, 8, 16], [one["batch"] for one in lines])
        self.assertEqual([4], [one["batch"] for one in lines if one.get("best")])
        self.assertEqual("out of memory", lines[-1]["error"])

    def test_a_loss_that_does_not_fall_is_no_measurement(self):
        with mock.patch.object(gpu_step, "timed", return_value=([1.0], [torch.tensor(1.0), torch.tensor(2.0)], 0.1)):
            _, (line,), _ = call("--batch", "2", "--variants", "eager")
        self.assertIn("did not decrease: 1.0 to 2.0", line["error"])
        self.assertNotIn("images_per_second", line)

    def test_the_state_does_not_grow_with_the_batch(self):
        chosen = mock.Mock(device="cpu", arch="efficientnet_b0", seed=1, side=32)
        autoencoder = gpu_step.reference.load(gpu_step.reference.DEFAULT_REFERENCE)
        step = gpu_step.Step(chosen, autoencoder, "eager", 2)
        parameters = sum(p.numel() for p in step.model.parameters())
        self.assertLess(step.state_bytes(), 4 * parameters * 1.1)
        step.run()
        # Parameter, gradient, two moments, all f32; running statistics beside them.
        self.assertGreaterEqual(step.state_bytes(), 16 * parameters)
        self.assertLess(step.state_bytes(), 16 * parameters * 1.03)

    def test_wrong_options_are_refused(self):
        for wrong in (("--batch", "0"), ("--batch", "many"), ("--side", "33"), ("--network", "b9"), ("--warmup", "0")):
            self.assertEqual(2, call(*wrong)[0])


if __name__ == "__main__":
    unittest.main()
