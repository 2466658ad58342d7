"""What can be asked of the sample; the defaults are those of the committed one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

from include.local.sample.rows import EventSource, SourceName

USUAL_CORRECTED = 0.013  # of attendance, in the committed sample: what `records.CORRECTED_SHARE` comes to
MOST_EVENTS = 100.0
MOST_CLASS_CHANGES = 0.91  # the other students come late or leave
USUAL_LATE_EVENTS, USUAL_DUPLICATE_EVENTS = 0.01, 0.004  # as learning events have them in the committed sample
SHARES = {"class_changes": MOST_CLASS_CHANGES, "late": 1.0, "corrected": 1.0, "duplicates": 1.0, "bad": 1.0}


class SampleError(ValueError):
    """The sample cannot be written as asked; the message says why."""


@dataclass(frozen=True)
class Options:
    """What the sample is to be like; all but `scale`, `seed` and `events` are shares, 0..1.

    `scale`: 1 is about 1,200 students. `seed`: another one, another district.
    `events`: learning events of a student on a school day, about; 0: there are no files of them.
    `class_changes`: of the students, those who change class in the year.
    `late`: of the attendance, assessments and events that have a later file, those that arrive in one. The others are
    full loads: a row that came late would be missing until then. None: of events the usual share, of the others none.
    `corrected`: of the same rows, and of the students, those that a later file corrects. None: of attendance the usual
    share, of the other sources none. Schools and units come once, and a later calendar has its own changed days;
    mobile, web and reward events have no id by which one could be corrected.
    `duplicates`: of all rows, those that stand a second time in their own file or a later one. None: as for `late`.
    `bad`: of all rows, those that break the contract in one cell.

    Raises:
        SampleError: a number is out of its range.
    """

    scale: float = 0.08
    seed: int = 7
    events: float = 1.0
    class_changes: float = 0.06
    late: float | None = None
    corrected: float | None = None
    duplicates: float | None = None
    bad: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise SampleError(f"the scale is {self.scale}; expected a number above 0")
        if not 0 <= self.events <= MOST_EVENTS:
            raise SampleError(f"events is {self.events}; expected a number from 0 to {MOST_EVENTS:g} a day")
        for name, most in SHARES.items():
            share = getattr(self, name)
            if share is not None and not 0 <= share <= most:
                raise SampleError(f"{name.replace('_', ' ')} is {share}; expected a share from 0 to {most:g}")

    @property
    def corrected_attendance(self) -> float:
        """The share of attendance that is corrected."""
        return USUAL_CORRECTED if self.corrected is None else self.corrected

    @property
    def corrected_elsewhere(self) -> float:
        """The share of students and of assessments that are corrected."""
        return self.corrected or 0.0

    def late_share(self, source: SourceName) -> float:
        """The share of a source's rows that arrive in a later file, where there is one."""
        return _else(self.late, USUAL_LATE_EVENTS, source)

    def duplicate_share(self, source: SourceName) -> float:
        """The share of a source's rows that stand twice."""
        return _else(self.duplicates, USUAL_DUPLICATE_EVENTS, source)


def _else(asked: float | None, usual_of_events: float, source: SourceName) -> float:
    if asked is not None:
        return asked
    return usual_of_events if source in get_args(EventSource) else 0.0
