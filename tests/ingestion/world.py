"""A warehouse and a raw folder for many examples, and how made-up deliveries are written into it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import psycopg
import pyarrow as pa
from pyarrow import parquet

from include.ingestion.report import FileResult
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.settings import load_settings
from tests.ingestion.conftest import ATTENDANCE_HEADER
from tests.ingestion.deliveries import FIRST_SNAPSHOT, Delivery, Version

STUDENT_COLUMNS = ("student_id", "class_id", "grade_level", "enrollment_status", "updated_at")


@dataclass(frozen=True)
class World:
    """A warehouse and a raw folder, which can be emptied."""

    warehouse: psycopg.Connection
    raw_dir: Path

    def emptied(self) -> World:
        shutil.rmtree(self.raw_dir)
        self.raw_dir.mkdir()
        tables = self.warehouse.execute(
            "select string_agg(format('%I.%I', schemaname, tablename), ',') from pg_tables where schemaname = 'bronze'"
        ).fetchone()
        assert tables
        self.warehouse.execute(f"truncate {tables[0]}, ops.file_loads, ops.etl_job_status restart identity cascade")
        return self

    def load(self, source: str) -> list[FileResult]:
        ours = load_settings({"ROLLCALL_RAW_DIR": str(self.raw_dir), "ROLLCALL_HOME": str(self.raw_dir / ".home")})
        report = ingest(self.warehouse, SOURCES[source], ours, dag_run_id="test")
        return [result for result in report.results if result.status == "loaded"]

    def rows(self, query: str) -> list[tuple]:
        return self.warehouse.execute(query).fetchall()


def write_attendance(raw_dir: Path, number: int, load: Delivery) -> None:
    rows = [row.attendance() for row in load.rows]
    load.write_csv(raw_dir / f"attendance_{number}.csv", rows, ATTENDANCE_HEADER.split(","))


def write_assessments(raw_dir: Path, number: int, load: Delivery) -> None:
    load.write_json(raw_dir / f"assessments_{number}")


def write_platform_events(raw_dir: Path, number: int, load: Delivery) -> None:
    """Parquet when its lines would end as on Windows, JSON lines when its cells would have quotes, else CSV."""
    path, rows = raw_dir / f"platform_events_{number}", [row.event() for row in load.rows]
    columns = tuple(Version("", 0, 0).event())
    if load.is_crlf:
        table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in columns})
        parquet.write_table(table, path.with_suffix(".parquet"))
    elif load.is_quoted:
        load.write_json_lines(path, [row | {"data": json.loads(row["data"])} for row in rows])
    else:
        quoted = [row | {"data": '"' + row["data"].replace('"', '""') + '"'} for row in rows]
        load.write_csv(path.with_suffix(".csv"), quoted, columns)


def write_students(raw_dir: Path, number: int, load: Delivery) -> None:
    day = date.fromordinal(FIRST_SNAPSHOT.toordinal() + load.snapshot)
    load.write_csv(raw_dir / f"students_{day}_{number}.csv", [row.student() for row in load.rows], STUDENT_COLUMNS)


WRITERS = {
    "attendance": write_attendance,
    "assessments": write_assessments,
    "platform_events": write_platform_events,
    "students": write_students,
}
