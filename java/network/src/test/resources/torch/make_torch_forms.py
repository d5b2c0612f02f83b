"""Writes torch_forms.pth and its refused siblings: every storage type and layout that TorchCheckpointTest reads.

Run with PyTorch 1.13 (Debian: python3-torch): python3 make_torch_forms.py
"""
import zipfile
from collections import OrderedDict
from pathlib import Path

import torch

out = Path(__file__).parent
base = torch.arange(24, dtype=torch.float32)
state = OrderedDict()
state["contiguous"] = base.reshape(4, 6)
state["transposed"] = base.reshape(4, 6).t()
state["rows"] = base.reshape(4, 6)[1:3]
state["every_second"] = base[1::2]
state["permuted"] = base.reshape(2, 3, 4).permute(2, 0, 1)
state["expanded"] = base[2:5].expand(2, 3)
state["scalar"] = torch.tensor(2.5)
state["empty"] = torch.zeros(0, 3)
state["parameter"] = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
state["channels_last"] = torch.arange(16.0).reshape(1, 2, 2, 4).contiguous(memory_format=torch.channels_last)
state["f64"] = torch.tensor([0.1, -1e300], dtype=torch.float64)
state["f16"] = torch.tensor([0.5, -65504.0, 6e-8], dtype=torch.float16)
state["bf16"] = torch.tensor([1.0, -3.0, 1e30], dtype=torch.bfloat16)
state["i64"] = torch.tensor([-(2**62), 7])
state["i32"] = torch.tensor([-(2**31), 7], dtype=torch.int32)
state["i16"] = torch.tensor([-32768, 7], dtype=torch.int16)
state["i8"] = torch.tensor([-128, 7], dtype=torch.int8)
state["u8"] = torch.tensor([255, 7], dtype=torch.uint8)
state["bool"] = torch.tensor([True, False, True])
state["version"] = 3
torch.save({"epoch": 12, "lr": 0.5, "done": False, "history": [1, 2], "big": 2**40,
            "optimizer": {"state": {0: {"step": torch.tensor(3.0)}}, "param_groups": [{"params": [0]}]},
            "checkpoint": None, "model": state}, out / "torch_forms.pth")
torch.save({"model": state}, out / "torch_forms_protocol4.pth", pickle_protocol=4)
torch.save(state, out / "torch_legacy.pth", _use_new_zipfile_serialization=False)
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), out / "torch_script.pt")
torch.save(torch.nn.Linear(2, 1), out / "torch_module.pth")

# The same file as zipfile writes it beyond 4 GB: sizes and offsets in ZIP64 fields, also at the end of the archive.
zipfile.ZIP64_LIMIT = 0
zipfile.ZIP_FILECOUNT_LIMIT = 0
with zipfile.ZipFile(out / "torch_forms.pth") as source, zipfile.ZipFile(out / "torch_zip64.pth", "w") as target:
    for name in source.namelist():
        target.writestr(zipfile.ZipInfo(name), source.read(name))
