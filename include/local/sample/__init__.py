"""The sample data: a small made-up school district, the same bytes for the same options on every machine.

Numbers come from `Random.random()`, additions, multiplications and divisions alone: that is what Python promises to
repeat in every version. `gauss`, `choice`, `math.exp` and `sum` of floats may differ between versions or machines.
"""

from include.local.sample.files import generate
from include.local.sample.manifest import Account, RowCounts, sample_as_of
from include.local.sample.options import Options, SampleError

__all__ = ["Account", "Options", "RowCounts", "SampleError", "generate", "sample_as_of"]
