"""Writes the sample's files."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from include.ingestion.files import sha256_of
from include.local.sample.calendars import CALENDAR_STARTS, calendar_rows
from include.local.sample.deliveries import disturbed
from include.local.sample.district import Student, students
from include.local.sample.learning_units import UNITS_FILE_DAY, unit_rows
from include.local.sample.manifest import Account, Manifest, RowCounts, read_manifest, write_manifest
from include.local.sample.options import Options, SampleError
from include.local.sample.records import LATER_TERMS, TERMS, assessment_rows, attendance_rows, statuses
from include.local.sample.rows import (
    AttendanceRow,
    Delivery,
    Kind,
    LearningUnitRow,
    Row,
    SchoolDayRow,
    SchoolRow,
    SourceName,
    StudentRow,
)
from include.local.sample.school_year import LAST_DAY, LATER_MONTHS, MONTHS, SNAPSHOT_DAYS
from include.local.sample.schools import SCHOOLS_FILE_DAY, school_rows
from include.local.sample.snapshots import student_rows

FILES: Mapping[SourceName, Mapping[str, str]] = {  # by the day, month or term whose rows arrive in the file
    "students": {day.isoformat(): f"students_{day}.csv" for day in SNAPSHOT_DAYS},
    "schools": {SCHOOLS_FILE_DAY: f"schools_{SCHOOLS_FILE_DAY}.csv"},
    "learning_units": {UNITS_FILE_DAY: f"learning_units_{UNITS_FILE_DAY}.csv"},
    "school_days": {day: f"school_days_{day}.csv" for day in CALENDAR_STARTS},
    "attendance": {month: f"attendance_{month}.csv" for month in MONTHS},
    "assessments": {term: f"assessments_{term}.json" for term in TERMS},
}
NAMES = tuple(name for files in FILES.values() for name in files.values())
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "students": StudentRow._fields,
    "schools": SchoolRow._fields,
    "learning_units": LearningUnitRow._fields,
    "school_days": SchoolDayRow._fields,
    "attendance": AttendanceRow._fields,
}


class _CsvFile:
    def __init__(self, lines: IO[str], columns: tuple[str, ...]) -> None:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(columns)
        self.write = writer.writerow

    def close(self) -> None:
        """There is nothing to add to the lines."""


class _JsonArrayFile:
    """A JSON array with one object per line, written as the objects come."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self._before = "[\n"

    def write(self, row: Row) -> None:
        self._lines.write(self._before + json.dumps(row._asdict(), separators=(",", ":")))
        self._before = ",\n"

    def close(self) -> None:
        self._lines.write("[]\n" if self._before == "[\n" else "\n]\n")


def generate(out: Path, options: Options) -> Account:
    """Write the sample into `out`, in place of an earlier sample there; gives the account of what was written.

    One student is in memory at a time. Files appear under their names once all of them are complete.

    Raises:
        SampleError: a file would be overwritten that is not an untouched sample file.
    """
    if out.exists() and not out.is_dir():
        raise SampleError(f"{out} is not a folder")
    earlier = read_manifest(out)
    _refuse_to_overwrite(out, earlier)
    out.mkdir(parents=True, exist_ok=True)
    parts = {name: out / f".{name}.part" for name in NAMES}
    try:
        account = Account(LAST_DAY, _write(parts, options))
        digests = {name: sha256_of(part) for name, part in parts.items()}
        for name in earlier.digests:
            (out / name).unlink(missing_ok=True)
        for name, part in parts.items():
            part.replace(out / name)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    write_manifest(out, account, options, digests)
    return account


def _write(paths: Mapping[str, Path], options: Options) -> dict[SourceName, RowCounts]:
    kinds: dict[SourceName, Counter[Kind]] = {source: Counter() for source in FILES}
    with ExitStack() as stack:
        lines = {
            name: stack.enter_context(path.open("w", encoding="utf-8", newline="")) for name, path in paths.items()
        }
        files = {
            source: {arrival: _file(source, lines[name]) for arrival, name in names.items()}
            for source, names in FILES.items()
        }
        for source, deliveries in _deliveries(options):
            counted, opened = kinds[source], files[source]
            for arrival, kind, row in deliveries:
                counted[kind] += 1
                opened[arrival].write(row)
        for opened in files.values():
            for file in opened.values():
                file.close()
    return {source: RowCounts.of(counted) for source, counted in kinds.items()}


def _file(source: SourceName, lines: IO[str]) -> _CsvFile | _JsonArrayFile:
    return _CsvFile(lines, COLUMNS[source]) if source in COLUMNS else _JsonArrayFile(lines)


def of_district(options: Options) -> Iterator[tuple[SourceName, Iterable[Delivery]]]:
    """What is not of one student, by source."""
    yield "schools", disturbed(school_rows(options), "schools", {}, options, 0)
    yield "learning_units", disturbed(unit_rows(), "learning_units", {}, options, 0)
    yield "school_days", disturbed(calendar_rows(options), "school_days", {}, options, 0)


def _deliveries(options: Options) -> Iterator[tuple[SourceName, Iterable[Delivery]]]:
    yield from of_district(options)
    for student in students(options):
        yield from _of_student(student, options)


def _of_student(student: Student, options: Options) -> Iterator[tuple[SourceName, Iterable[Delivery]]]:
    recorded = statuses(student, options.seed)
    yield "students", disturbed(student_rows(student, options), "students", {}, options, student.number)
    attendance = attendance_rows(student, recorded, options)
    yield "attendance", disturbed(attendance, "attendance", LATER_MONTHS, options, student.number)
    assessments = assessment_rows(student, recorded, options)
    yield "assessments", disturbed(assessments, "assessments", LATER_TERMS, options, student.number)


def _refuse_to_overwrite(out: Path, earlier: Manifest) -> None:
    """An edited sample file counts as somebody's own: the edit would be lost."""
    present = [name for name in dict.fromkeys([*NAMES, *earlier.digests]) if (out / name).exists()]
    foreign = [
        name for name in present if not (out / name).is_file() or earlier.digests.get(name) != sha256_of(out / name)
    ]
    if foreign:
        raise SampleError(
            f"{out} holds files that the sample would overwrite, but did not write or that were edited since: "
            f"{', '.join(foreign)}; move them away, or choose another folder with --out"
        )
