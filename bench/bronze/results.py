"""The lines of the table: what was measured, as a ratio, beside what is to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tabulate import tabulate

from bench.bronze.contestants import Measured

HEADERS = ("work", "measured", "median (least to most)", "to reach", "")


@dataclass(frozen=True)
class Result:
    """One line of the table. `met` is None for what has no target and is told for reference."""

    work: str
    what: str
    figure: str
    target: str = ""
    met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The line as text."""
        verdict = "" if self.met is None else "met" if self.met else "**missed**"
        return self.work, self.what, self.figure, self.target, verdict


def ratio(work: str, what: str, ours: Sequence[Measured], theirs: Sequence[Measured], at_most: float) -> Result:
    """How many times as long ours took as theirs in the same round."""
    ratios = [one.seconds / other.seconds for one, other in zip(ours, theirs, strict=True)]
    return Result(work, what, _spread(ratios, ".2f"), f"≤ {at_most:g}", median(ratios) <= at_most)


def faster(work: str, peer: str, theirs: Sequence[Measured], ours: Sequence[Measured], than: float) -> Result:
    """How many times as long a peer took as ours, in the rounds in which it took part."""
    ratios = [other.seconds / one.seconds for other, one in zip(theirs, ours, strict=False)]
    what = f"{peer} ({theirs[0].told['version']}) / Rollcall, rounds: {len(ratios)}"
    return Result(work, what, _spread(ratios, ".1f"), f"> {than:g}", median(ratios) > than)


def most(work: str, what: str, values: Sequence[float], unit: str, at_most: float | None = None) -> Result:
    """A figure of its own, in a unit."""
    figure = f"{_spread(values, '.2f')} {unit}"
    if at_most is None:
        return Result(work, what, figure)
    return Result(work, what, figure, f"≤ {at_most:g} {unit}", median(values) <= at_most)


def seconds(work: str, what: str, measured: Sequence[Measured]) -> Result:
    """How long it took, for reference: the work itself, and its process from start to end where that is more."""
    itself = _spread([one.seconds for one in measured], ".2f")
    process = median(one.process_seconds for one in measured)
    more = f", its process {process:.2f} s" if measured[0].told else ""
    return Result(work, what, f"{itself} s{more}")


def text_of(results: Sequence[Result], style: str) -> str:
    """Two tables in a style of tabulate: what has a target, then what is told for reference."""
    judged = [result.cells() for result in results if result.met is not None]
    others = [result.cells()[:3] for result in results if result.met is None]
    return "\n\n".join(
        tabulate(rows, headers=HEADERS[: len(rows[0])], tablefmt=style, disable_numparse=True)
        for rows in (judged, others)
        if rows
    )


def _spread(values: Sequence[float], form: str) -> str:
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"
