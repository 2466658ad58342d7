"""Snapshots that come early, late, together, torn or not at all; and the ids that vanish and return between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from include.settings import Settings
from tests.ingestion.conftest import Load, student_rows, students
from tests.ingestion.test_full_load import ANNA, ANNA_MOVED, BEN, current, presence, written_at

CARA = "S-3,Cara,CLASS-01,7,ACTIVE,2024-09-01T08:00:00"
EVERYTHING = (
    "select 'current', student_id, class_id, updated_at::text, _missing_since::text from bronze.students union all"
    " select 'history', student_id, class_id, updated_at::text, null from bronze.students_history union all"
    " select 'presence', student_id, missing_from::text, returned_on::text, null from bronze.students_presence"
    " order by 1, 2, 3, 4"
)


def everything(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute(EVERYTHING).fetchall()


@pytest.mark.parametrize(
    ("known", "vanished", "status"),
    [
        pytest.param(100, 19, "loaded", id="below the share"),
        pytest.param(100, 20, "loaded", id="just the share"),
        pytest.param(100, 21, "refused", id="above the share"),
        pytest.param(25, 19, "loaded", id="a large share of too few to tell"),
        pytest.param(25, 20, "refused", id="a large share of just enough to tell"),
    ],
)
def test_a_snapshot_may_lack_no_more_than_the_share_of_the_known_ids(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, known: int, vanished: int, status: str
) -> None:
    students(raw_dir, "students_2024-09-02.csv", *student_rows(range(known)))
    load("students")
    before = everything(warehouse)
    students(raw_dir, "students_2024-10-01.csv", *student_rows(range(vanished, known)))
    result = load("students").results[-1]
    assert (result.status, result.counts.missing_ids) == (status, vanished if status == "loaded" else 0)
    if status == "refused":
        assert f"{vanished} of {known} known ids are missing" in str(result.message)
        assert everything(warehouse) == before
    else:
        assert len(presence(warehouse)) == vanished


def test_ids_that_are_missing_already_do_not_count_as_known(load: Load, raw_dir: Path) -> None:
    students(raw_dir, "students_2024-09-02.csv", *student_rows(range(100)))
    students(raw_dir, "students_2024-10-01.csv", *student_rows(range(80)))
    students(raw_dir, "students_2024-11-01.csv", *student_rows(range(64)))
    assert [result.status for result in load("students").results] == ["loaded"] * 3


def test_a_refused_snapshot_is_taken_once_the_share_allows_it(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    students(raw_dir, "students_2024-09-02.csv", *student_rows(range(100)))
    students(raw_dir, "students_2024-10-01.csv", *student_rows(range(50)))
    load("students")
    assert presence(warehouse) == []
    assert load("students", replace(settings, max_missing_share=0.5)).results[-1].counts.missing_ids == 50
    assert len(presence(warehouse)) == 50


def test_an_older_snapshot_brings_ids_that_nobody_knew_as_present(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-10-01.csv", ANNA)
    load("students")
    students(raw_dir, "students_2024-09-02.csv", ANNA.replace(",7,", ",6,").replace("09-01", "08-01"), BEN)
    counts = load("students").results[-1].counts
    assert (counts.rows_superseded, counts.rows_inserted, counts.missing_ids) == (1, 1, 0)
    # Whether he is still there only a newer snapshot can say: the next one does.
    assert current(warehouse) == [("S-1", "CLASS-01", None), ("S-2", "CLASS-01", None)]
    students(raw_dir, "students_2024-10-02.csv", ANNA, CARA)
    load("students")
    assert presence(warehouse) == [("S-2", "2024-10-02", None)]


def test_several_snapshots_at_once_are_the_same_as_one_after_the_other(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    snapshots = {
        # The names are in another order than the dates.
        "students_d_2024-09-02.csv": [ANNA, BEN],
        "students_c_2024-10-01.csv": [ANNA, CARA],
        "students_b_2024-11-01.csv": [ANNA_MOVED, BEN],
        "students_a_2024-12-01.csv": [ANNA_MOVED, CARA.replace(",7,", ",8,").replace("09-01", "11-20")],
    }
    for name, rows in snapshots.items():
        students(raw_dir, name, *rows)
        load("students")
    one_after_the_other = everything(warehouse)
    warehouse.execute(
        "truncate bronze.students, bronze.students_history, bronze.students_presence, ops.file_loads cascade"
    )
    assert [result.file for result in load("students").results] == list(snapshots)
    assert everything(warehouse) == one_after_the_other


@pytest.mark.parametrize(
    ("returning", "back", "outcome"),
    [
        pytest.param(BEN, ("S-2", "CLASS-01", None), "rows_unchanged", id="unchanged"),
        pytest.param(
            BEN.replace("CLASS-01", "CLASS-05").replace("2024-09", "2024-11"),
            ("S-2", "CLASS-05", None),
            "rows_updated",
            id="changed",
        ),
        pytest.param(
            BEN.replace("CLASS-01", "CLASS-05").replace("2024-09", "2024-08"),
            ("S-2", "CLASS-01", None),
            "rows_superseded",
            id="in an older version",
        ),
    ],
)
def test_a_student_returns(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, returning: str, back: tuple, outcome: str
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    students(raw_dir, "students_2024-10-01.csv", ANNA)
    students(raw_dir, "students_2024-11-01.csv", ANNA, returning, CARA)
    assert getattr(load("students").results[-1].counts, outcome) >= 1
    assert current(warehouse)[1] == back
    assert presence(warehouse) == [("S-2", "2024-10-01", "2024-11-01")]


def test_a_student_whose_row_is_rejected_is_not_back_and_not_missing_anew(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    students(raw_dir, "students_2024-10-01.csv", ANNA)
    students(raw_dir, "students_2024-11-01.csv", ANNA, BEN.replace(",7,", ",seven,"))
    load("students")
    assert current(warehouse)[1] == ("S-2", "CLASS-01", "2024-10-01")
    assert presence(warehouse) == [("S-2", "2024-10-01", None)]
    students(raw_dir, "students_2024-12-01.csv", ANNA, BEN, CARA)
    load("students")
    assert presence(warehouse) == [("S-2", "2024-10-01", "2024-12-01")]


def test_a_student_who_is_in_a_late_older_snapshot_only_is_not_back(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    students(raw_dir, "students_2024-10-01.csv", ANNA)
    load("students")
    students(raw_dir, "students_2024-09-20.csv", ANNA, BEN.replace(",7,", ",8,").replace("09-01", "09-15"))
    load("students")
    assert presence(warehouse) == [("S-2", "2024-10-01", None)]
    # What the older snapshot says of him is newer than what was known.
    assert warehouse.execute(
        "select grade_level, _missing_since::text from bronze.students where student_id = 'S-2'"
    ).fetchone() == (8, "2024-10-01")


def test_a_student_can_be_away_twice(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN)
    students(raw_dir, "students_2024-10-01.csv", ANNA)
    students(raw_dir, "students_2024-11-01.csv", ANNA_MOVED, BEN)
    students(raw_dir, "students_2024-12-01.csv", ANNA_MOVED, CARA)
    students(raw_dir, "students_2025-01-01.csv", ANNA_MOVED, BEN, CARA)
    load("students")
    assert presence(warehouse)[:1] == [("S-2", "2024-10-01", "2024-11-01")]
    assert sorted(presence(warehouse))[1] == ("S-2", "2024-12-01", "2025-01-01")
    assert [missing for *_, missing in current(warehouse)] == [None, None, None]


def test_the_same_row_twice_in_one_snapshot_is_a_duplicate_and_no_conflict(load: Load, raw_dir: Path) -> None:
    students(raw_dir, "students.csv", ANNA, BEN, ANNA)
    counts = load("students").results[0].counts
    assert (counts.rows_inserted, counts.rows_duplicate, counts.rows_rejected) == (2, 1, 0)


def test_two_versions_of_a_student_in_one_file_are_both_kept_and_the_newer_counts(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students.csv", ANNA_MOVED, ANNA)
    counts = load("students").results[0].counts
    assert (counts.rows_inserted, counts.rows_superseded) == (1, 1)
    assert current(warehouse) == [("S-1", "CLASS-02", None)]


def test_one_version_with_another_content_is_what_the_last_load_says_even_when_it_says_it_again(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA)
    students(raw_dir, "students_2024-09-03.csv", ANNA.replace("CLASS-01", "CLASS-09"))
    students(raw_dir, "students_2024-09-04.csv", ANNA, BEN)
    load("students")
    assert current(warehouse)[0] == ("S-1", "CLASS-01", None)


def test_a_refused_file_of_a_snapshot_keeps_it_from_saying_that_anybody_is_missing(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    students(raw_dir, "students_2024-09-02.csv", ANNA, BEN, CARA)
    load("students")
    students(raw_dir, "students_a_2024-10-01.csv", ANNA_MOVED)
    (raw_dir / "students_b_2024-10-01.csv").write_text("student_id;class_id\nS-2;CLASS-01\n")
    report = load("students")
    assert [result.status for result in report.results if result.earlier is None] == ["refused", "loaded"]
    assert presence(warehouse) == []
    assert current(warehouse)[0] == ("S-1", "CLASS-02", None)


@pytest.mark.parametrize("one_by_one", [True, False], ids=["one after the other", "in one run"])
def test_a_roster_that_is_again_what_it_was_is_a_snapshot_of_its_own(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, one_by_one: bool
) -> None:
    for day, rows in (("09-02", (ANNA, BEN)), ("10-01", (ANNA,)), ("11-01", (ANNA, BEN))):
        students(raw_dir, f"students_2024-{day}.csv", *rows)
        if one_by_one:
            load("students")
    load("students")
    assert presence(warehouse) == [("S-2", "2024-10-01", "2024-11-01")]
    assert [result.status for result in load("students").results] == ["skipped"] * 3


def test_a_file_without_a_date_that_goes_back_to_what_it_was_is_loaded_and_a_copy_of_it_is_not(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    for day, rows in ((1, (ANNA, BEN)), (2, (ANNA,)), (3, (ANNA, BEN))):
        written_at(datetime(2024, 10, day, 5, tzinfo=UTC), students(raw_dir, "students.csv", *rows))
        load("students")
    assert presence(warehouse) == [("S-2", "2024-10-02", "2024-10-03")]
    written_at(datetime(2024, 10, 4, 5, tzinfo=UTC), students(raw_dir, "students_copy.csv", ANNA))
    assert {result.status for result in load("students").results} == {"skipped"}
    assert current(warehouse)[1] == ("S-2", "CLASS-01", None)


def test_files_of_one_day_without_a_date_are_one_snapshot(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    for hour, name, row in ((5, "students_north.csv", ANNA), (6, "students_south.csv", BEN)):
        written_at(datetime(2024, 10, 1, hour, tzinfo=UTC), students(raw_dir, name, row))
    load("students")
    assert [missing for *_, missing in current(warehouse)] == [None, None]
    assert warehouse.execute("select count(distinct snapshot_at) from ops.file_loads").fetchone() == (1,)
