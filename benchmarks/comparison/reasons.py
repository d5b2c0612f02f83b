"""Why a family of operations stays below 60 % of its bound: one line for a family, direction and precision.

Shares of time are of a sampled run (perf, B4 autoencoder, side 96, batch 8, 2 threads of a Zen 4).
"""
import itertools
import types

_DIRECTIONS = ("forward", "backward")
_PRECISIONS = ("f32", "bf16")


def _all(family, why, directions=_DIRECTIONS, precisions=_PRECISIONS):
    return {(family, direction, precision): why for direction, precision in itertools.product(directions, precisions)}


REASONS = types.MappingProxyType({
    **_all("pointwise", "the products alone reach nine tenths of the rate of dot products; a third of the time goes into batch "
           "norm, SiLU, rounding, packing and statistics, which bf16 does not make faster", precisions=("bf16",)),
    **_all("depthwise", "a pixel takes three turns through the first-level cache, which do not overlap: activated into padded "
           "lines (2/5 of the time), convolved (1/3), stored with its statistics (1/5); the bound counts the longest",
           directions=("forward",)),
    **_all("depthwise", "as forward, for two inputs and two results: gradient and activation formed in lines (2/5 of the time), "
           "three convolutions between lines, sums and stores after them", directions=("backward",)),
    **_all("squeeze_excite", "20 to 180 us each: weights that come cold from memory in short rows, and two turns of all threads "
           "that wait for each other; pooling alone is at half of the rate of SiLU", directions=("forward",)),
    **_all("squeeze_excite", "20 to 180 us each: weights and their gradients, cold and in short rows, of which a gradient's row "
           "is read before it is written; two turns of all threads that wait for each other", directions=("backward",)),
    **_all("dense", "3 and 5 channels are no vectors: pixels are gathered into planes of one channel and back, by shuffles that "
           "take about as long as the products"),
    **_all("batchnorm", "2 to 10 us each on a few KiB: the call and the wait for its inputs"),
    **_all("loss", "0.2 ms: an exponential and a logarithm for each mask of a pixel, and a second pass for the gradient, which "
           "needs the sums of the first"),
    **_all("rasterize", "0.2 ms: images are cleared, then hits are spread over them by scattered stores"),
    **_all("residual", "5 to 20 us each at sides 3 and 6: waking the threads takes as long as the work"),
})
