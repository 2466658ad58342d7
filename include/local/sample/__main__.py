"""`python -m include.local.sample`: write the sample files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from include.local.sample import Options, SampleError, generate
from include.local.sample.options import USUAL_CORRECTED, USUAL_DUPLICATE_EVENTS, USUAL_LATE_EVENTS

DEFAULTS = Options()
FOLDER = Path("data/raw")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sample that the arguments ask for; the exit status is 0, or 2 when it was refused."""
    chosen = vars(_parser().parse_args(arguments))
    out: Path = chosen.pop("out")
    try:
        account = generate(out, Options(**chosen))
    except SampleError as error:
        print(f"sample: {error}", file=sys.stderr)
        return 2
    for source, counts in account.rows.items():
        print(f"{source}: {counts}")
    print(f"Wrote a school year up to {account.as_of} into {out}. Next: make run RAW_DIR={out}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m include.local.sample", description=__doc__)
    parser.add_argument("--scale", type=float, default=DEFAULTS.scale, help="1 is about 1,200 students (%(default)s)")
    parser.add_argument("--seed", type=int, default=DEFAULTS.seed, help="another one, another district (%(default)s)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder (%(default)s)")
    parser.add_argument(
        "--events", type=float, default=DEFAULTS.events, help="of a student and school day; 0: none (%(default)s)"
    )
    shares = parser.add_argument_group("shares, 0 to 1")
    for name, help_text in (
        ("class-changes", "students that change class in the year (%(default)s)"),
        ("late", f"rows that arrive in a later file than their day's ({USUAL_LATE_EVENTS} of events alone)"),
        ("corrected", f"rows that a later file corrects, in every source ({USUAL_CORRECTED} of attendance alone)"),
        ("duplicates", f"rows that stand twice, in one file or in two ({USUAL_DUPLICATE_EVENTS} of events alone)"),
        ("bad", "rows that break the contract (%(default)s)"),
    ):
        default = getattr(DEFAULTS, name.replace("-", "_"))
        shares.add_argument(f"--{name}", type=float, default=default, metavar="SHARE", help=help_text)
    return parser


if __name__ == "__main__":
    sys.exit(main())
