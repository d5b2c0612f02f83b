#!/usr/bin/env python3
"""Writes src/test/resources/golden/pool_tiny.safetensors: an EfficientNet that averages over hits.

This is the specification of `--pool hits`, in plain PyTorch and written to be read: torchvision's
EfficientNet at width and depth 0.1, but squeeze-excite and the last pooling average over the sites
of an image that were hit, image by image. Needs python3-torch; run it from java/network.
"""
import random

import torch
from torch import nn
from torch.nn import functional as F

from hits_golden import write

CLASSES, IMAGES, SIDE = 3, 5, 32
# Expansion, kernel, stride, channels in and out of each stage at width 0.1, one block each.
STAGES = [(1, 3, 1, 8, 8), (6, 3, 2, 8, 8), (6, 5, 2, 8, 8), (6, 3, 2, 8, 8), (6, 5, 1, 8, 16),
          (6, 5, 2, 16, 24), (6, 3, 1, 24, 32)]
TOP = 128


def average(x, hit):
    """Averages x (n, c, h, w) over the sites that stand for a hit: (n, c); 0 where there is none."""
    while hit.shape[-1] > x.shape[-1]:
        hit = F.max_pool2d(hit, 2, ceil_mode=True)
    means = []
    for values, active in zip(x, hit[:, 0] > 0):
        seen = values[:, active]
        means.append(seen.mean(1) if seen.shape[1] > 0 else seen.new_zeros(len(values)))
    return torch.stack(means)


class ConvNorm(nn.Sequential):
    def __init__(self, c_in, c_out, kernel, stride=1, groups=1, silu=True):
        layers = [nn.Conv2d(c_in, c_out, kernel, stride, (kernel - 1) // 2, groups=groups,
                            bias=False), nn.BatchNorm2d(c_out)]
        super().__init__(*layers, *([nn.SiLU()] if silu else []))


class SqueezeExcite(nn.Module):
    def __init__(self, c, squeeze):
        super().__init__()
        self.fc1 = nn.Conv2d(c, squeeze, 1)
        self.fc2 = nn.Conv2d(squeeze, c, 1)

    def forward(self, x, hit):
        pooled = average(x, hit)[:, :, None, None]
        return x * torch.sigmoid(self.fc2(F.silu(self.fc1(pooled))))


class MBConv(nn.Module):
    def __init__(self, expand, kernel, stride, c_in, c_out):
        super().__init__()
        c = c_in * expand
        layers = [] if expand == 1 else [ConvNorm(c_in, c, 1)]
        layers += [ConvNorm(c, c, kernel, stride, groups=c), SqueezeExcite(c, max(1, c_in // 4)),
                   ConvNorm(c, c_out, 1, silu=False)]
        self.block = nn.ModuleList(layers)
        self.residual = stride == 1 and c_in == c_out

    def forward(self, x, hit):
        y = x
        for layer in self.block:
            y = layer(y, hit) if isinstance(layer, SqueezeExcite) else layer(y)
        return x + y if self.residual else y


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        stages = [nn.ModuleList([MBConv(*stage)]) for stage in STAGES]
        self.features = nn.ModuleList([ConvNorm(3, 8, 3), *stages, ConvNorm(32, TOP, 1)])
        self.classifier = nn.Sequential(nn.Identity(), nn.Linear(TOP, CLASSES))

    def forward(self, image):
        hit = (image != 0).any(1, keepdim=True).to(image.dtype)
        x = self.features[0](image)
        for stage in self.features[1:-1]:
            for block in stage:
                x = block(x, hit)
        embedding = average(self.features[-1](x), hit)
        return embedding, self.classifier(embedding)


def images(draw):
    """Images of a few hits at any place; the last has none."""
    all_images = torch.zeros(IMAGES, 3, SIDE, SIDE)
    for i, hits in enumerate((1, 4, 9, 30, 0)):
        for pixel in draw.sample(range(SIDE * SIDE), hits):
            y, x = divmod(pixel, SIDE)
            all_images[i, 0, y, x] = draw.uniform(0.1, 1)
            # A hit may show in one channel alone.
            all_images[i, 2, y, x] = draw.randint(0, 1)
    return all_images


def main():
    torch.manual_seed(1)
    network = Network()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            # Batch norms too: ones and zeros would hide a mix-up.
            if parameter.dim() == 1:
                parameter += 0.3 * torch.randn(parameter.shape)
        for name, buffer in network.named_buffers():
            if name.endswith('running_mean'):
                buffer += 0.3 * torch.randn(buffer.shape)
            if name.endswith('running_var'):
                buffer *= 0.5 + torch.rand(buffer.shape)
    tensors = {'images': images(random.Random(1))}
    state = {name: value.clone() for name, value in network.state_dict().items()}
    # In double precision, as the truth that f32 is held against.
    network.double()
    image = tensors['images'].double()
    network.eval()
    with torch.no_grad():
        tensors['eval.embedding'], tensors['eval.output'] = network(image)
    network.train()
    embedding, output = network(image)
    labels = torch.tensor([i % CLASSES for i in range(IMAGES)])
    loss = F.cross_entropy(output, labels, reduction='sum')
    loss.backward()
    tensors.update({'embedding': embedding, 'output': output, 'loss': loss.reshape(1)})
    for name, value in state.items():
        if not name.endswith('num_batches_tracked'):
            tensors['parameter.' + name] = value
    for name, parameter in network.named_parameters():
        tensors['gradient.' + name] = parameter.grad
    write('src/test/resources/golden/pool_tiny.safetensors', tensors)


if __name__ == '__main__':
    main()
