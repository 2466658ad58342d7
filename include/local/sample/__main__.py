"""`python -m include.local.sample`: write the sample files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from include.local.sample.files import SampleError, generate


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sample that the arguments ask for; the exit status is 0, or 2 when it was refused."""
    parser = argparse.ArgumentParser(prog="python -m include.local.sample", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.08, help="1 is about 1,200 students (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another district (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("data/raw"), help="folder (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    try:
        last_day = generate(chosen.out, scale=chosen.scale, seed=chosen.seed)
    except SampleError as error:
        print(f"sample: {error}", file=sys.stderr)
        return 2
    print(f"Wrote a school year up to {last_day} into {chosen.out}. Next: make run RAW_DIR={chosen.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
