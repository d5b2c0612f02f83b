"""Times hits_s in the installed PyTorch, gathered or dense, and prints JSON as `pixelwake bench` does.

The network is that of java/network/src/test/python/hits_golden.py, the specification, against which both forms are checked
here. Gathered: hits are packed, the rows of the nine neighbours of each are gathered by index_select and multiplied at once.
Dense: clusters are images at the detector's resolution, just large enough for the largest; 3x3 convolutions, and everything
is multiplied by the mask of the pixels that were hit. What a hit is described by, neighbours, images and masks are made before
the clock starts.
"""
import argparse
import importlib.util
import json
import math
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy
import torch
from torch import nn
from torch.nn import functional as F

SPECIFICATION = Path(__file__).resolve().parents[2] / "java/network/src/test/python/hits_golden.py"
WIDTH, BLOCKS, FEATURES = 32, 3, 9
SCALE = 100.0  # of energies and times, as Workload.java has it


def specification():
    """The module hits_golden.py, with the sizes of hits_s."""
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("hits_golden", SPECIFICATION)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.WIDTH, module.BLOCKS, module.ENERGY_SCALE, module.TOA_SCALE = WIDTH, BLOCKS, SCALE, SCALE
    return module


class Clusters:
    """The file of HitsFile.java: counts of clusters, hits and classes, then the columns."""

    def __init__(self, file):
        data = file.read_bytes()
        self.count, hits, self.classes = numpy.frombuffer(data, "<i4", 3)
        at = 12

        def column(kind, length):
            nonlocal at
            values = numpy.frombuffer(data, kind, length, at)
            at += values.nbytes
            return values

        self.labels = torch.from_numpy(column("<i4", self.count).astype("int64"))
        self.offsets = column("<i4", self.count + 1).astype("int64")
        self.x, self.y = column("<i2", hits).astype("int64"), column("<i2", hits).astype("int64")
        self.energy, self.toa = column("<f4", hits), column("<f4", hits)
        self.sizes = numpy.diff(self.offsets)
        self.cluster = numpy.repeat(numpy.arange(self.count), self.sizes)

    def hits(self, i):
        rows = range(self.offsets[i], self.offsets[i + 1])
        return [(int(self.x[r]), int(self.y[r]), float(self.energy[r]), float(self.toa[r])) for r in rows]

    def features(self):
        def about_centroid(v):
            return v - (numpy.bincount(self.cluster, v) / self.sizes)[self.cluster]

        dx, dy, e, t = about_centroid(self.x), about_centroid(self.y), self.energy, self.toa
        columns = [numpy.sqrt(e / SCALE), numpy.log(numpy.maximum(e, 1) / 40) / 1.2, e / SCALE, numpy.sqrt(t / SCALE),
                   numpy.log1p(t / 10) / 3, t / SCALE, dx / 8, dy / 8, numpy.hypot(dx, dy) / 8]
        return torch.from_numpy(numpy.stack(columns, 1).astype("float32"))

    def neighbours(self):
        """(hits, 9): the row of each neighbour; the number of hits where there is none."""
        at = {(c, x, y): row for row, (c, x, y) in enumerate(zip(self.cluster, self.x, self.y))}
        none = len(at)
        table = [[at.get((c, x + k % 3 - 1, y + k // 3 - 1), none) for k in range(9)]
                 for c, x, y in zip(self.cluster, self.x, self.y)]
        return torch.tensor(table)

    def images(self):
        """(n, side, side, 9) and masks (n, side, side, 1)."""
        starts = self.offsets[:-1]
        x = self.x - numpy.minimum.reduceat(self.x, starts)[self.cluster]
        y = self.y - numpy.minimum.reduceat(self.y, starts)[self.cluster]
        side = int(max(x.max(), y.max())) + 1
        images = torch.zeros(int(self.count), side, side, FEATURES)
        mask = torch.zeros(int(self.count), side, side, 1)
        images[self.cluster, y, x] = self.features()
        mask[self.cluster, y, x] = 1
        return images, mask


class Gathered:
    def __init__(self, clusters):
        self.clusters, self.side = clusters, 0
        self.features, self.table = clusters.features(), clusters.neighbours().flatten()
        self.cluster = torch.from_numpy(clusters.cluster)
        self.sizes = torch.from_numpy(clusters.sizes).float()[:, None]
        self.wide = self.cluster[:, None].expand(-1, 2 * WIDTH)

    def sums(self, rows):
        return torch.zeros(len(self.sizes), rows.shape[1]).index_add_(0, self.cluster, rows)

    def around(self, z, layer):
        padded = torch.cat([z, z.new_zeros(1, WIDTH)])
        gathered = padded.index_select(0, self.table).view(-1, 9 * WIDTH)
        return F.linear(gathered, layer.weight.permute(0, 2, 3, 1).reshape(WIDTH, 9 * WIDTH), layer.bias)

    def embed(self, network):
        first, *blocks, last = network.features
        h = first(self.features)
        for block in blocks:
            a = F.gelu(self.around(block.norm(h), block.around))
            context = block.context(self.sums(a) / self.sizes)
            h = h + block.project(a + context.index_select(0, self.cluster))
        t = F.gelu(last.top(last.norm(h)))
        sums = self.sums(t)
        largest = torch.full_like(sums, -math.inf).scatter_reduce(0, self.wide, t, "amax")
        return torch.cat([sums / self.sizes, sums / 10, largest], 1)


class Dense:
    def __init__(self, clusters):
        self.images, self.mask = clusters.images()
        self.side = self.images.shape[1]
        self.hidden = torch.where(self.mask > 0, 0.0, -math.inf)
        self.sizes = self.mask.sum((1, 2))

    def embed(self, network):
        first, *blocks, last = network.features
        h = first(self.images) * self.mask
        for block in blocks:
            z = block.norm(h) * self.mask
            # The permuted tensor is one in channels last.
            u = F.conv2d(z.permute(0, 3, 1, 2), block.around.weight, block.around.bias, padding=1).permute(0, 2, 3, 1)
            a = F.gelu(u) * self.mask
            context = block.context(a.sum((1, 2)) / self.sizes)
            h = h + block.project(a + context[:, None, None]) * self.mask
        t = F.gelu(last.top(last.norm(h)))
        sums = (t * self.mask).sum((1, 2))
        return torch.cat([sums / self.sizes, sums / 10, (t + self.hidden).amax((1, 2))], 1)


def check(network, clusters, embedding):
    """The largest error of some embeddings, of their norm, against the specification."""
    worst = 0.0
    for i in range(0, int(clusters.count), max(1, int(clusters.count) // 16)):
        expected = network.embed(clusters.hits(i))
        worst = max(worst, float((expected - embedding[i]).norm() / expected.norm()))
    if not worst < 1e-4:
        sys.exit(f"pytorch_hits: embeddings differ from the specification's by {worst} of their norm")
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("what", choices=("step", "inference"))
    parser.add_argument("--form", choices=("gathered", "dense"), required=True)
    parser.add_argument("--clusters", type=Path, required=True, help="file of HitsFile.java")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    golden = specification()
    clusters = Clusters(options.clusters)
    golden.CLASSES = int(clusters.classes)
    network = golden.Network()
    form = {"gathered": Gathered, "dense": Dense}[options.form](clusters)
    with torch.no_grad():
        error = check(network, clusters, form.embed(network))
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=2e-2, foreach=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(network.classifier(form.embed(network)), clusters.labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    def infer():
        with torch.inference_mode():
            return float(network.classifier(form.embed(network)).softmax(1)[0, 0])

    run = step if options.what == "step" else infer
    milliseconds, values = [], []
    for _ in range(options.warmup + options.steps):
        start = time.perf_counter()
        values.append(run())
        milliseconds.append((time.perf_counter() - start) * 1e3)
    if not all(map(math.isfinite, values)) or (options.what == "step" and not values[-1] < values[0]):
        sys.exit(f"pytorch_hits: the loss is not finite or did not decrease: {values}")

    timed = milliseconds[options.warmup:]
    median = statistics.median(timed)
    json.dump({
        "library": f"PyTorch {torch.__version__}",
        "form": options.form,
        "precision": "f32",
        "side": form.side,
        "batch": int(clusters.count),
        "threads": torch.get_num_threads(),
        "images_per_second": int(clusters.count) * 1000 / median,
        "median_ms": median,
        "step_ms": timed,
        "error": error,
        "peak_resident_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
