"""Images for the peers of the benchmarks."""
import torch


def sparse(count, side, seed, device="cpu"):
    """Images like upsampled tracks: most pixels exactly zero, channel 2 the map of an energy above one half."""
    generator = torch.Generator(device=device).manual_seed(seed)
    squares = torch.rand(count, 1, side // 4, side // 4, generator=generator, device=device) > 0.8
    hit = squares.float().repeat_interleave(4, 2).repeat_interleave(4, 3)
    batch = torch.rand(count, 3, side, side, generator=generator, device=device) * hit
    batch[:, 2] = (batch[:, 0] > 0.5).float()
    return batch
