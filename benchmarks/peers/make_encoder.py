"""Writes the reference encoder, in evaluation mode, for the peers of encoder inference.

FOLDER/ARCH-SIDE.pt is TorchScript for libtorch, FOLDER/ARCH-SIDE-bN.onnx the same for ONNX Runtime with its shapes fixed
for a batch of N images. Both answer the embedding of each image: the mean of the last feature map. FOLDER/ARCH-SIDE.images
and .embeddings hold images and what PyTorch makes of them in double precision, as plain little-endian f32: every peer is
measured on these images and checked against these embeddings.
"""
import argparse
import os
from pathlib import Path

import torch
from torch import nn

import images
import reference


CALIBRATION_IMAGES = 16


class Encoder(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.features = features

    def forward(self, x):
        return self.features(x).mean((2, 3))


def calibrated(features, batch):
    """Running statistics of real activations: those of a fresh model would let the values fade from block to block, down
    to denormal numbers, on which processors are slower."""
    for module in features.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        features.train()(batch)
    return features.eval()


def replace(path, write):
    temporary = path.with_name(path.name + ".tmp")
    write(temporary)
    os.replace(temporary, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reference.add_options(parser)
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 32])
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    options = parser.parse_args()

    count = max(*options.batches, CALIBRATION_IMAGES)
    batch = images.sparse(count, options.side, options.seed)
    autoencoder = reference.build(reference.load(options.reference), options.arch, options.seed)
    encoder = Encoder(calibrated(autoencoder.features, batch)).eval()
    options.output.mkdir(parents=True, exist_ok=True)
    stem = f"{options.arch}-{options.side}"

    def path(ending):
        return options.output / (stem + ending)

    with torch.no_grad():
        replace(path(".pt"), lambda file: torch.jit.script(encoder).save(str(file)))
        for count in options.batches:
            # 17 is the newest operator set of this exporter. Batch norms are folded into the convolutions here.
            replace(path(f"-b{count}.onnx"),
                    lambda file: torch.onnx.export(encoder, batch[:count], str(file), opset_version=17,
                                                   input_names=["images"], output_names=["embedding"]))
        embeddings = encoder.double()(batch.double()).float()
    replace(path(".images"), lambda file: file.write_bytes(batch.numpy().tobytes()))
    replace(path(".embeddings"), lambda file: file.write_bytes(embeddings.numpy().tobytes()))


if __name__ == "__main__":
    main()
