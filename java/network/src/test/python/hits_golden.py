#!/usr/bin/env python3
"""Writes hits_tiny.safetensors and hits_autoencoder_tiny.safetensors to src/test/resources/golden:
networks over hits in plain PyTorch.

This is the specification of HitsEncoder and HitsDecoder, written to be read: every hit looks up its neighbours in a
dictionary, and nothing is batched that need not be. Needs python3-torch; run it from java/network.
"""
import json
import math
import random
import struct

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, BLOCKS, CLASSES = 8, 2, 3
HEADS, QUANTITIES = 12, 4
IMAGE_WEIGHT, CLUSTER_WEIGHT, THRESHOLD_WEIGHT, FEATURE_WEIGHT = 1.5, 0.7, 0.4, 1.2
ENERGY_SCALE, TOA_SCALE = 400.0, 100.0


def describe(hits):
    """Nine numbers a hit (x, y, energy in keV, time after the first hit in ns)."""
    mean_x = sum(h[0] for h in hits) / len(hits)
    mean_y = sum(h[1] for h in hits) / len(hits)
    rows = []
    for x, y, e, t in hits:
        dx, dy = x - mean_x, y - mean_y
        rows.append([
            math.sqrt(e / ENERGY_SCALE), math.log(max(e, 1) / 40) / 1.2, e / ENERGY_SCALE,
            math.sqrt(t / TOA_SCALE), math.log(1 + t / 10) / 3, t / TOA_SCALE,
            dx / 8, dy / 8, math.hypot(dx, dy) / 8])
    return torch.tensor(rows)


class Around(nn.Module):
    """A 3x3 convolution over the pixels that were hit; the others count as 0."""

    def __init__(self, c):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(c, c, 3, 3) / math.sqrt(9 * c))
        self.bias = nn.Parameter(torch.randn(c) * 0.1)

    def forward(self, z, hits):
        at = {(h[0], h[1]): i for i, h in enumerate(hits)}
        rows = []
        for x, y, _, _ in hits:
            total = self.bias
            for dy in (-1, 0, 1):
                for dx in (-1, 0, 1):
                    i = at.get((x + dx, y + dy))
                    if i is not None:
                        total = total + self.weight[:, :, dy + 1, dx + 1] @ z[i]
            rows.append(total)
        return torch.stack(rows)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm = nn.LayerNorm(c)
        self.around = Around(c)
        self.context = nn.Linear(c, c)
        self.project = nn.Linear(c, c)

    def forward(self, h, hits):
        a = F.gelu(self.around(self.norm(h), hits))
        return h + self.project(a + self.context(a.mean(0)))


class Last(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.norm = nn.LayerNorm(c)
        self.top = nn.Linear(c, 2 * c)

    def forward(self, h):
        t = F.gelu(self.top(self.norm(h)))
        return torch.cat([t.mean(0), t.sum(0) / 10, t.max(0).values])


def encoder():
    blocks = [Block(WIDTH) for _ in range(BLOCKS)]
    return nn.ModuleList([nn.Linear(9, WIDTH), *blocks, Last(WIDTH)])


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = encoder()
        self.classifier = nn.Sequential(nn.Identity(), nn.Linear(6 * WIDTH, CLASSES))

    def embed(self, hits):
        h = self.features[0](describe(hits))
        for block in self.features[1:-1]:
            h = block(h, hits)
        return self.features[-1](h)


class Autoencoder(nn.Module):
    """Tells of every hit what is asked of it, and of a cluster its own quantities."""

    def __init__(self):
        super().__init__()
        self.features = encoder()
        self.hidden = nn.Linear(1, WIDTH, bias=False)
        self.decoder = nn.ModuleList([nn.Linear(WIDTH, WIDTH)])
        self.heads = nn.Linear(WIDTH, HEADS)
        self.quantities = nn.Linear(6 * WIDTH, QUANTITIES)

    def forward(self, hits, hidden):
        """`hidden` is 1 for hits whose energy and time are not known, else 0."""
        given = [(x, y, e * (1 - m), t * (1 - m)) for (x, y, e, t), m in zip(hits, hidden)]
        h = self.features[0](describe(given)) + self.hidden(torch.tensor(hidden)[:, None])
        for block in self.features[1:-1]:
            h = block(h, hits)
        said = self.heads(F.gelu(self.decoder[0](self.features[-1].norm(h))))
        return said, self.quantities(self.features[-1](h))


def mean_of_asked(loss, said, target):
    """0 where nothing is asked."""
    asked = ~torch.isnan(target)
    return loss(said[asked], target[asked]) if asked.any() else said.sum() * 0


def restored(said, target):
    """Image, cluster and threshold loss of a cluster."""
    return torch.stack([
        mean_of_asked(F.huber_loss, said[:, :2], target[:, :2]),
        mean_of_asked(F.binary_cross_entropy_with_logits, said[:, 2:11], target[:, 2:11]),
        mean_of_asked(F.binary_cross_entropy_with_logits, said[:, 11:], target[:, 11:])])


def cluster(draw, size):
    """Hits in different pixels, ordered by y, then x."""
    side = math.ceil(math.sqrt(1.6 * size)) + 1
    pixels = sorted(draw.sample(range(side * side), size))
    return [(20 + p % side, 30 + p // side, draw.uniform(2, 300), draw.uniform(0, 120))
            for p in pixels]


def write(path, tensors):
    header, data = {}, b''
    for name, tensor in tensors.items():
        values = tensor.detach().to(torch.float32).contiguous()
        raw = struct.pack('<%df' % values.numel(), *values.flatten().tolist())
        header[name] = {'dtype': 'F32', 'shape': list(values.shape),
                        'data_offsets': [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text + data)


def shaken(network):
    """In double precision, as the truth that f32 is held against."""
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            # Layer norms too: ones and zeros would hide a mix-up.
            if '.norm.' in name:
                parameter += 0.3 * torch.randn(parameter.shape)
    return network.double()


def packed(clusters):
    starts = [0]
    for hits in clusters:
        starts.append(starts[-1] + len(hits))
    return {'hits': torch.tensor([hit for hits in clusters for hit in hits]),
            'offsets': torch.tensor(starts)}


def with_parameters(tensors, network):
    for name, parameter in network.named_parameters():
        tensors['parameter.' + name] = parameter
        tensors['gradient.' + name] = parameter.grad
    return tensors


def classifier(draw):
    clusters = [cluster(draw, size) for size in (1, 2, 5, 9, 23, 60)]
    network = shaken(Network())
    torch.set_default_dtype(torch.float64)
    embeddings = torch.stack([network.embed(hits) for hits in clusters])
    output = network.classifier(embeddings)
    labels = torch.tensor([i % CLASSES for i in range(len(clusters))])
    loss = F.cross_entropy(output, labels, reduction='sum')
    loss.backward()
    tensors = {**packed(clusters), 'embedding': embeddings, 'output': output,
               'loss': loss.reshape(1)}
    write('src/test/resources/golden/hits_tiny.safetensors', with_parameters(tensors, network))


def autoencoder(draw):
    clusters = [cluster(draw, size) for size in (1, 2, 4, 11, 31)]
    torch.set_default_dtype(torch.float32)
    network = shaken(Autoencoder())
    torch.set_default_dtype(torch.float64)
    hidden = [[float(draw.random() < 0.4) for _ in hits] for hits in clusters]
    targets, parts, said, told = [], [], [], []
    for hits, mask in zip(clusters, hidden):
        target = torch.full((len(hits), HEADS), math.nan)
        for i in range(len(hits)):
            for k in range(HEADS):
                if k < 2 or k == HEADS - 1 if mask[i] else 2 <= k < HEADS - 1 and draw.random() < 0.6:
                    target[i, k] = draw.gauss(0, 1.5) if k < 2 else draw.randrange(2)
        of_hits, of_cluster = network(hits, mask)
        targets.append(target)
        said.append(of_hits)
        told.append(of_cluster)
        parts.append(restored(of_hits, target))
    means = torch.stack(parts).mean(0)
    quantities = torch.tensor([[draw.gauss(0, 1.5) for _ in range(QUANTITIES)] for _ in clusters])
    of_quantities = F.huber_loss(torch.stack(told), quantities)
    weights = torch.tensor([IMAGE_WEIGHT, CLUSTER_WEIGHT, THRESHOLD_WEIGHT])
    (means @ weights + FEATURE_WEIGHT * of_quantities).backward()
    tensors = {**packed(clusters), 'hidden': torch.tensor(sum(hidden, [])),
               'target': torch.cat(targets), 'quantities': quantities,
               'said': torch.cat(said), 'told': torch.stack(told),
               'losses': torch.cat([(means @ weights).reshape(1), means]),
               'loss of quantities': of_quantities.reshape(1)}
    write('src/test/resources/golden/hits_autoencoder_tiny.safetensors',
          with_parameters(tensors, network))


def main():
    torch.manual_seed(1)
    draw = random.Random(1)
    classifier(draw)
    autoencoder(draw)


if __name__ == '__main__':
    main()
