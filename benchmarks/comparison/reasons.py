"""Why a family of operations stays below 60 % of its bound: one line for a family, direction and precision."""
import types

# Such as ("pool_linear", "forward", "f32"): "a few rows of one matrix: the threads wait for each other longer than they work".
REASONS = types.MappingProxyType({})
