"""Measures through PyTorch what a GPU can do: the rate of a copy and that of a bf16 matrix product. Prints JSON."""
import argparse
import json
import statistics
import sys

import torch

# Large beside any cache; 8192^3 fills every multiprocessor many times.
COPY_BYTES = 4 << 30
PRODUCT = 8192


def median_seconds(work, repeats):
    for _ in range(3):
        work()
    marks = [torch.cuda.Event(enable_timing=True) for _ in range(repeats + 1)]
    marks[0].record()
    for mark in marks[1:]:
        work()
        mark.record()
    torch.cuda.synchronize()
    return statistics.median(a.elapsed_time(b) for a, b in zip(marks, marks[1:])) / 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=30, help="default: %(default)s")
    chosen = parser.parse_args()
    if not torch.cuda.is_available():
        print(f"gpu_limits: PyTorch {torch.__version__} sees no GPU here; run it on a machine with one", file=sys.stderr)
        sys.exit(2)
    source = torch.randint(0, 256, (COPY_BYTES,), dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    copy = median_seconds(lambda: target.copy_(source), chosen.repeats)
    del source, target
    # Random numbers: a product of zeros takes less power, and runs faster.
    a, b = (torch.randn(PRODUCT, PRODUCT, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    product = median_seconds(lambda: a @ b, chosen.repeats)
    json.dump({"device": torch.cuda.get_device_name(), "copy_gbs": 2 * COPY_BYTES / copy / 1e9,
               "matrix_tflops": 2 * PRODUCT ** 3 / product / 1e12, "torch": torch.__version__}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
