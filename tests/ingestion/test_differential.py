"""Whether a line is taken as it stands or looked at closely, the same comes of it: one file, loaded both ways.

`ROLLCALL_TEST_EXAMPLES=2000 pytest tests/ingestion/test_differential.py` looks for longer, and elsewhere each time.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from include.ingestion import judging, reading
from include.ingestion.accounts import LoadContext
from include.ingestion.files import RawFile, claims, inspect
from include.ingestion.first_load import load_first
from include.ingestion.judging import Judged, judge_into
from include.ingestion.latest import Latest
from include.ingestion.reading import Reading
from include.ingestion.report import SourceReport
from include.ingestion.sources import SOURCES
from include.ingestion.spec import Source
from include.ingestion.task import ingest
from include.ingestion.typed_table import SureRows
from include.settings import REPOSITORY, Settings
from tests.ingestion.dialects import (
    ARRIVALS,
    SHAPES,
    Dialect,
    Row,
    dialects,
    good,
    json_file,
    odd_cells,
    own_column,
    rows_of,
)
from tests.ingestion.test_properties import looks_at


def sources_with(ending: str) -> list[str]:
    return [source.table for source in SOURCES.values() if any(name.endswith(ending) for name in source.files)]


# web_events is declared as mobile_events is.
CSV_SOURCES = [table for table in sources_with(".csv") if table != "web_events"]
JSON_SOURCES = sources_with(".jsonl")
ZONES = ("UTC", "America/Chicago", "Asia/Kathmandu")
SAMPLE = sorted((REPOSITORY / "data" / "raw").glob("[a-z]*"))
STRAIGHT = [path for path in SAMPLE if path.name.startswith(("attendance", "assessments"))]

Outcome = dict[str, list[str]]


@dataclass(frozen=True)
class BothWays:
    """A warehouse into which a file is loaded again and again."""

    warehouse: psycopg.Connection
    settings: Settings

    def compare(self, source: Source, name: str, content: bytes, arrival: datetime) -> Outcome:
        """Load a file in every way; gives what came of it, each time the same."""
        path = self.settings.raw_dir / name
        path.write_bytes(content)
        os.utime(path, (arrival.timestamp(), arrival.timestamp()))
        try:
            quickly = self._load(source, path)
            assert quickly == self._load(source, path, closely=True)
            if source.strategy == "append_dedupe":
                # Into an empty table it goes another way.
                assert quickly == self._load(source, path, after=self._first_file(source))
        finally:
            path.unlink()
        return quickly

    def _first_file(self, source: Source) -> Path:
        row = {column.name: good(column, 0, source) for column in source.columns} | {own_column(source): "before"}
        first = self.settings.raw_dir.parent / source.files[0].replace("*", "_before")
        is_csv = source.layout_of(first.name).format == "csv"
        content = Dialect().file(source, [row], Random(0)) if is_csv else json_file(source, [row], "lines", Random(0))
        first.write_bytes(content)
        return first

    def _load(self, source: Source, path: Path, *, closely: bool = False, after: Path | None = None) -> Outcome:
        names = (
            "select 'bronze.' || tablename from pg_tables where schemaname = 'bronze' and starts_with(tablename, %s)"
        )
        tables = [table for (table,) in self.warehouse.execute(names, [source.table]).fetchall()]
        emptied = ", ".join([*tables, "ops.file_loads", "ops.etl_job_status"])
        self.warehouse.execute(f"truncate {emptied} restart identity cascade")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(judging, "judge_into", judge_at_once)
            if closely:
                patch.setattr(reading, "sure_lines", lambda *_: None)
            if after:
                assert self._ingest(source, after).results[0].counts.rows_inserted == 1
            self._ingest(source, path)
        return {table: self._rows(table, path.name) for table in sorted([*tables, *OPS])}

    def _ingest(self, source: Source, path: Path) -> SourceReport:
        return ingest(self.warehouse, source, self.settings, dag_run_id="test", files=[path])

    def _rows(self, table: str, file: str) -> list[str]:
        column = "file" if table in OPS else "_source_file"
        condition = "true" if table.endswith("_presence") else f"{column} = %(file)s"
        query = f"select (to_jsonb(rows) - %(but)s::text[])::text from {table} as rows where {condition} order by 1"
        parameters = {"but": OTHERWISE, "file": file}
        return [row for (row,) in self.warehouse.execute(query, parameters).fetchall()]  # type: ignore[arg-type]


OPS = ("ops.file_loads", "ops.rejected_rows")
OTHERWISE = [
    *("_load_id", "_ingested_at", "load_id", "missing_load_id", "returned_load_id"),
    *("started_at", "finished_at", "rejected_id", "rejected_at"),
]
"""What may differ from load to load."""


def judge_at_once(*arguments: Any, **options: Any) -> Judged:
    """Fails the test where Postgres does not take a line that looked good: it would all be read again."""
    try:
        return judge_into(*arguments, **options)
    except psycopg.DataError as error:
        pytest.fail(f"a line that looked good was not: {error}")


@pytest.fixture
def both_ways(warehouse: psycopg.Connection, settings: Settings) -> BothWays:
    return BothWays(warehouse, replace(settings, max_rejected_share=1.0))


@pytest.mark.parametrize("table", CSV_SOURCES)
@looks_at(12)
@given(data=st.data(), arrival=st.sampled_from(ARRIVALS), zone=st.sampled_from(ZONES))
def test_a_csv_gives_the_same_bronze_and_rejections_both_ways(
    both_ways: BothWays, table: str, data: st.DataObject, arrival: datetime, zone: str
) -> None:
    source, random = SOURCES[table], data.draw(st.randoms(use_true_random=False))
    dialect = data.draw(dialects(source))
    content = dialect.file(source, data.draw(rows_of(source)), random)
    note(repr(content))
    name = f"{table}.csv.gz" if dialect.is_compressed else f"{table}.csv"
    ways = replace(both_ways, settings=replace(both_ways.settings, timezone=zone))
    ways.compare(source, name, dialect.stored(content), arrival)


@pytest.mark.parametrize("table", JSON_SOURCES)
@looks_at(12)
@given(data=st.data(), arrival=st.sampled_from(ARRIVALS), zone=st.sampled_from(ZONES))
def test_a_json_file_gives_the_same_bronze_and_rejections_both_ways(
    both_ways: BothWays, table: str, data: st.DataObject, arrival: datetime, zone: str
) -> None:
    source, random = SOURCES[table], data.draw(st.randoms(use_true_random=False))
    shape = data.draw(
        st.sampled_from([shape for shape in SHAPES if shape.startswith("lines") or table == "assessments"])
    )
    content = json_file(source, data.draw(rows_of(source)), shape, random)
    note(repr(content))
    name = f"{table}.jsonl" if shape.startswith("lines") else f"{table}.json"
    ways = replace(both_ways, settings=replace(both_ways.settings, timezone=zone))
    ways.compare(source, name, content, arrival)


NAMED = {
    "no quotes": Dialect(),
    "every cell quoted": Dialect(quotes="all"),
    "some cells quoted": Dialect(quotes="some"),
    "quotes where a cell needs them": Dialect(quotes="where needed"),
    "Windows": Dialect(endings=("\r\n",)),
    "mixed line endings": Dialect(endings=("\n", "\r\n")),
    "blanks around cells": Dialect(blanks=("", " ", "\t")),
    "blank lines between": Dialect(lines_between=("", "\n", " \r\n")),
    "a byte order mark": Dialect(has_bom=True),
    "compressed": Dialect(is_compressed=True),
    "no newline at the end": Dialect(is_ended=False),
    "columns of its own": Dialect(quotes="where needed", more=("note", "Raum, groß")),
    "the columns in another order": Dialect(is_shuffled=True),
    "torn lines": Dialect(quotes="some", odd_lines=True),
}


def rows_with_every_odd_cell(source: Source) -> Iterator[Row]:
    """Good rows in ascending order, after each a row with an odd cell."""
    odd = ((column.name, cell) for column in source.columns for cell in odd_cells(column))
    for number, (name, cell) in enumerate(odd):
        row = {column.name: good(column, 2 * number, source) for column in source.columns}
        yield row
        yield row | {own_column(source): f"K-{2 * number + 1:04}", name: cell}


@pytest.mark.parametrize("dialect", NAMED.values(), ids=NAMED)
def test_every_odd_cell_gives_the_same_in_a_named_dialect(both_ways: BothWays, dialect: Dialect) -> None:
    source = SOURCES["attendance"]
    content = dialect.file(source, list(rows_with_every_odd_cell(source)), Random(1))
    name = "attendance.csv.gz" if dialect.is_compressed else "attendance.csv"
    outcome = both_ways.compare(source, name, dialect.stored(content), ARRIVALS[0])
    assert len(outcome["bronze.attendance"]) > 200
    assert len(outcome["ops.rejected_rows"]) > 100


@pytest.mark.parametrize("table", [table for table in CSV_SOURCES if table != "attendance"])
@pytest.mark.parametrize("quotes", ["where needed", "all"])
def test_every_odd_cell_of_every_source_gives_the_same(both_ways: BothWays, table: str, quotes: str) -> None:
    source = SOURCES[table]
    content = Dialect(quotes=quotes).file(source, list(rows_with_every_odd_cell(source)), Random(1))
    both_ways.compare(source, f"{table}.csv", content, ARRIVALS[1])


def test_every_odd_value_of_events_gives_the_same_in_json_lines(both_ways: BothWays) -> None:
    source = SOURCES["platform_events"]
    content = json_file(source, list(rows_with_every_odd_cell(source)), "lines", Random(1))
    outcome = both_ways.compare(source, "platform_events.jsonl", content, ARRIVALS[0])
    assert len(outcome["bronze.platform_events"]) > 200


@pytest.mark.parametrize("shape", SHAPES)
def test_every_odd_value_gives_the_same_in_json(both_ways: BothWays, shape: str) -> None:
    source = SOURCES["assessments"]
    content = json_file(source, list(rows_with_every_odd_cell(source)), shape, Random(1))
    outcome = both_ways.compare(source, f"assessments.json{'l' * shape.startswith('lines')}", content, ARRIVALS[2])
    assert len(outcome["ops.file_loads"]) == 1


def quoted(content: str) -> str:
    """The same CSV with every cell in quotes."""
    told = io.StringIO()
    csv.writer(told, quoting=csv.QUOTE_ALL).writerows(csv.reader(content.splitlines()))
    return told.getvalue()


def in_both_ways(paths: Iterable[Path]) -> list:
    """The files as they are, and those that can have quotes once more in quotes."""
    ways = [(path, written) for path in paths for written in (str, quoted)]
    return [
        pytest.param(path, written, id=f"{path.name}-{written.__name__}")
        for path, written in ways
        if written is str or ".csv" in path.suffixes
    ]


@pytest.fixture
def sample_file(raw_dir: Path, sample: Path, written: Callable[[str], str]) -> RawFile:
    """A file of the sample, as it is or, of a CSV, in quotes."""
    content, name = sample.read_bytes(), sample.name.removesuffix(".gz")
    content = gzip.decompress(content) if sample.suffix == ".gz" else content
    if written is quoted:
        content = written(content.decode()).encode()
    path = raw_dir / name
    path.write_bytes(content)
    file = inspect(path, raw_dir)
    assert file is not None
    return file


@pytest.mark.parametrize(("sample", "written"), in_both_ways(SAMPLE))
def test_no_line_of_the_sample_needs_a_closer_look(sample_file: RawFile) -> None:
    (source,) = (source for source in SOURCES.values() if claims(source, sample_file.path))
    pieces = list(Reading.of(source, sample_file).pieces(Latest.of(datetime(2025, 3, 31, tzinfo=UTC), UTC)))
    assert [piece for piece in pieces if not isinstance(piece, SureRows)] == []
    expected = sum(1 for _ in Reading.of(source, sample_file).records())
    assert sum(piece.count for piece in pieces if isinstance(piece, SureRows)) == expected


@pytest.mark.parametrize(("sample", "written"), in_both_ways([STRAIGHT[0], STRAIGHT[-1]]))
def test_the_first_file_of_an_append_source_goes_straight_into_bronze(
    warehouse: psycopg.Connection, settings: Settings, sample_file: RawFile
) -> None:
    source = SOURCES[sample_file.name.partition("_")[0]]
    result = load_first(warehouse, LoadContext(source, settings, "test"), sample_file)
    assert result is not None
    assert result.counts.rows_inserted > 300


def test_a_key_with_quotes_and_one_without_are_one_key(both_ways: BothWays) -> None:
    lines = ["student_id,class_id,grade_level,enrollment_status,updated_at"]
    lines += [f"{key},CLASS-0{n},7,ACTIVE,2024-09-01T08:00:00" for n, key in enumerate(['"S-1"', "S-1"])]
    outcome = both_ways.compare(SOURCES["students"], "students.csv", "\n".join(lines).encode(), ARRIVALS[0])
    assert [json.loads(row)["reasons"] for row in outcome["ops.rejected_rows"]] == [["conflicting_id_in_file"]] * 2
