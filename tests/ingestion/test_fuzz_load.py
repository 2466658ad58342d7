"""Arbitrary and damaged files, loaded: each is refused or loaded, and every record of a loaded one is accounted for."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from include.ingestion.files import inspect
from include.ingestion.reading import Reading
from include.ingestion.report import FileResult
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.settings import Settings
from tests.ingestion.damage import BOM, CSV_FILES, JSON_FILES, arbitrary, damaged, fuzzed

TABLES = """select schemaname, tablename from pg_tables
    where schemaname = 'bronze' or tablename in ('file_loads', 'rejected_rows', 'etl_job_status')"""
LoadFile = Callable[[str, bytes], FileResult]


@pytest.fixture
def load_file(warehouse: psycopg.Connection, settings: Settings, raw_dir: Path) -> LoadFile:
    """Loads one file into an empty warehouse, however many of its rows are rejected."""
    lenient = replace(settings, max_rejected_share=1.0)
    tables = [sql.Identifier(*names) for names in warehouse.execute(TABLES).fetchall()]
    emptied = sql.SQL("truncate {} restart identity cascade").format(sql.SQL(", ").join(tables))

    def load_into_nothing(name: str, content: bytes) -> FileResult:
        warehouse.execute(emptied)
        for path in raw_dir.iterdir():
            path.unlink()
        (raw_dir / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        (result,) = ingest(warehouse, SOURCES[source_of(name)], lenient, dag_run_id="test").results
        return result

    return load_into_nothing


def source_of(name: str) -> str:
    return name.partition(".")[0]


def lines_of(content: bytes, first: int, count: int) -> bytes:
    lines = content.removeprefix(BOM).split(b"\n")[first - 1 : first - 1 + count]
    return b"\n".join(lines).removesuffix(b"\r")


def check_accounts(warehouse: psycopg.Connection, raw_dir: Path, name: str, content: bytes, result: FileResult) -> None:
    table = sql.Identifier("bronze", source_of(name))
    kept = warehouse.execute(sql.SQL("select _source_line from {}").format(table)).fetchall()
    if result.status == "refused":
        assert kept == []
        return
    rejected = warehouse.execute("select line, raw, cardinality(reasons) from ops.rejected_rows").fetchall()
    file = inspect(raw_dir / name, raw_dir)
    assert file is not None
    records = list(Reading.of(SOURCES[source_of(name)], file).records())
    read, *parts = list(asdict(result.counts).values())[:7]
    assert (result.status, read, sum(parts)) == ("loaded", len(records), len(records))
    assert (len(kept), len(rejected)) == (result.counts.rows_inserted, result.counts.rows_rejected)
    assert {line for (line,) in kept} | {line for line, *_ in rejected} <= {record.line for record in records}
    assert {record.line for record in records if record.problem} <= {line for line, *_ in rejected}
    for line, raw, reasons in rejected:
        assert reasons
        stands = lines_of(content, line, raw.count(b"\n") + 1)
        assert raw == stands if name.endswith(("csv", "jsonl", "csv.gz")) else raw in stands


@fuzzed(40)
@given(
    name=st.sampled_from(["attendance.csv", "students.csv", "attendance.csv.gz"]),
    content=st.one_of(arbitrary(), damaged(CSV_FILES), damaged(CSV_FILES)),
)
def test_every_record_of_a_csv_is_accounted_for(
    warehouse: psycopg.Connection, load_file: LoadFile, raw_dir: Path, name: str, content: bytes
) -> None:
    check_accounts(warehouse, raw_dir, name, content, load_file(name, content))


@fuzzed(40)
@given(
    name=st.sampled_from(["assessments.json", "assessments.jsonl", "assessments.json.gz"]),
    content=st.one_of(arbitrary(), damaged(JSON_FILES), damaged(JSON_FILES)),
)
def test_every_record_of_a_json_file_is_accounted_for(
    warehouse: psycopg.Connection, load_file: LoadFile, raw_dir: Path, name: str, content: bytes
) -> None:
    check_accounts(warehouse, raw_dir, name, content, load_file(name, content))
