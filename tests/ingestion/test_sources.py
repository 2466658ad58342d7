"""Schools, learning units, school days: columns that may be absent, versions that may be NULL, a key of two columns."""

from __future__ import annotations

import itertools
from fnmatch import fnmatch
from pathlib import Path

import psycopg
import pytest

from include.ingestion.files import claims
from include.ingestion.sources import SOURCES, attendance_codes
from include.ingestion.spec import Column, Source, SpecError
from include.ingestion.task import ingest
from include.settings import Settings
from include.warehouse.schema import migrate
from tests.ingestion.conftest import Codes, Load, write

SCHOOLS = "school_id,school_name,district,school_type,student_count,free_reduced_lunch_pct,updated_at"
UNITS = "unit_id,unit_name,subject,grade_level,sequence_order,updated_at"
DAYS = "school_id,calendar_date,is_school_day"
EVERY_DAY = tuple(f"{month:02}-{day:02}" for month in (9, 10) for day in range(1, 31))
PAIRS = Source(
    table="pairs",
    files=("pairs*.csv",),
    strategy="full_load_upsert",
    key=("left", "right"),
    newest_by="seen_at",
    columns=(
        Column("left", "text", required=True),
        Column("right", "text", required=True),
        Column("seen_at", "timestamp"),
    ),
)


def schools(raw_dir: Path, name: str, *rows: str) -> Path:
    return write(raw_dir, name, SCHOOLS, *rows)


def days(raw_dir: Path, name: str, *rows: str) -> Path:
    return write(raw_dir, name, DAYS, *rows)


def counts(warehouse: psycopg.Connection) -> list[tuple[int | None, bool]]:
    """The current student_count of each school, and whether it is missing."""
    return warehouse.execute(
        "select student_count, _missing_since is not null from bronze.schools order by school_id"
    ).fetchall()


def missing_days(warehouse: psycopg.Connection) -> list[tuple[str, str]]:
    return warehouse.execute(
        "select school_id, calendar_date::text from bronze.school_days where _missing_since is not null order by 1, 2"
    ).fetchall()


def rejections(warehouse: psycopg.Connection) -> list[tuple[int, str | None, list[str]]]:
    return warehouse.execute("select line, key, reasons from ops.rejected_rows order by load_id, line").fetchall()


def test_columns_that_may_be_absent_are_null(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    write(raw_dir, "schools.csv", "school_name,school_id", "North,N")
    write(raw_dir, "learning_units.csv", "unit_id,unit_name", "U1,Fractions")
    days(raw_dir, "school_days.csv", "N,2025-01-07,Yes")
    assert [load(source).rows_read for source in ("schools", "learning_units", "school_days")] == [1, 1, 1]
    assert warehouse.execute(
        "select school_id, school_name, district, school_type, student_count, free_reduced_lunch_pct, updated_at"
        " from bronze.schools"
    ).fetchall() == [("N", "North", None, None, None, None, None)]
    assert warehouse.execute(
        "select unit_id, unit_name, subject, grade_level, sequence_order, updated_at from bronze.learning_units"
    ).fetchall() == [("U1", "Fractions", None, None, None, None)]
    assert warehouse.execute(
        "select school_id, calendar_date::text, is_school_day, day_type, updated_at from bronze.school_days"
    ).fetchall() == [("N", "2025-01-07", True, None, None)]


@pytest.mark.parametrize(
    ("source", "header", "message"),
    [
        ("schools", "school_id,name", "missing: school_name; unexpected: name"),
        ("learning_units", "unit_id,unit", "missing: unit_name; unexpected: unit"),
        ("school_days", "school_id,date,is_school_day", "missing: calendar_date; unexpected: date"),
    ],
)
def test_a_file_without_a_required_column_is_refused(
    load: Load, raw_dir: Path, source: str, header: str, message: str
) -> None:
    write(raw_dir, f"{source}.csv", header, "1,1,1")
    assert [(result.status, result.message) for result in load(source).results] == [("refused", message)]


def test_numbers_out_of_their_bounds_are_rejected_and_the_bounds_themselves_are_not(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    rows = ("A,A,,,0,0,", "B,B,,,9,1.0,", "C,C,,,-1,1.01,", "D,D,,,few,45%,", "E,E,,,1.5,-0.1,2025-01-07", ",F,,,,,")
    schools(raw_dir, "schools.csv", *rows)
    assert load("schools").rows_rejected == 4
    assert rejections(warehouse) == [
        (4, "C", ["out_of_range:student_count", "out_of_range:free_reduced_lunch_pct"]),
        (5, "D", ["bad_type:student_count", "bad_type:free_reduced_lunch_pct"]),
        (6, "E", ["bad_type:student_count", "out_of_range:free_reduced_lunch_pct", "bad_type:updated_at"]),
        (7, None, ["missing:school_id"]),
    ]


def test_a_learning_unit_has_whole_numbers(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    rows = ("U1,Counting,Math,0,-1,2025-01-07T08:00:00", "U2,Ratios,Math,7th,3,", "U3,Sets,Math,7,3.0,", "U4,,,,,")
    write(raw_dir, "learning_units.csv", UNITS, *rows)
    load("learning_units")
    assert warehouse.execute("select unit_id, grade_level, sequence_order from bronze.learning_units").fetchall() == [
        ("U1", 0, -1)
    ]
    assert [reasons for *_, reasons in rejections(warehouse)] == [
        ["bad_type:grade_level"],
        ["bad_type:sequence_order"],
        ["missing:unit_name"],
    ]


def test_a_school_day_is_one_by_any_word_of_the_contract(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    words = ("true", "FALSE", "1", "0", "Yes", "no", "y", "on", "2", "")
    days(raw_dir, "school_days.csv", *(f"N,2025-01-{day:02},{word}" for day, word in enumerate(words, start=1)))
    load("school_days")
    taken = warehouse.execute("select is_school_day from bronze.school_days order by calendar_date").fetchall()
    assert [is_school_day for (is_school_day,) in taken] == [True, False] * 3
    assert [reasons for *_, reasons in rejections(warehouse)] == [
        *[["bad_type:is_school_day"]] * 3,
        ["missing:is_school_day"],
    ]


def test_a_day_that_is_no_date_is_rejected_without_a_key(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days(raw_dir, "school_days.csv", "N,2025-02-29,1", "N,01/07/2025,1", "N,nodate,1", "N,,1", "N,2024-02-29,1")
    load("school_days")
    assert rejections(warehouse) == [
        (2, None, ["bad_type:calendar_date"]),
        (3, None, ["bad_type:calendar_date"]),
        (4, None, ["bad_type:calendar_date"]),
        (5, None, ["missing:calendar_date"]),
    ]


def test_a_newer_version_wins_over_none_and_none_never_over_one(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    schools(raw_dir, "schools_2025-01-01.csv", "A,A,,,1,,", "B,B,,,1,,2025-01-01T08:00")
    schools(raw_dir, "schools_2025-01-02.csv", "A,A,,,2,,2025-01-02T08:00", "B,B,,,2,,")
    second = load("schools").results[1].counts
    assert (second.rows_updated, second.rows_superseded, second.tied_versions) == (1, 1, 0)
    assert counts(warehouse) == [(2, False), (1, False)]
    assert warehouse.execute("select count(*) from bronze.schools_history").fetchone() == (4,)


def test_of_two_contents_without_a_version_the_later_load_wins(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    schools(raw_dir, "schools_2025-01-01.csv", "A,A,,,1,,", "B,B,,,1,,")
    schools(raw_dir, "schools_2025-01-02.csv", "A,A,,,2,,", "B,B,,,1,,")
    second = load("schools").results[1].counts
    assert (second.rows_updated, second.rows_unchanged, second.tied_versions) == (1, 1, 1)
    assert counts(warehouse) == [(2, False), (1, False)]


@pytest.mark.parametrize("version", ["", "2025-01-01T08:00:00Z"], ids=["no version", "one version"])
def test_content_that_comes_back_wins_again(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, version: str
) -> None:
    for day, (count, other) in enumerate([(400, 1), (410, 2), (400, 3), (410, 4)], start=1):
        schools(raw_dir, f"schools_2025-01-0{day}.csv", f"A,A,,,{count},,{version}", f"B,B,,,{other},,{version}")
        last = load("schools").results[-1].counts
        assert counts(warehouse) == [(count, False), (other, False)]
        assert (last.rows_updated, last.rows_superseded) == (0 if day == 1 else 2, 0)
    newest = warehouse.execute(
        "select student_count from bronze.schools_history where school_id = 'A' order by _load_id desc limit 1"
    ).fetchone()
    assert newest == (410,)


def test_two_contents_without_a_version_in_one_file_are_both_rejected(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days(raw_dir, "school_days.csv", "N,2025-01-07,1", "N,2025-01-07,0", "N,2025-01-08,1", "N,2025-01-08,1")
    result = load("school_days").results[0].counts
    assert (result.rows_read, result.rows_inserted, result.rows_duplicate, result.rows_rejected) == (4, 1, 1, 2)
    assert rejections(warehouse) == [
        (2, "N|2025-01-07", ["conflicting_id_in_file"]),
        (3, "N|2025-01-07", ["conflicting_id_in_file"]),
    ]


def test_a_version_and_none_in_one_file_are_no_conflict(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    schools(raw_dir, "schools.csv", "A,A,,,2,,2025-01-02T08:00:00", "A,A,,,1,,")
    result = load("schools").results[0].counts
    assert (result.rows_inserted, result.rows_superseded, result.rows_rejected) == (1, 1, 0)
    assert counts(warehouse) == [(2, False)]


def test_a_school_that_vanishes_is_missing_until_it_returns_unchanged(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    schools(raw_dir, "schools_2025-01-01.csv", "A,A,,,1,,", "B,B,,,1,,")
    schools(raw_dir, "schools_2025-01-02.csv", "A,A,,,1,,")
    load("schools")
    assert counts(warehouse) == [(1, False), (1, True)]
    schools(raw_dir, "schools_2025-01-03.csv", "B,B,,,1,,", "A,A,,,1,,")
    assert load("schools").results[-1].counts.rows_unchanged == 2
    assert counts(warehouse) == [(1, False), (1, False)]


def test_a_day_that_vanishes_is_missing_and_the_same_day_of_another_school_is_not(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days(raw_dir, "school_days_2025-01-01.csv", "N,2025-01-07,1", "N,2025-01-08,1", "S,2025-01-07,1", "S,2025-01-08,1")
    days(raw_dir, "school_days_2025-01-02.csv", "N,2025-01-07,1", "S,2025-01-07,1", "S,2025-01-08,0")
    assert load("school_days").results[-1].counts.missing_ids == 1
    assert missing_days(warehouse) == [("N", "2025-01-08")]


def test_a_day_that_vanished_returns(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    days(raw_dir, "school_days_2025-01-01.csv", "N,2025-01-07,1", "N,2025-01-08,1", "N,2025-01-09,1")
    days(raw_dir, "school_days_2025-01-02.csv", "N,2025-01-07,1", "N,2025-01-09,1")
    days(raw_dir, "school_days_2025-01-03.csv", "N,2025-01-08,1")
    load("school_days")
    assert missing_days(warehouse) == []
    assert warehouse.execute(
        "select school_id, calendar_date::text, missing_from::text, returned_on::text from bronze.school_days_presence"
    ).fetchall() == [("N", "2025-01-08", "2025-01-02", "2025-01-03")]


def test_a_bar_in_a_part_makes_no_two_keys_one(
    warehouse: psycopg.Connection, settings: Settings, raw_dir: Path
) -> None:
    migrate(warehouse, [PAIRS])
    write(raw_dir, "pairs_2025-01-01.csv", "left,right,seen_at", "a|b,c,", r"a\|b,c,", r"a\,b,", "x,y,")
    write(raw_dir, "pairs_2025-01-02.csv", "left,right,seen_at", "a,b|c,", r"a\,b|c,", r"a\\,b,", "x,y,")
    counts = ingest(warehouse, PAIRS, settings, dag_run_id="test").results[-1].counts
    assert (counts.rows_inserted, counts.missing_ids) == (3, 3)


def test_while_the_day_of_a_rejected_row_is_unknown_no_day_is_missing(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days(raw_dir, "school_days_2025-01-01.csv", "N,2025-01-07,1", "N,2025-01-08,1", "N,2025-01-09,1")
    days(raw_dir, "school_days_2025-01-02.csv", "N,2025-01-07,1", "N,2025-01-88,1", "N,2025-01-09,1")
    load("school_days")
    assert missing_days(warehouse) == []


def test_a_rejected_day_is_not_missing_and_is_resolved_when_it_comes_right(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days(raw_dir, "school_days_2025-01-01.csv", "N|1,2025-01-07,1", "N|1,2025-01-08,1", "N|1,2025-01-09,1")
    days(raw_dir, "school_days_2025-01-02.csv", "N|1,2025-01-07,1", "N|1,2025-01-08,perhaps", "N|1,2025-01-09,1")
    load("school_days")
    assert missing_days(warehouse) == []
    days(raw_dir, "school_days_2025-01-03.csv", "N|1,2025-01-08,0", "N|1,2025-01-07,1")
    load("school_days")
    assert warehouse.execute("select key, resolved_at is not null from ops.rejected_rows").fetchall() == [
        (r"N\|1|2025-01-08", True)
    ]


@pytest.mark.parametrize("longest", [250, 255])
def test_a_row_that_was_rejected_under_a_long_key_of_two_columns_is_resolved_when_it_comes_right(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, longest: int
) -> None:
    school = "ü" * longest
    days(raw_dir, "school_days_2025-01-01.csv", f"{school},2025-01-07,perhaps")
    days(raw_dir, "school_days_2025-01-02.csv", f"{school},2025-01-07,1")
    assert load("school_days").rows_rejected == 1
    assert warehouse.execute("select key, resolved_load_id from ops.rejected_rows").fetchall() == [
        (f"{school}|2025-01-07", 2)
    ]


def test_a_calendar_without_most_of_the_days_of_its_span_is_refused_whatever_is_known_of_other_years(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days(raw_dir, "school_days_2023-08-01.csv", *(f"N,2023-{day},1" for day in EVERY_DAY))
    days(raw_dir, "school_days_2024-08-01.csv", *(f"N,2024-09-{day:02},1" for day in range(1, 31)))
    days(raw_dir, "school_days_2024-08-02.csv", "N,2024-09-01,1", "N,2024-09-30,1")
    last = load("school_days").results[-1]
    assert last.status == "refused"
    assert "28 of 30 known ids are missing" in str(last.message)
    assert missing_days(warehouse) == []


def test_the_calendar_of_the_next_year_alone_is_taken_and_misses_nothing(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days(raw_dir, "school_days_2024-08-01.csv", *(f"N,2024-{day},1" for day in EVERY_DAY))
    days(raw_dir, "school_days_2025-08-01.csv", *(f"N,2025-{day},1" for day in EVERY_DAY))
    last = load("school_days").results[-1]
    assert (last.status, last.counts.rows_inserted, last.counts.missing_ids) == ("loaded", len(EVERY_DAY), 0)
    assert missing_days(warehouse) == []


def test_a_calendar_in_parts_spans_from_the_first_day_of_all_to_the_last(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days(raw_dir, "school_days_2025-01-01.csv", *(f"N,2025-01-0{day},1" for day in range(1, 8)))
    days(raw_dir, "school_days_a_2025-01-02.csv", "N,2025-01-03,1")
    days(raw_dir, "school_days_b_2025-01-02.csv", "N,2025-01-05,1")
    load("school_days")
    assert missing_days(warehouse) == [("N", "2025-01-04")]


def test_a_rejected_day_does_not_widen_the_span_of_a_calendar(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    days(raw_dir, "school_days_2025-01-01.csv", *(f"N,2025-01-0{day},1" for day in range(1, 8)))
    days(raw_dir, "school_days_2025-01-02.csv", "N,2025-01-03,1", "N,2025-01-05,1", "N,2925-01-07,perhaps")
    load("school_days")
    assert missing_days(warehouse) == [("N", "2025-01-04")]


def test_a_source_that_never_had_a_file_leaves_its_tables_empty(warehouse: psycopg.Connection, load: Load) -> None:
    for source in ("schools", "learning_units", "school_days"):
        assert load(source).lines() == ["no file"]
    assert warehouse.execute(
        "select (select count(*) from bronze.schools), (select count(*) from bronze.learning_units_history),"
        " (select count(*) from bronze.school_days_presence)"
    ).fetchone() == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "taker"),
    [
        ("schools.csv", "schools"),
        ("Schools_days_2025.csv", "schools"),
        ("school_days_2025.CSV.gz", "school_days"),
        ("learning_units_math.csv", "learning_units"),
        ("students_schools.csv", "students"),
        ("school_2025.csv", None),
    ],
)
def test_a_file_belongs_to_one_source_at_most(name: str, taker: str | None) -> None:
    takers = [source.table for source in SOURCES.values() if claims(source, Path(name))]
    assert takers == ([taker] if taker else [])


@pytest.mark.parametrize(("one", "other"), itertools.combinations(SOURCES.values(), 2))
def test_no_name_can_match_the_patterns_of_two_sources(one: Source, other: Source) -> None:
    # A pattern is a beginning, `*` and an ending, so two can only meet where one beginning begins with the other.
    for first, second in itertools.product(one.files, other.files):
        assert first.count("*") == second.count("*") == 1, "the argument above needs patterns of this form"
        assert not fnmatch(first.replace("*", ""), second), (first, second)
        (start, end), (other_start, other_end) = first.split("*"), second.split("*")
        begins = start.startswith(other_start) or other_start.startswith(start)
        ends = end.endswith(other_end) or other_end.endswith(end)
        assert not (begins and ends), (first, second)


@pytest.mark.parametrize("code", ["late", "Late", '"LATE,EXCUSED"', '"LATE ""A"""', " LATE", ""])
def test_codes_that_no_cell_of_a_file_could_hold_are_refused_by_name(codes: Codes, code: str) -> None:
    codes("PRESENT", f"{code},true")
    with pytest.raises(SpecError, match=r"attendance_codes\.csv: expected codes of A to Z"):
        attendance_codes()
