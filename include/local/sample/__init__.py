"""The sample data: a small made-up school district, the same bytes for the same scale and seed on every machine.

Numbers come from `Random.random()`, additions, multiplications and divisions alone: that is what Python promises to
repeat in every version. `gauss`, `choice`, `math.exp` and `sum` of floats may differ between versions or machines.
"""

from include.local.sample.files import SampleError, generate, sample_as_of

__all__ = ["SampleError", "generate", "sample_as_of"]
