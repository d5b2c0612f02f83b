"""Times training steps of the reference autoencoder in the installed PyTorch and prints JSON as LibtorchStep does."""
import argparse
import json
import math
import resource
import statistics
import sys
import time

import torch

import images
import reference


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    reference.add_options(parser)
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warmup", type=int, default=4)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--layout", choices=("nchw", "channels-last"), default="nchw")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    autoencoder = reference.load(options.reference)
    layout = torch.contiguous_format if options.layout == "nchw" else torch.channels_last
    model = reference.build(autoencoder, options.arch, options.seed).to(memory_format=layout)
    batch = images.sparse(options.batch, options.side, options.seed).contiguous(memory_format=layout)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2)

    milliseconds, losses = [], []
    for _ in range(options.warmup + options.steps):
        start = time.perf_counter()
        total = autoencoder.loss(model(batch), batch)[0]
        total.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(total.item())
        milliseconds.append((time.perf_counter() - start) * 1e3)
    if not all(map(math.isfinite, losses)) or not losses[-1] < losses[0]:
        sys.exit(f"pytorch_step: the loss is not finite or did not decrease: {losses}")

    timed = milliseconds[options.warmup:]
    median = statistics.median(timed)
    json.dump({
        "library": f"PyTorch {torch.__version__}",
        "layout": options.layout,
        "precision": "f32",
        "side": options.side,
        "batch": options.batch,
        "threads": torch.get_num_threads(),
        "images_per_second": options.batch * 1000 / median,
        "median_ms": median,
        "step_ms": timed,
        "first_loss": losses[0],
        "losses": losses[options.warmup:],
        "peak_resident_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
