"""What stands in files and in their names is data wherever it comes to: stored byte for byte, or rejected as it was."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL

from expectations.checkpoint import run_checkpoint
from include.ingestion.sources import ASSESSMENTS, ATTENDANCE, SOURCES, STUDENTS
from include.ingestion.spec import Column, Source
from include.ingestion.task import ingest
from include.settings import Settings
from include.warehouse.queries import bronze, names
from tests.dbt.conftest import School
from tests.ingestion.conftest import ATTENDANCE_HEADER, Load, attendance, write
from tests.ingestion.dialects import own_column
from tests.ingestion.loader import assert_whole

NASTY = [
    "'",
    "''",
    '"',
    "%",
    "%s %(load_id)s %%",
    "\\",
    "\\.",
    "x\\N",
    "a\\tb\\n\\x00",
    "$$ $1 $body$",
    "'; drop table bronze.students; --",
    "'); delete from ops.file_loads; --",
    '"; drop schema bronze cascade; --',
    "a;--",
    "/* */",
    "{} {0} {key}",
    "{{ 1/0 }}{% raw %}",
    "x\ny",
    "x\r\n\\.\r\ny",
    "x\ty",
    "a,b",
    "\\copy bronze.students from program 'id'",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "null",
    "e'\\x27'",
    "U&'\\0027'",
    "a'||(select version())||'",
    "x\u2028\u202e\ufeffy",
]
VALID = {
    "int": "7",
    "numeric": "1",
    "date": "2025-01-07",
    "timestamp": "2025-01-07T15:00:00",
    "bool": "true",
    "json": "{}",
}


def cell(column: Column, text: str, number: int) -> str:
    """Text where a column takes any; in a key with a number, so that all are different."""
    if column.type != "text":
        return VALID[column.type]
    if column.allowed:
        return column.allowed()[0]
    return text.upper() if column.upper else f"{text}{number}".lower() if column.lower else f"{text}{number}"


def records(source: Source) -> list[dict[str, str]]:
    return [{column.name: cell(column, text, number) for column in source.columns} for number, text in enumerate(NASTY)]


def is_json(source: Source) -> bool:
    """Whether its first pattern is one of JSON lines."""
    return source.layout_of(source.files[0]).format == "json"


def content(source: Source, rows: list[dict[str, str]]) -> str:
    if is_json(source):
        return "".join(json.dumps(row) + "\n" for row in rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def put(raw_dir: Path, source: Source, rows: list[dict[str, str]]) -> None:
    (raw_dir / f"{source.table}.{'jsonl' if is_json(source) else 'csv'}").write_text(
        content(source, rows), encoding="utf-8", newline=""
    )


def stored(warehouse: psycopg.Connection, source: Source) -> list[tuple]:
    texts = [column.name for column in source.columns if column.type == "text"]
    query = sql.SQL("select {} from {}").format(names(texts), bronze(source))
    return sorted(warehouse.execute(query).fetchall())


@pytest.fixture
def as_it_is(settings: Settings) -> Settings:
    """Settings with which a file may be rejected to the last row."""
    return replace(settings, max_rejected_share=1.0)


@pytest.mark.parametrize("table", SOURCES)
def test_every_text_of_every_source_is_stored_byte_for_byte(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, table: str
) -> None:
    source = SOURCES[table]
    rows = records(source)
    put(raw_dir, source, rows)
    (result,) = load(table).results
    assert (result.status, result.counts.rows_inserted, result.counts.rows_rejected) == ("loaded", len(NASTY), 0)
    texts = [column.name for column in source.columns if column.type == "text"]
    assert stored(warehouse, source) == sorted(tuple(row[name] for name in texts) for row in rows)
    assert_whole(warehouse)


@pytest.mark.parametrize("table", SOURCES)
def test_every_text_is_kept_as_it_stood_in_a_rejected_row(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, as_it_is: Settings, table: str
) -> None:
    source = SOURCES[table]
    wrong = next(column for column in source.columns if column.type != "text" and own_column(source) != column.name)
    rows = [{**row, wrong.name: row[own_column(source)] + "x"} for row in records(source)]
    put(raw_dir, source, rows)
    (result,) = load(table, as_it_is).results
    assert result.counts.rows_rejected == len(NASTY)
    kept = warehouse.execute("select raw from ops.rejected_rows order by rejected_id").fetchall()
    told = [json.loads(raw) if is_json(source) else next(read(raw)) for (raw,) in kept]
    assert told == (rows if is_json(source) else [list(row.values()) for row in rows])
    assert_whole(warehouse)


def read(raw: bytes) -> csv._reader:  # type: ignore[name-defined]
    return csv.reader(io.StringIO(raw.decode(), newline=""))


def test_unquoted_texts_are_stored_as_they_are(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    texts = [text for text in NASTY if not {",", "\n", "\t"} & set(text) and not text.startswith('"')]
    attendance(raw_dir, "attendance.csv", *(f"{text}!,{text},2025-01-07,TARDY,2025-01-07T15:00:00" for text in texts))
    load("attendance")
    assert warehouse.execute("select student_id from bronze.attendance order by _source_line").fetchall() == [
        (text,) for text in texts
    ]


def test_lines_that_end_a_copy_cost_only_themselves(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, as_it_is: Settings
) -> None:
    good = "A-{},S-1,2025-01-07,TARDY,2025-01-07T15:00:00"
    lines = ["\\.", "\\N", '"\\."', "PGCOPY\\n", "\\.,,,,", "-- ;"]
    attendance(raw_dir, "attendance.csv", good.format(1), *lines, good.format(2))
    load("attendance", as_it_is)
    assert stored(warehouse, ATTENDANCE) == [("A-1", "S-1", "TARDY"), ("A-2", "S-1", "TARDY")]
    kept = warehouse.execute("select raw from ops.rejected_rows order by line").fetchall()
    assert [raw.decode() for (raw,) in kept] == lines


def test_column_names_of_a_csv_file_are_data(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    text = io.StringIO(newline="")
    names = [name for name in NASTY if "\n" not in name]
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*ATTENDANCE_HEADER.split(","), *names])
    writer.writerow(["A-1", "S-1", "2025-01-07", "TARDY", "2025-01-07T15:00:00", *names])
    write(raw_dir, "attendance.csv", text.getvalue().rstrip("\n"))
    (result,) = load("attendance").results
    assert (result.status, result.counts.rows_inserted) == ("loaded", 1)
    assert warehouse.execute("select _extra from bronze.attendance").fetchall() == [({name: name for name in names},)]
    assert_whole(warehouse)


def test_keys_and_values_of_json_are_data(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    (row,) = records(ASSESSMENTS)[:1]
    nested = {text: {text: [text, {text: text}]} for text in NASTY}
    write(raw_dir, "assessments.jsonl", json.dumps({**row, **nested}), json.dumps({**row, "assessment_id": "2"}))
    assert load("assessments").results[0].counts.rows_inserted == 2
    extra = {f"{text}_{text}": [text, {text: text}] for text in NASTY}
    assert warehouse.execute("select _extra from bronze.assessments order by _source_line").fetchall() == [
        (extra,),
        (None,),
    ]


def test_columns_of_a_refused_file_are_not_executed(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    header = ATTENDANCE_HEADER.replace("status", "status'); drop table bronze.students; --")
    write(raw_dir, "attendance.csv", header, "1,2,2025-01-07,TARDY,2025-01-07T15:00:00")
    (result,) = load("attendance").refused
    assert str(result.message).startswith("missing: status; unexpected: ")
    assert_whole(warehouse)


def test_the_layers_are_built_and_checked_over_any_text(
    warehouse: psycopg.Connection, warehouse_url: URL, settings: Settings, raw_dir: Path, tmp_path: Path
) -> None:
    rows = {source: records(source) for source in (STUDENTS, ATTENDANCE, ASSESSMENTS)}
    for source in (ATTENDANCE, ASSESSMENTS):
        for row, student in zip(rows[source], rows[STUDENTS], strict=True):
            row["student_id"] = student["student_id"]
    for source, those in rows.items():
        put(raw_dir, source, those)
        ingest(warehouse, source, settings, dag_run_id="'; drop schema ops cascade; --%s")
    day = date(2025, 1, 31)
    report = run_checkpoint("bronze", url=warehouse_url, home=settings.home, dag_run_id="test", as_of=day)
    assert not report.failed
    School(warehouse_url, tmp_path / "target").build(as_of=day)
    found = warehouse.execute("select student_id from gold_candidate.student_performance_summary").fetchall()
    assert sorted(student for (student,) in found) == sorted(row["student_id"] for row in rows[STUDENTS])
    assert_whole(warehouse)


def test_rows_whose_cells_would_read_the_same_in_a_row_are_told_apart(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    header = "student_id,class_id,grade_level,enrollment_status,updated_at,student_name,school_id,ethnicity"
    places = [
        ("C", "1", "x", "y", ""),
        ("C", "1", "", "x", "y"),
        ("C", "1", "xschool_id=y", "", ""),
        ("C", "1", "x|y", "", ""),
        ("C", "1", "xy", "", ""),
        ("C1", "1", "", "", ""),
        ("C", "11", "", "", ""),
        ("C", "1", "", "", '"{""school_id"": ""y""}"'),
    ]
    # One after the other: each is another content of one version of one student.
    for number, (class_id, grade, *others) in enumerate(places):
        row = f"S-1,{class_id},{grade},ACTIVE,2025-01-07T15:00:00,{','.join(others)}"
        write(raw_dir, f"students_2025-02-{number + 1:02}.csv", header, row)
    assert [result.counts.rows_updated for result in load("students").results] == [0, *[1] * (len(places) - 1)]
    assert warehouse.execute("select count(distinct _row_hash) from bronze.students_history").fetchone() == (
        len(places),
    )
