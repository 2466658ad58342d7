"""The sample's rows: valid against the contract, and like those of a real school."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from statistics import correlation, mean
from typing import get_args

import pytest

from include.ingestion.sources import ATTENDANCE_CODES, SOURCES
from include.ingestion.spec import Column, Source
from include.local.sample import Options, generate
from include.local.sample.rows import EventSource, SourceName
from tests.local.sample_files import Row, rows

LAST_DAY = date(2025, 3, 14)
CLOSED = {
    *(date(2024, 9, 2), date(2024, 10, 14), date(2024, 11, 11), date(2025, 1, 20), date(2025, 2, 17)),
    *(date(2024, 11, 27), date(2024, 11, 28), date(2024, 11, 29)),
    *(date(2024, 12, 23) + timedelta(days=offset) for offset in range(12)),
}
KNOWN_ENROLLMENT_STATUSES = {"ACTIVE", "INACTIVE", "DROPPED", "SUSPENDED", "GRADUATED", "TRANSFERRED"}
PARSERS: dict[str, Callable[[str], object]] = {
    "text": str,
    "int": int,
    "numeric": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "json": json.loads,
    "bool": {"true": True, "false": False}.__getitem__,
}
EVENTS = get_args(EventSource)
GENERATED = [SOURCES[name] for name in get_args(SourceName)]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The committed sample as the generator makes it; tests only read it."""
    folder = tmp_path_factory.mktemp("sample")
    generate(folder, Options(scale=0.08, seed=7))
    return folder


def newest_attendance(folder: Path) -> dict[str, Row]:
    newest: dict[str, Row] = {}
    for row in sorted(rows(folder, "attendance"), key=lambda row: row["created_at"]):
        newest[row["attendance_id"]] = row
    return newest


def absences(folder: Path) -> dict[str, list[float]]:
    """By student, the share absent of each day recorded."""
    with ATTENDANCE_CODES.open(encoding="utf-8", newline="") as lines:
        absent = {code["code"]: float(code["day_fraction_absent"]) for code in csv.DictReader(lines)}
    by_student = defaultdict(list)
    for row in newest_attendance(folder).values():
        by_student[row["student_id"]].append(absent[row["status"]])
    return by_student


def violations(column: Column, row: Row) -> Iterator[str]:
    text = row.get(column.name, "")
    if not text:
        if column.required:
            yield f"missing:{column.name}"
        return
    PARSERS[column.type](text)
    if column.allowed and text not in column.allowed():
        yield f"not_allowed:{column.name}"
    within = (
        column.above is None or Decimal(text) > column.above,
        column.at_least is None or Decimal(text) >= column.at_least,
        column.at_most is None or Decimal(text) <= Decimal(row.get(str(column.at_most), column.at_most)),
        column.earliest is None or column.earliest <= date.fromisoformat(text[:10]) <= LAST_DAY,
    )
    if not all(within):
        yield f"out_of_range:{column.name}"


def test_every_file_belongs_to_one_source(sample: Path) -> None:
    for path in sample.glob("[!.]*"):
        name = path.name.removesuffix(".gz")
        takers = [source.table for source in SOURCES.values() if any(fnmatch(name, taken) for taken in source.files)]
        assert len(takers) == 1, path.name


def test_every_source_is_generated() -> None:
    assert {source.table for source in GENERATED} == SOURCES.keys()


@pytest.mark.parametrize("source", GENERATED, ids=lambda source: source.table)
def test_columns_are_those_of_the_contract(sample: Path, source: Source) -> None:
    columns = {tuple(name for name in row if name in source.column_names) for row in rows(sample, source.table)}
    assert [set(found) for found in columns] == [set(source.column_names)]
    if source.table not in EVENTS:
        assert {tuple(row) for row in rows(sample, source.table)} == {source.column_names}


@pytest.mark.parametrize("source", GENERATED, ids=lambda source: source.table)
def test_every_row_keeps_the_contract(sample: Path, source: Source) -> None:
    found = [
        reason for row in rows(sample, source.table) for column in source.columns for reason in violations(column, row)
    ]
    assert found == []


def test_enrollment_statuses_are_known_and_some_students_left(sample: Path) -> None:
    statuses = {row["enrollment_status"] for row in rows(sample, "students")}
    assert statuses <= KNOWN_ENROLLMENT_STATUSES
    assert statuses >= {"ACTIVE", "TRANSFERRED", "DROPPED"}


def test_all_attendance_codes_occur(sample: Path) -> None:
    assert {row["status"] for row in rows(sample, "attendance")} == {
        "PRESENT",
        "ABSENT",
        "EXCUSED",
        "TARDY",
        "HALF_DAY",
    }


@pytest.mark.parametrize(
    "source", [one for one in GENERATED if one.table not in EVENTS], ids=lambda source: source.table
)
def test_ids_are_unique_within_a_file_but_for_corrections(sample: Path, source: Source) -> None:
    for path in sample.glob(f"{source.table}*"):
        keys = Counter(tuple(row[name] for name in source.key) for row in rows(sample, path.name))
        assert max(keys.values()) == 1, path.name


def test_a_student_has_one_attendance_id_a_day(sample: Path) -> None:
    days = Counter((row["student_id"], row["attendance_date"]) for row in newest_attendance(sample).values())
    assert max(days.values()) == 1


def test_every_record_is_of_a_known_student(sample: Path) -> None:
    students = {row["student_id"] for row in rows(sample, "students")}
    assert {row["student_id"] for source in ("attendance", "assessments") for row in rows(sample, source)} <= students


def test_nothing_is_recorded_on_weekends_and_holidays(sample: Path) -> None:
    days = {date.fromisoformat(row["attendance_date"]) for row in rows(sample, "attendance")}
    days |= {date.fromisoformat(row["assessment_date"]) for row in rows(sample, "assessments")}
    assert [day for day in sorted(days) if day.isoweekday() > 5 or day in CLOSED] == []
    assert max(days) == LAST_DAY


def test_attendance_of_leavers_and_late_comers_keeps_to_their_enrollment(sample: Path) -> None:
    versions = defaultdict(set)
    for row in rows(sample, "students"):
        versions[row["student_id"]].add((row["updated_at"][:10], row["enrollment_status"]))
    for row in rows(sample, "attendance"):
        then = [status for since, status in sorted(versions[row["student_id"]]) if since <= row["attendance_date"]]
        assert then[-1:] == ["ACTIVE"], row


def test_some_students_change_class_and_stay_in_school_and_grade(sample: Path) -> None:
    places = defaultdict(set)
    for row in rows(sample, "students"):
        places[row["student_id"]].add((row["class_id"], row["school_id"], row["grade_level"]))
    changes = [found for found in places.values() if len({class_id for class_id, _, _ in found}) == 2]
    assert 0.02 <= len(changes) / len(places) <= 0.1
    assert all(len({place[1:] for place in found}) == 1 for found in places.values())


def test_updated_at_moves_only_when_the_row_does(sample: Path) -> None:
    versions = {tuple(row.values()) for row in rows(sample, "students")}
    assert len({(row["student_id"], row["updated_at"]) for row in rows(sample, "students")}) == len(versions)
    assert len({tuple(v for k, v in row.items() if k != "updated_at") for row in rows(sample, "students")}) == len(
        versions
    )


def test_no_two_snapshots_are_the_same(sample: Path) -> None:
    snapshots = [path.read_bytes() for path in sample.glob("students*.csv")]
    assert len(set(snapshots)) == len(snapshots) >= 3


def test_there_are_several_schools_and_grades(sample: Path) -> None:
    places = {(row["school_id"], row["grade_level"]) for row in rows(sample, "students")}
    assert len({school for school, _ in places}) >= 3
    assert {int(grade) for _, grade in places} <= set(range(6, 13))


def test_mean_attendance_and_chronic_share_are_plausible(sample: Path) -> None:
    shares = [mean(days) for days in absences(sample).values()]
    assert 0.92 <= 1 - mean(shares) <= 0.96
    assert 0.10 <= mean(share >= 0.1 for share in shares) <= 0.20


def test_absence_peaks_in_winter(sample: Path) -> None:
    with_absence = defaultdict(list)
    for row in newest_attendance(sample).values():
        with_absence[row["attendance_date"][5:7]].append(row["status"] in {"ABSENT", "EXCUSED"})
    assert min(mean(with_absence[month]) for month in ("12", "01")) > max(mean(with_absence[m]) for m in ("09", "10"))


def test_a_small_share_of_days_is_not_recorded(sample: Path) -> None:
    days = {row["attendance_date"] for row in rows(sample, "attendance")}
    all_year = [len(recorded) for recorded in absences(sample).values() if len(recorded) > 0.95 * len(days)]
    assert 0.001 <= 1 - mean(all_year) / len(days) <= 0.01


def test_about_one_percent_of_attendance_is_corrected_in_a_later_month(sample: Path) -> None:
    versions = defaultdict(list)
    for row in rows(sample, "attendance"):
        versions[row["attendance_id"]].append(row)
    corrected = [found for found in versions.values() if len(found) == 2]
    assert 0.005 <= len(corrected) / len(versions) <= 0.02
    for first, second in corrected:
        assert first["status"] != second["status"]
        assert first["created_at"][:7] < second["created_at"][:7]


def test_attendance_is_recorded_in_the_afternoon_of_its_day(sample: Path) -> None:
    first = {row["attendance_id"]: row for row in reversed(list(rows(sample, "attendance")))}
    assert {row["created_at"][:13] == f"{row['attendance_date']}T15" for row in first.values()} == {True}


def test_scores_spread_and_go_along_with_attendance(tmp_path: Path) -> None:
    generate(tmp_path, Options(scale=0.3, seed=7))
    scores = defaultdict(list)
    for row in rows(tmp_path, "assessments"):
        scores[row["student_id"]].append(float(row["score"]) / float(row["max_score"]))
    attended = {student: 1 - mean(days) for student, days in absences(tmp_path).items() if student in scores}
    averages = [mean(scores[student]) for student in attended]
    assert min(averages) < 0.55
    assert max(averages) > 0.9
    assert 0.1 < correlation(list(attended.values()), averages) < 0.6
