"""Writes the sample's files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import get_args

from include.ingestion.files import sha256_of
from include.local.sample.calendars import CALENDAR_STARTS, calendar_rows
from include.local.sample.deliveries import disturbed
from include.local.sample.district import Student, students
from include.local.sample.draws import stream
from include.local.sample.events.corrections import with_corrections
from include.local.sample.events.courses import PRODUCTS
from include.local.sample.events.learners import Learner, student_as_learner, visitors
from include.local.sample.events.year import event_deliveries
from include.local.sample.learning_units import UNITS_FILE_DAY, unit_rows
from include.local.sample.manifest import Account, Manifest, RowCounts, read_manifest, write_manifest
from include.local.sample.options import Options, SampleError
from include.local.sample.records import ABSENT_STATUSES, LATER_TERMS, TERMS, assessment_rows, attendance_rows, statuses
from include.local.sample.rows import Delivery, EventSource, Kind, SourceName
from include.local.sample.school_year import LAST_DAY, LATER_MONTHS, MONTHS, SNAPSHOT_DAYS
from include.local.sample.schools import SCHOOLS_FILE_DAY, school_rows
from include.local.sample.snapshots import student_rows
from include.local.sample.writers import open_file

FILES: Mapping[SourceName, Mapping[str, str]] = {  # by the day, month or term whose rows arrive in the file
    "students": {day.isoformat(): f"students_{day}.csv" for day in SNAPSHOT_DAYS},
    "schools": {SCHOOLS_FILE_DAY: f"schools_{SCHOOLS_FILE_DAY}.csv"},
    "learning_units": {UNITS_FILE_DAY: f"learning_units_{UNITS_FILE_DAY}.csv"},
    "school_days": {day: f"school_days_{day}.csv" for day in CALENDAR_STARTS},
    "attendance": {month: f"attendance_{month}.csv" for month in MONTHS},
    "assessments": {term: f"assessments_{term}.json" for term in TERMS},
    "platform_events": {
        month: f"platform_events_{month}.{'parquet' if month <= TERMS[0] else 'jsonl.gz'}" for month in MONTHS
    },
    "product_events": {
        f"{product} {term}": f"{product}_events_{term}.csv.gz" for product in PRODUCTS for term in TERMS
    },
    "mobile_events": {term: f"mobile_events_{term}.csv.gz" for term in TERMS},
    "web_events": {term: f"web_events_{term}.csv.gz" for term in TERMS},
    "reward_events": {term: f"reward_events_{term}.csv" for term in TERMS},
}
LATER: Mapping[EventSource, Mapping[str, Sequence[str]]] = {
    "platform_events": LATER_MONTHS,
    "product_events": {f"{product} {TERMS[0]}": (f"{product} {TERMS[1]}",) for product in PRODUCTS},
    "mobile_events": LATER_TERMS,
    "web_events": LATER_TERMS,
    "reward_events": LATER_TERMS,
}
WITH_ID: tuple[EventSource, ...] = ("platform_events", "product_events")


def generate(out: Path, options: Options) -> Account:
    """Write the sample into `out`, in place of an earlier sample there; gives the account of what was written.

    One student is in memory at a time, with a year of learning events. Files appear under their names once all of
    them are complete.

    Raises:
        SampleError: a file would be overwritten that is not an untouched sample file.
    """
    if out.exists() and not out.is_dir():
        raise SampleError(f"{out} is not a folder")
    earlier = read_manifest(out)
    names = [name for files in files_of(options).values() for name in files.values()]
    _refuse_to_overwrite(out, names, earlier)
    out.mkdir(parents=True, exist_ok=True)
    parts = {name: out / f".{name}.part" for name in names}
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


def files_of(options: Options) -> Mapping[SourceName, Mapping[str, str]]:
    """The files that are written, by source."""
    return {source: files for source, files in FILES.items() if options.events or source not in get_args(EventSource)}


def _write(paths: Mapping[str, Path], options: Options) -> dict[SourceName, RowCounts]:
    named = files_of(options)
    kinds: dict[SourceName, Counter[Kind]] = {source: Counter() for source in named}
    with ExitStack() as stack:
        files = {
            source: {arrival: open_file(source, name, paths[name], stack) for arrival, name in names.items()}
            for source, names in named.items()
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


def of_district(options: Options) -> Iterator[tuple[SourceName, Iterable[Delivery]]]:
    """What is not of one student, by source."""
    yield "schools", disturbed(school_rows(options), "schools", {}, options, 0)
    yield "learning_units", disturbed(unit_rows(), "learning_units", {}, options, 0)
    yield "school_days", disturbed(calendar_rows(options), "school_days", {}, options, 0)


def _deliveries(options: Options) -> Iterator[tuple[SourceName, Iterable[Delivery]]]:
    yield from of_district(options)
    for student in students(options):
        yield from _of_student(student, options)
    if options.events:
        for visitor in visitors(options):
            yield from _of_learner(visitor, (), options)


def _of_student(student: Student, options: Options) -> Iterator[tuple[SourceName, Iterable[Delivery]]]:
    recorded = statuses(student, options.seed)
    yield "students", disturbed(student_rows(student, options), "students", {}, options, student.number)
    attendance = attendance_rows(student, recorded, options)
    yield "attendance", disturbed(attendance, "attendance", LATER_MONTHS, options, student.number)
    assessments = assessment_rows(student, recorded, options)
    yield "assessments", disturbed(assessments, "assessments", LATER_TERMS, options, student.number)
    if options.events:
        absences = [day for day, status in recorded.items() if status in ABSENT_STATUSES]
        yield from _of_learner(student_as_learner(student, options.seed), absences, options)


def _of_learner(
    learner: Learner, absences: Iterable[date], options: Options
) -> Iterator[tuple[SourceName, Iterable[Delivery]]]:
    for source, events in event_deliveries(learner, absences, options).items():
        deliveries: Iterable[Delivery] = events
        if options.corrected and source in WITH_ID:
            random = stream(options.seed, "event corrections", source, learner.user_id)
            deliveries = with_corrections(deliveries, LATER[source], options.corrected, random)
        yield source, disturbed(deliveries, source, LATER[source], options, learner.user_id)


def _refuse_to_overwrite(out: Path, names: Sequence[str], earlier: Manifest) -> None:
    """An edited sample file counts as somebody's own: the edit would be lost."""
    present = [name for name in dict.fromkeys([*names, *earlier.digests]) if (out / name).exists()]
    foreign = [
        name for name in present if not (out / name).is_file() or earlier.digests.get(name) != sha256_of(out / name)
    ]
    if foreign:
        raise SampleError(
            f"{out} holds files that the sample would overwrite, but did not write or that were edited since: "
            f"{', '.join(foreign)}; move them away, or choose another folder with --out"
        )
