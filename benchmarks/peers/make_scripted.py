"""Writes the reference autoencoder, in training mode, as a TorchScript file for libtorch.

The file's weights are torchvision's initialisation with a fixed seed; stochastic depth is off (see reference.py).
"""
import argparse
import os
import sys
from pathlib import Path

import torch

import reference


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reference.add_options(parser)
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    options = parser.parse_args()

    model = reference.build(reference.load(options.reference), options.arch, options.seed)
    try:
        scripted = torch.jit.script(model)
    except RuntimeError as problem:
        print(f"make_scripted: scripting failed, tracing instead: {problem}", file=sys.stderr)
        scripted = torch.jit.trace(model, torch.rand(2, 3, 96, 96), check_trace=False)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    temporary = options.output.with_name(options.output.name + ".tmp")
    scripted.save(str(temporary))
    os.replace(temporary, options.output)


if __name__ == "__main__":
    main()
