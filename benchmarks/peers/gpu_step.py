"""Times training steps of the reference autoencoder in PyTorch on a GPU; prints one JSON line a variant and batch.

All variants train in bf16 autocast, channels last, with the plain loss of the reference and a fused AdamW whose parameters
and moments are f32: the work of `pixelwake bench step`, which has no moving average and no clipping either. A variant that
cannot be measured (memory, a compiler's error, a feature that this PyTorch lacks) becomes a line with the field "error".
"""
import argparse
import gc
import json
import math
import platform
import statistics
import sys
import time

import torch
import torchvision

import images
import reference

# torch.compile's mode of each variant; eager has none.
MODES = {"eager": None, "eager-graph": None, "compile": "default", "compile-max": "max-autotune",
         "compile-max-no-graph": "max-autotune-no-cudagraphs"}
CAPTURE_WARMUP = 3
MIB = 1048576.0


class Unsupported(Exception):
    """What this PyTorch or this device cannot do."""


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reference.add_options(parser)
    parser.add_argument("--network", dest="arch", type=lambda name: f"efficientnet_{name}", metavar="b0|b4",
                        help="the same as --arch efficientnet_...")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda", help="default: %(default)s; cpu tests the script")
    parser.add_argument("--side", type=int, default=384, help="default: %(default)s")
    parser.add_argument("--batch", default="128", metavar="N|auto",
                        help="images of a step; auto tries those of --batches and marks the fastest; default: %(default)s")
    parser.add_argument("--batches", type=int, nargs="+", default=[64, 128, 192, 256, 384], metavar="N",
                        help="for --batch auto, the smallest first, up to the first that memory cannot hold; default: 64 128"
                             " 192 256 384")
    parser.add_argument("--variants", nargs="+", choices=MODES, default=list(MODES), metavar="VARIANT",
                        help="%(choices)s; default: all")
    parser.add_argument("--warmup", type=int, default=5, help="steps before those timed, at least 1; default: %(default)s")
    parser.add_argument("--steps", type=int, default=20, help="steps timed; default: %(default)s")
    chosen = parser.parse_args()
    if chosen.arch not in reference.ARCHITECTURES:
        parser.error(f"{chosen.arch}: use one of {', '.join(reference.ARCHITECTURES)}")
    if chosen.batch != "auto" and not (chosen.batch.isdigit() and int(chosen.batch) > 0):
        parser.error("--batch is a number above 0 or auto")
    if chosen.warmup < 1 or chosen.steps < 1 or min(chosen.batches) < 1:
        parser.error("--warmup, --steps and --batches are at least 1")
    if chosen.side < 32 or chosen.side % 32:
        parser.error("--side is a multiple of 32")
    return chosen


class Step:
    """A training step of one variant on one batch; `run` does it and gives the loss, still on the device."""

    def __init__(self, chosen, autoencoder, variant, batch):
        self.cuda = chosen.device == "cuda"
        self.autoencoder = autoencoder
        model = reference.build(autoencoder, chosen.arch, chosen.seed)
        self.model = model.to(chosen.device, memory_format=torch.channels_last)
        self.images = images.sparse(batch, chosen.side, chosen.seed, chosen.device)
        self.images = self.images.contiguous(memory_format=torch.channels_last)
        # The fused kernel; under capture its step count must lie on the device. Neither exists on a processor in every
        # version that this script runs on.
        extra = {"fused": True, "capturable": variant == "eager-graph"} if self.cuda else {}
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8,
                                           weight_decay=1e-2, **extra)
        self.forward = self._forward
        self.run = self._plain
        self.marks_steps = self.captures = False
        if variant == "eager-graph":
            if not self.cuda:
                raise Unsupported("CUDA graphs need --device cuda")
            self.captures = True
            self.run = self._captured_at_first_call
        elif MODES[variant]:
            if not hasattr(torch, "compile"):
                raise Unsupported(f"PyTorch {torch.__version__} has no torch.compile, which came with 2.0")
            self.forward = torch.compile(self._forward, mode=MODES[variant])
            self.marks_steps = hasattr(torch, "compiler") and hasattr(torch.compiler, "cudagraph_mark_step_begin")

    def _forward(self, batch):
        with torch.autocast(self.images.device.type, dtype=torch.bfloat16):
            output = self.model(batch)
        # The loss in f32, as Pixelwake computes it.
        return self.autoencoder.loss(output.float(), batch)[0]

    def _plain(self):
        if self.marks_steps:
            torch.compiler.cudagraph_mark_step_begin()
        self.optimizer.zero_grad(set_to_none=True)
        total = self.forward(self.images)
        total.backward()
        self.optimizer.step()
        # Compiled with CUDA graphs, the loss lies where the next step writes.
        return total.detach().clone()

    def _captured_at_first_call(self):
        # A stream of its own, as torch.cuda.graph asks for; lazy initialisation must not fall into the capture.
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(CAPTURE_WARMUP):
                first = self._plain()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        # A replay allocates nothing: the memory of a step is what the capture takes.
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        with torch.cuda.graph(graph):
            total = self.forward(self.images)
            total.backward()
            self.optimizer.step()
        self.run = lambda: (graph.replay(), total.detach().clone())[1]
        return first

    def state_bytes(self):
        """Parameters, running statistics, gradients and moments: what does not grow with the batch."""
        tensors = list(self.model.parameters()) + list(self.model.buffers())
        tensors += [p.grad for p in self.model.parameters() if p.grad is not None]
        for state in self.optimizer.state.values():
            tensors += [value for value in state.values() if torch.is_tensor(value)]
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def timed(step, warmup, steps):
    """Milliseconds of each step timed, losses of all steps, seconds of the first step."""
    started = time.perf_counter()
    losses = [step.run()]
    if step.cuda:
        torch.cuda.synchronize()
        if not step.captures:
            # The first step compiles and chooses algorithms, in memory that no later step takes.
            torch.cuda.reset_peak_memory_stats()
    first_seconds = time.perf_counter() - started
    losses += [step.run() for _ in range(warmup - 1)]
    if not step.cuda:
        milliseconds = []
        for _ in range(steps):
            started = time.perf_counter()
            losses.append(step.run())
            milliseconds.append((time.perf_counter() - started) * 1e3)
        return milliseconds, losses, first_seconds
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(steps + 1)]
    marks[0].record()
    for mark in marks[1:]:
        losses.append(step.run())
        mark.record()
    torch.cuda.synchronize()
    return [a.elapsed_time(b) for a, b in zip(marks, marks[1:])], losses, first_seconds


def memory(step, batch):
    if not step.cuda:
        return {}
    peak, state = torch.cuda.max_memory_allocated(), step.state_bytes()
    return {"peak_mib": peak / MIB, "reserved_mib": torch.cuda.max_memory_reserved() / MIB, "state_mib": state / MIB,
            "activation_mib_per_image": (peak - state) / MIB / batch}


def versions():
    found = {"python": platform.python_version(), "torch": torch.__version__, "torchvision": torchvision.__version__,
             "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}
    if "triton" in sys.modules:
        found["triton"] = sys.modules["triton"].__version__
    return found


def measure(chosen, autoencoder, variant, batch):
    step = Step(chosen, autoencoder, variant, batch)
    milliseconds, losses, first_seconds = timed(step, chosen.warmup, chosen.steps)
    losses = [loss.item() for loss in losses]
    if not all(map(math.isfinite, losses)) or not losses[-1] < losses[0]:
        raise Unsupported(f"the loss is not finite or did not decrease: {losses[0]} to {losses[-1]}")
    median = statistics.median(milliseconds)
    return {"images_per_second": batch * 1e3 / median, "median_ms": median, "step_ms": milliseconds,
            "first_step_seconds": first_seconds, "first_loss": losses[0], "last_loss": losses[-1], **memory(step, batch)}


def reason(problem):
    """The kind of a failure, and its first words: compilers add pages."""
    out_of_memory = getattr(torch.cuda, "OutOfMemoryError", ())
    if isinstance(problem, out_of_memory) or "out of memory" in str(problem).lower():
        return "out of memory"
    text = " ".join(str(problem).split())
    return text if isinstance(problem, Unsupported) else f"{type(problem).__name__}: {text[:400]}"


def line(chosen, autoencoder, variant, batch):
    result = {"library": f"PyTorch {torch.__version__}", "variant": variant, "arch": chosen.arch, "side": chosen.side,
              "batch": batch, "precision": "bf16 autocast",
              "device": torch.cuda.get_device_name() if chosen.device == "cuda" else "cpu"}
    try:
        result.update(measure(chosen, autoencoder, variant, batch))
    except Exception as problem:  # whatever a compiler throws is a result here
        result["error"] = reason(problem)
        problem.__traceback__ = None  # it holds the tensors
    result["versions"] = versions()
    # The next variant begins with nothing compiled and no memory held.
    if hasattr(torch, "_dynamo"):
        torch._dynamo.reset()
    gc.collect()
    if chosen.device == "cuda":
        torch.cuda.empty_cache()
    return result


def variant_lines(chosen, autoencoder, variant):
    if chosen.batch != "auto":
        return [line(chosen, autoencoder, variant, int(chosen.batch))]
    lines = []
    for batch in sorted(set(chosen.batches)):
        lines.append(line(chosen, autoencoder, variant, batch))
        if "error" in lines[-1]:
            break
    sound = [one for one in lines if "error" not in one]
    if sound:
        max(sound, key=lambda one: one["images_per_second"])["best"] = True
    return lines


def main():
    chosen = options()
    if chosen.device == "cuda" and not torch.cuda.is_available():
        print(f"gpu_step: PyTorch {torch.__version__} sees no GPU here; run it on a machine with one, or test the script with"
              " --device cpu", file=sys.stderr)
        sys.exit(2)
    torch.backends.cudnn.benchmark = True
    autoencoder = reference.load(chosen.reference)
    for variant in chosen.variants:
        for one in variant_lines(chosen, autoencoder, variant):
            print(json.dumps(one), flush=True)


if __name__ == "__main__":
    main()
