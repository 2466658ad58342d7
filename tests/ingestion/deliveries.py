"""Made-up deliveries of the same facts over files and runs, and what must come of them, in plain Python.

The oracle knows no SQL: it goes through the deliveries in the order in which they are loaded, and keeps dicts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st

IDS = ("1", "a b", "é", "O'Neil", "%s")
FIRST_TIME = datetime.fromisoformat("2025-01-07T08:00:00")
FIRST_SNAPSHOT = date(2025, 1, 8)
STATUSES = ("PRESENT", "ABSENT", "TARDY")


@dataclass(frozen=True)
class Version:
    """One version of one fact: its id, the number of its version in time, its content."""

    key: str
    time: int
    content: int

    @property
    def at(self) -> str:
        return (FIRST_TIME + timedelta(days=self.time)).isoformat()

    @property
    def day(self) -> str:
        return (FIRST_TIME.date() + timedelta(days=ord(self.key[0]) % 4)).isoformat()

    def attendance(self) -> dict[str, str]:
        return {
            "attendance_id": self.key,
            "student_id": self.key,
            "attendance_date": self.day,
            "status": STATUSES[self.content],
            "created_at": self.at,
        }

    def assessment(self) -> dict[str, object]:
        return {
            "assessment": {"id": self.key},
            "student_id": self.key,
            "subject": "Math",
            "score": self.content,
            "max_score": 10,
            "assessment_date": self.day,
            "created_at": self.at,
        }

    def event(self) -> dict[str, str]:
        return {
            "event_id": self.key,
            "learner_id": self.key,
            "event_type": STATUSES[self.content],
            "timestamp": self.at,
            "data": json.dumps({"score": self.content}),
        }

    def student(self) -> dict[str, str]:
        return {
            "student_id": self.key,
            "class_id": f"CLASS-{self.content:02}",
            "grade_level": "7",
            "enrollment_status": "ACTIVE",
            "updated_at": self.at,
        }


@dataclass(frozen=True)
class Delivery:
    """One file: its rows, the run that loads it, the snapshot it belongs to, and in which dialect it is written."""

    rows: tuple[Version, ...]
    run: int
    snapshot: int = 0
    is_quoted: bool = False
    is_crlf: bool = False

    def write_csv(self, path: Path, rows: Iterable[dict[str, str]], columns: Iterable[str]) -> None:
        """The file; its header in reverse when it is quoted, so that the order of the columns differs too."""
        names = list(reversed([*columns])) if self.is_quoted else [*columns]
        lines = [names, *([row[name] for name in names] for row in rows)]
        quote = '"' if self.is_quoted else ""
        text = "".join(",".join(f"{quote}{cell}{quote}" for cell in line) + "\n" for line in lines)
        path.write_text(text.replace("\n", "\r\n") if self.is_crlf else text, encoding="utf-8", newline="")

    def write_json_lines(self, path: Path, records: Iterable[dict]) -> None:
        path.with_suffix(".jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records))

    def write_json(self, path: Path) -> None:
        """JSON lines when it is quoted, else an array."""
        records = [json.dumps(row.assessment()) for row in self.rows]
        if self.is_quoted:
            self.write_json_lines(path, [row.assessment() for row in self.rows])
        else:
            path.with_suffix(".json").write_text("[" + ",\n".join(records) + "]")


def versions(*, tied: bool) -> st.SearchStrategy[Version]:
    """Of a few ids; not `tied`, the time alone tells the content, so that no two versions of one id share a time."""
    keys, times = st.sampled_from(IDS), st.integers(0, 5)
    if tied:
        return st.builds(Version, keys, times, st.integers(0, 2))
    return st.builds(lambda key, time: Version(key, time, (time * 7 + len(key)) % 3), keys, times)


def appended(*, tied: bool = False) -> st.SearchStrategy[list[Delivery]]:
    """Any split, order, repetition and interleaving of rows over files, and of files over runs."""
    delivery = st.builds(
        Delivery,
        rows=st.lists(versions(tied=tied), max_size=10).map(tuple),
        run=st.integers(0, 2),
        is_quoted=st.booleans(),
        is_crlf=st.booleans(),
    )
    return st.lists(delivery, min_size=1, max_size=5)


def snapshots() -> st.SearchStrategy[list[Delivery]]:
    """Snapshots of a roster, each in one or several files; a file names an id at most once."""
    rows = st.lists(versions(tied=False), min_size=1, max_size=5, unique_by=lambda row: row.key).map(tuple)
    delivery = st.builds(
        Delivery,
        rows=rows,
        run=st.integers(0, 2),
        snapshot=st.integers(0, 3),
        is_quoted=st.booleans(),
        is_crlf=st.booleans(),
    )
    return st.lists(delivery, min_size=1, max_size=6)


def newest(loads: Iterable[Delivery]) -> dict[str, Version]:
    """The newest version of each id: of the latest time, then of the load that first brought it, then of its line."""
    first: dict[Version, tuple[int, int]] = {}
    for number, load in enumerate(loads):
        for line, row in enumerate(load.rows):
            # The same row again is the same version.
            first.setdefault(row, (number, line))
    found: dict[str, Version] = {}
    for row in sorted(first, key=lambda row: (row.time, first[row])):
        found[row.key] = row
    return found


def tied_counts(loads: Iterable[Delivery]) -> list[int]:
    """For each load, how many of the versions that it brought share id and time with another one that is then known."""
    known: set[Version] = set()
    counts = []
    for load in loads:
        new = set(load.rows) - known
        known |= new
        counts.append(
            sum(any((other.key, other.time) == (row.key, row.time) and other != row for other in known) for row in new)
        )
    return counts


@dataclass
class Roster:
    """What is known of a roster after some snapshots."""

    history: set[Version] = field(default_factory=set)
    missing_since: dict[str, date] = field(default_factory=dict)
    gaps: list[tuple[str, date, date | None]] = field(default_factory=list)
    newest_snapshot: int = -1

    def take(self, group: list[Delivery]) -> None:
        """The files of one snapshot."""
        snapshot = group[0].snapshot
        day = FIRST_SNAPSHOT + timedelta(days=snapshot)
        seen = {row.key for load in group for row in load.rows}
        self.history |= {row for load in group for row in load.rows}
        if snapshot >= self.newest_snapshot:
            for key in seen & self.missing_since.keys():
                self.gaps.append((key, self.missing_since.pop(key), day))
        if snapshot > self.newest_snapshot:
            for key in {row.key for row in self.history} - seen - self.missing_since.keys():
                self.missing_since[key] = day
            self.newest_snapshot = snapshot

    def presence(self) -> list[tuple[str, date, date | None]]:
        return sorted([*self.gaps, *((key, since, None) for key, since in self.missing_since.items())], key=repr)
