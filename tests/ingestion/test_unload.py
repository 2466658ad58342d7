from __future__ import annotations

import random
import threading
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

from include.ingestion.load import LoadFailedError
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest, replay, unload
from include.ingestion.unload import NotLoadedError, UnloadError, UnloadReport
from include.settings import Settings
from include.warehouse.connection import connect
from tests.ingestion.conftest import Codes, Load, attendance, students, write

FIRST = "A-1,S-1,2025-01-07,PRESENT,2025-01-07T15:00:00"
SECOND = "A-2,S-2,2025-01-07,ABSENT,2025-01-07T15:00:00"
THIRD = "A-3,S-3,2025-01-07,PRESENT,2025-01-07T15:00:00"
CORRECTED = "A-1,S-1,2025-01-07,TARDY,2025-01-08T15:00:00"
UNKNOWN = "A-9,S-9,2025-01-07,PRESNT,2025-01-07T15:00:00"
ANNA = "S-1,Anna,CLASS-01,7,ACTIVE,2024-09-01T08:00:00"
ANNA_MOVED = "S-1,Anna,CLASS-02,7,ACTIVE,2025-01-10T08:00:00"
BEN = "S-2,Ben,CLASS-01,7,ACTIVE,2024-09-01T08:00:00"
CLEO = "S-3,Cleo,CLASS-01,7,ACTIVE,2024-09-01T08:00:00"

COUNTS = (
    "rows_read, rows_inserted, rows_updated, rows_unchanged, rows_superseded, rows_duplicate, rows_rejected,"
    " tied_versions, missing_ids"
)
TABLES = {
    "students": ("students", "students_history", "students_presence"),
    "attendance": ("attendance",),
}


class Warehouse:
    """A warehouse and a raw folder, and what they hold, apart from load ids and times."""

    def __init__(self, connection: psycopg.Connection, settings: Settings) -> None:
        self.connection, self.settings = connection, settings

    def load(self, source: str, *files: Path) -> None:
        ingest(self.connection, SOURCES[source], self.settings, dag_run_id="test", files=list(files) or None)

    def unload(self, load_id: int) -> UnloadReport:
        return unload(self.connection, load_id, self.settings, dag_run_id="test")

    def load_ids(self, source: str) -> list[int]:
        rows = self.connection.execute(
            "select load_id from ops.file_loads where source = %s and status = 'loaded' order by load_id", [source]
        )
        return [load_id for (load_id,) in rows]

    def content(self, source: str) -> dict[str, list[str]]:
        """Every table of a source, its accounts and rejections; load ids are counted among those that are loaded."""
        held = {table: self._rows(source, sql.Identifier("bronze", table)) for table in TABLES[source]}
        held["accounts"] = [
            str(row)
            for row in self.connection.execute(
                f"select file, {COUNTS} from ops.file_loads where source = %s and status = 'loaded' order by load_id",
                [source],
            )
        ]
        held["rejections"] = [
            str(row)
            for row in self.connection.execute(
                "select file, line, key, raw, reasons, resolved_at is null from ops.rejected_rows"
                " where source = %s order by rejected_id",
                [source],
            )
        ]
        return held

    def replay(self, source: str) -> None:
        replay(self.connection, SOURCES[source], self.settings, dag_run_id="test")

    def check_accounts(self, source: str) -> None:
        """Every row in bronze is accounted for by its load, and every open rejection by one that is loaded."""
        assert (
            self.connection.execute(
                sql.SQL(
                    "select load_id from ops.file_loads full join (select _load_id as load_id, count(*) as held"
                    " from {} group by 1) as rows using (load_id)"
                    " where coalesce(rows_inserted, 0) <> coalesce(held, 0) and status is distinct from 'unloaded'"
                    " or held > 0 and status is distinct from 'loaded'"
                ).format(sql.Identifier("bronze", source))
            ).fetchall()
            == []
        )
        assert (
            self.connection.execute(
                "select rejected_id from ops.rejected_rows inner join ops.file_loads using (load_id)"
                " where status <> 'loaded'"
            ).fetchall()
            == []
        )

    def empty(self) -> None:
        """Nothing was ever loaded."""
        tables = self.connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'bronze'"
            " or schemaname = 'ops' and tablename in ('file_loads', 'rejected_rows', 'etl_job_status')"
        ).fetchall()
        self.connection.execute(f"truncate {', '.join(table for (table,) in tables)}")

    def _rows(self, source: str, table: sql.Identifier) -> list[str]:
        place = {load_id: number for number, load_id in enumerate(self.load_ids(source), start=1)}
        rows = self.connection.execute(
            sql.SQL("select to_jsonb(rows) - '_ingested_at' from {} as rows").format(table)
        ).fetchall()
        columns = ("_load_id", "missing_load_id", "returned_load_id")
        return sorted(
            str({name: place[value] if name in columns and value else value for name, value in row.items()})
            for (row,) in rows
        )


@pytest.fixture
def school(warehouse: psycopg.Connection, settings: Settings) -> Warehouse:
    return Warehouse(warehouse, settings)


def held(warehouse: psycopg.Connection) -> list[tuple]:
    return warehouse.execute(
        "select attendance_id, status, _load_id, _source_file, _source_line from bronze.attendance order by 1, 3"
    ).fetchall()


def test_unloading_takes_out_the_rows_and_rejections_of_a_file_and_nothing_else(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", FIRST))
    school.load("attendance", attendance(raw_dir, "attendance_2.csv", SECOND, UNKNOWN))
    report = school.unload(2)
    assert (report.rows_removed, report.rejections_removed) == (1, 1)
    assert held(warehouse) == [("A-1", "PRESENT", 1, "attendance_1.csv", 2)]
    assert warehouse.execute("select status from ops.file_loads order by load_id").fetchall() == [
        ("loaded",),
        ("unloaded",),
    ]
    assert warehouse.execute(
        "select job_type, status, records_processed from ops.etl_job_status where job_type like 'unload%'"
    ).fetchall() == [("unload_attendance", "completed", 1)]


def test_a_row_that_another_file_holds_too_stays_under_that_file(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", FIRST, SECOND))
    school.load("attendance", attendance(raw_dir, "attendance_2.csv", THIRD, SECOND))
    school.load("attendance", attendance(raw_dir, "attendance_3.csv", SECOND))
    assert school.unload(1).rows_removed == 1
    assert held(warehouse) == [
        ("A-2", "ABSENT", 2, "attendance_2.csv", 3),
        ("A-3", "PRESENT", 2, "attendance_2.csv", 2),
    ]
    assert warehouse.execute(
        "select rows_read, rows_inserted, rows_duplicate from ops.file_loads where status = 'loaded' order by load_id"
    ).fetchall() == [(2, 2, 0), (1, 0, 1)]


def test_the_other_file_is_found_under_any_name(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", FIRST))
    school.load("attendance", attendance(raw_dir, "attendance_2.csv", FIRST, SECOND))
    (raw_dir / "archive").mkdir()
    (raw_dir / "attendance_2.csv").rename(raw_dir / "archive" / "attendance of 2025 & more.csv")
    school.unload(1)
    assert held(warehouse)[0] == ("A-1", "PRESENT", 2, "attendance_2.csv", 2)


def test_without_the_other_file_nothing_is_unloaded_and_the_message_says_what_to_put_back(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", FIRST))
    school.load("attendance", attendance(raw_dir, "attendance_2.csv", FIRST, SECOND))
    (raw_dir / "attendance_2.csv").unlink()
    before = school.content("attendance")
    with pytest.raises(
        UnloadError, match=r"attendance_2\.csv \(load 2\)\. Put them back anywhere below .*/raw, under any"
    ):
        school.unload(1)
    assert school.content("attendance") == before
    assert warehouse.execute(
        "select status from ops.etl_job_status where job_type = 'unload_attendance'"
    ).fetchall() == [("failed",)]


def test_a_file_that_held_nothing_known_may_be_gone(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", FIRST))
    school.load("attendance", attendance(raw_dir, "attendance_2.csv", SECOND))
    (raw_dir / "attendance_2.csv").unlink()
    school.unload(1)
    assert [attendance_id for attendance_id, *_ in held(warehouse)] == ["A-2"]


def test_a_file_that_would_be_judged_otherwise_today_keeps_the_load_in_bronze(
    school: Warehouse, raw_dir: Path, codes: Codes
) -> None:
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", FIRST))
    school.load("attendance", attendance(raw_dir, "attendance_2.csv", FIRST, SECOND))
    before = school.content("attendance")
    codes("PRESENT")
    with pytest.raises(UnloadError, match="1 of its rows would be rejected, then 0"):
        school.unload(1)
    assert school.content("attendance") == before


def test_a_row_that_was_rejected_then_is_not_taken_in_although_its_code_is_known_now(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path, codes: Codes
) -> None:
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", FIRST))
    school.load("attendance", attendance(raw_dir, "attendance_2.csv", FIRST, UNKNOWN))
    codes("PRESENT", "PRESNT")
    school.unload(1)
    assert held(warehouse) == [("A-1", "PRESENT", 2, "attendance_2.csv", 2)]
    assert warehouse.execute("select line, resolved_at from ops.rejected_rows").fetchall() == [(3, None)]


@pytest.mark.parametrize("is_good_first", [True, False])
def test_of_two_records_of_one_id_on_one_line_of_json_the_rejected_one_stays_rejected(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path, is_good_first: bool
) -> None:
    good = (
        '{"assessment_id":"M-1","student_id":"S-1","subject":"Math","score":5,"max_score":10,'
        '"assessment_date":"2025-01-07","created_at":"2025-01-07T15:00:00"}'
    )
    records = [good, good.replace('"score":5', '"score":11')]
    for name, held_by in (("assessments_1.json", records[:1]), ("assessments_2.json", records)):
        path = raw_dir / name
        path.write_text(f"[{','.join(held_by if is_good_first else reversed(held_by))}]")
        school.load("assessments", path)
    school.unload(1)
    assert warehouse.execute("select assessment_id, score, _load_id from bronze.assessments").fetchall() == [
        ("M-1", 5, 2)
    ]
    assert warehouse.execute("select load_id, raw, resolved_at from ops.rejected_rows").fetchall() == [
        (2, records[1].encode(), None)
    ]
    school.check_accounts("assessments")


def test_a_rejection_that_the_load_had_resolved_is_open_again_unless_a_later_file_resolves_it(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    fixed, other = UNKNOWN.replace("PRESNT", "PRESENT"), UNKNOWN.replace("A-9", "A-8")
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", UNKNOWN, other))
    school.load("attendance", attendance(raw_dir, "attendance_2.csv", fixed, other.replace("PRESNT", "PRESENT")))
    school.load("attendance", attendance(raw_dir, "attendance_3.csv", fixed))
    assert school.unload(2).rejections_opened == 1
    assert warehouse.execute("select key, resolved_load_id from ops.rejected_rows order by key").fetchall() == [
        ("A-8", None),
        ("A-9", 3),
    ]


def test_an_unloaded_file_comes_back_only_by_name(
    warehouse: psycopg.Connection, school: Warehouse, load: Load, raw_dir: Path
) -> None:
    path = attendance(raw_dir, "attendance_1.csv", FIRST)
    school.load("attendance", path)
    school.unload(1)
    (skipped,) = load("attendance").results
    assert "unloaded (it was load 1); load it by name" in str(skipped.message)
    school.load("attendance", path)
    assert held(warehouse) == [("A-1", "PRESENT", 2, "attendance_1.csv", 2)]


@pytest.mark.parametrize("load_id", [1, 2, 17], ids=["unloaded", "refused", "unknown"])
def test_only_what_is_loaded_can_be_unloaded(school: Warehouse, raw_dir: Path, load_id: int) -> None:
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", FIRST))
    school.unload(1)
    (raw_dir / "attendance_2.csv").write_text("a,b\n1,2\n")
    school.load("attendance", raw_dir / "attendance_2.csv")
    with pytest.raises(NotLoadedError, match=rf"load {load_id}\b"):
        school.unload(load_id)


def test_an_unload_whose_connection_is_cut_leaves_everything_as_it_was(
    warehouse: psycopg.Connection, warehouse_url: URL, school: Warehouse, raw_dir: Path
) -> None:
    school.load("attendance", attendance(raw_dir, "attendance_1.csv", FIRST, SECOND))
    school.load("attendance", attendance(raw_dir, "attendance_2.csv", FIRST, THIRD))
    before = school.content("attendance")
    with connect(warehouse_url) as blocker, connect(warehouse_url, autocommit=True) as cut:
        # Rows of the first file are gone already when it comes to the account of the second.
        blocker.execute("select from ops.file_loads where load_id = 2 for update")
        thread = threading.Thread(target=_unload_until_cut, args=(cut, school.settings))
        thread.start()
        waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        while not (found := warehouse.execute(waiting).fetchone()):
            pass
        warehouse.execute("select pg_terminate_backend(%s)", found)
        thread.join()
    assert school.content("attendance") == before
    assert school.unload(1).rows_removed == 1


def _unload_until_cut(connection: psycopg.Connection, settings: Settings) -> None:
    with pytest.raises(LoadFailedError, match="taking out load 1 broke off"):
        unload(connection, 1, settings, dag_run_id="killed")


def test_an_earlier_version_of_a_student_is_current_again(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    school.load("students", students(raw_dir, "students_2024-09-02.csv", ANNA))
    school.load("students", students(raw_dir, "students_2025-01-10.csv", ANNA_MOVED, BEN))
    assert school.unload(2).rows_removed == 3
    assert warehouse.execute("select student_id, class_id, _load_id from bronze.students").fetchall() == [
        ("S-1", "CLASS-01", 1)
    ]


def test_content_that_had_come_before_a_tied_version_is_found_again(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    tied = ANNA.replace("CLASS-01", "CLASS-09")
    for number, row in enumerate((ANNA, tied, ANNA), start=1):
        school.load("students", students(raw_dir, f"students_2024-09-0{number}.csv", row, *[BEN] * (number == 3)))
    assert warehouse.execute("select class_id from bronze.students order by student_id limit 1").fetchone() == (
        "CLASS-01",
    )
    school.unload(3)
    assert warehouse.execute("select class_id, _load_id from bronze.students").fetchall() == [("CLASS-09", 2)]
    assert warehouse.execute("select count(*) from bronze.students_history").fetchone() == (2,)


def test_presence_is_what_the_other_snapshots_say(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    school.load("students", students(raw_dir, "students_2024-09-02.csv", ANNA, BEN))
    school.load("students", students(raw_dir, "students_2024-10-01.csv", ANNA))
    school.load("students", students(raw_dir, "students_2024-11-01.csv", ANNA, CLEO))
    school.load("students", students(raw_dir, "students_2024-12-01.csv", BEN, ANNA))
    school.unload(2)
    assert warehouse.execute(
        "select student_id, missing_from::text, returned_on::text, missing_load_id, returned_load_id"
        " from bronze.students_presence order by 1"
    ).fetchall() == [("S-2", "2024-11-01", "2024-12-01", 3, 4), ("S-3", "2024-12-01", None, 4, None)]
    assert warehouse.execute(
        "select student_id, _missing_since::text from bronze.students where _missing_since is not null"
    ).fetchall() == [("S-3", "2024-12-01")]


def test_a_day_that_a_taken_out_calendar_had_dropped_is_there_again(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    calendars = {
        "2024-08-01": ("2024-09-02", "2024-09-03", "2024-09-04"),
        "2024-08-02": ("2024-09-02", "2024-09-04"),  # without the day between
        "2025-08-01": ("2025-09-02", "2025-09-04"),  # the next year alone
        "2025-08-02": ("2025-09-01", "2025-09-05"),
    }
    for day, listed in calendars.items():
        rows = [f"N,{date},1" for date in listed]
        name = f"school_days_{day}.csv"
        school.load("school_days", write(raw_dir, name, "school_id,calendar_date,is_school_day", *rows))
    missing = "select calendar_date::text from bronze.school_days where _missing_since is not null order by 1"
    assert warehouse.execute(missing).fetchall() == [("2024-09-03",), ("2025-09-02",), ("2025-09-04",)]
    school.unload(2)
    assert warehouse.execute(missing).fetchall() == [("2025-09-02",), ("2025-09-04",)]
    assert warehouse.execute("select count(*) from bronze.school_days_presence").fetchone() == (2,)


def test_the_message_names_the_files_that_were_refused_meanwhile(school: Warehouse, raw_dir: Path) -> None:
    school.load("students", students(raw_dir, "students_2024-09-02.csv", ANNA))
    (raw_dir / "students_2024-09-03.csv").write_text("")
    school.load("students", raw_dir / "students_2024-09-03.csv")
    assert "perhaps because of it: students_2024-09-03.csv" in school.unload(1).lines()[-1]


def test_a_gap_that_a_taken_out_snapshot_had_closed_is_open_again(
    warehouse: psycopg.Connection, school: Warehouse, raw_dir: Path
) -> None:
    school.load("students", students(raw_dir, "students_2024-09-02.csv", ANNA, BEN))
    school.load("students", students(raw_dir, "students_2024-10-01.csv", ANNA))
    school.load("students", students(raw_dir, "students_2024-11-01.csv", ANNA_MOVED, BEN))
    school.unload(3)
    assert warehouse.execute(
        "select student_id, _missing_since::text, class_id from bronze.students order by 1"
    ).fetchall() == [
        ("S-1", None, "CLASS-01"),
        ("S-2", "2024-10-01", "CLASS-01"),
    ]


def _student(chance: random.Random) -> str:
    if chance.random() < 0.03:
        return f"S-{chance.randrange(5)},Bad,CLASS-01,seven,ACTIVE,2025-01-01T08:00:00"
    if chance.random() < 0.02:
        return ",Nobody,CLASS-01,7,ACTIVE,2025-01-01T08:00:00"
    version = chance.randrange(1, 5)
    return f"S-{chance.randrange(5)},Pupil,CLASS-0{chance.choice((1, 1, 2))},7,ACTIVE,2025-01-0{version}T08:00:00"


def _record(chance: random.Random) -> str:
    code = chance.choice(("PRESENT", "PRESENT", "TARDY", "PRESNT"))
    return f"A-{chance.randrange(6)},S-1,2025-01-07,{code},2025-01-0{chance.choice((7, 8))}T15:00:00"


def _mornings(chance: random.Random, source: str, raw_dir: Path) -> list[list[Path]]:
    """Files of different contents, of one to three a morning; snapshots do not always come in order."""
    contents: dict[tuple[str, ...], Path] = {}
    mornings: list[list[Path]] = []
    make, row = (students, _student) if source == "students" else (attendance, _record)
    for morning in range(6):
        files = []
        for part in range(chance.choice((1, 1, 1, 2, 3))):
            rows = tuple(row(chance) for _ in range(chance.randrange(1, 6)))
            if rows not in contents:
                day = chance.randrange(1, 10) if morning else 5
                name = f"{source}_2025-02-{day:02}_{morning}_{part}.csv"
                files.append(contents.setdefault(rows, make(raw_dir, name, *rows)))
        mornings.append(files)
    return mornings


@pytest.mark.parametrize("source", ["students", "attendance"])
@pytest.mark.parametrize("seed", range(3))
def test_bronze_is_as_if_the_unloaded_files_had_never_come(
    school: Warehouse, raw_dir: Path, source: str, seed: int
) -> None:
    chance = random.Random(f"{source} {seed}")
    mornings = _mornings(chance, source, raw_dir)
    _load_mornings(school, source, mornings)
    accounts = dict(
        school.connection.execute("select file, load_id from ops.file_loads where status = 'loaded'").fetchall()
    )
    wrong = chance.sample(sorted(accounts), k=min(2, len(accounts)))
    for name in wrong:
        school.unload(accounts[name])
    unloaded = school.content(source)
    school.empty()
    _load_mornings(school, source, [[file for file in files if file.name not in wrong] for files in mornings])
    assert unloaded == school.content(source)


@pytest.mark.parametrize("seed", range(3))
def test_with_replays_in_between_no_row_is_lost_or_doubled(
    school: Warehouse, raw_dir: Path, codes: Codes, seed: int
) -> None:
    chance = random.Random(seed)
    mornings = _mornings(chance, "attendance", raw_dir)
    codes("PRESENT", "TARDY")
    _load_mornings(school, "attendance", mornings[:3])
    codes("PRESENT", "TARDY", "PRESNT")
    school.replay("attendance")
    _load_mornings(school, "attendance", mornings[3:])
    wrong = chance.sample(mornings[0] + mornings[2] + mornings[4], k=2)
    for file in wrong:
        row = school.connection.execute(
            "select load_id from ops.file_loads where file = %s and replay_of is null", [file.name]
        )
        school.unload(row.fetchone()[0])  # type: ignore[index]
        school.check_accounts("attendance")
    school.replay("attendance")
    school.check_accounts("attendance")
    versions = "select attendance_id, status, created_at from bronze.attendance"
    held_now = set(school.connection.execute(versions).fetchall())
    school.empty()
    _load_mornings(school, "attendance", [[file for file in files if file not in wrong] for files in mornings])
    wanted = set(school.connection.execute(versions).fetchall())
    # A rejection of a key that a later file brought is resolved by that: its own content is not asked for any more.
    assert held_now <= wanted
    assert {status for _, status, _ in wanted - held_now} <= {"PRESNT"}


def _load_mornings(school: Warehouse, source: str, mornings: list[list[Path]]) -> None:
    for files in mornings:
        if files:
            school.load(source, *files)
