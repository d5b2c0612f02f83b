"""The reference autoencoder as the peers of the benchmark use it. Debian: python3-torch, python3-torchvision.

The reference is read from where it lies (--reference) and not copied here.
"""
import importlib.util
import sys
from pathlib import Path

import torch
from torchvision import models

ARCHITECTURES = ("efficientnet_b0", "efficientnet_b4")
DEFAULT_REFERENCE = Path(__file__).resolve().parents[2].parent / "shared" / "reference"


def add_options(parser):
    parser.add_argument("--arch", choices=ARCHITECTURES, default="efficientnet_b4", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="of the initial weights; default: %(default)s")
    parser.add_argument("--reference", type=Path, default=DEFAULT_REFERENCE, metavar="DIR",
                        help="folder with autoencoder.py; default: ../shared/reference beside the repository")


def load(folder):
    """The module autoencoder.py of the folder."""
    file = folder / "autoencoder.py"
    if not file.is_file():
        sys.exit(f"{file}: no such file. Name the folder of the reference model with --reference DIR")
    sys.dont_write_bytecode = True  # the folder may be read-only, and is not ours
    spec = importlib.util.spec_from_file_location("autoencoder", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["autoencoder"] = module  # torch.compile looks up by name where a function comes from
    spec.loader.exec_module(module)
    return module


def build(reference, arch, seed):
    """The autoencoder in training mode, without stochastic depth: every block is computed in every step, here and in
    Pixelwake, so that all do the same work. The classifier and its dropout are no part of it."""
    torch.manual_seed(seed)
    encoder = getattr(models, arch)(weights=None, stochastic_depth_prob=0.0)
    return reference.Autoencoder(encoder).train()
