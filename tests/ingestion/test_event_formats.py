"""The same events as JSON lines, CSV and Parquet are the same rows; and what Parquet alone can bring."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from pyarrow import parquet

from include.ingestion.report import FileResult
from include.ingestion.sources import SOURCES
from include.ingestion.task import replay
from include.ingestion.unclaimed import unclaimed_files
from include.settings import Limits, Settings
from tests.ingestion.conftest import Load, column, write
from tests.ingestion.loader import assert_whole

Event = dict[str, object]

EVENT: Event = {
    "event_id": "e-1",
    "learner_id": "U-1",
    "event_type": "lesson_start",
    "timestamp": "2025-03-01T10:00:00.250Z",
    "session_id": "s-1",
    "data": {"lesson_id": "L-1", "score": 5.50, "tags": ["a", {"b": 1}], "title": 'Größe, "x"\n'},
    "metadata": {"source": "web_app"},
    "version": "2.0",
    "note": "more",
}
EVENTS: list[Event] = [
    EVENT,
    EVENT | {"event_id": "e-2", "data": {"score": 5.0}, "session_id": None},
    EVENT | {"event_id": "e-3", "data": {}, "metadata": None, "version": None, "note": None},
    EVENT | {"event_id": "e-4", "timestamp": "1970-01-01T00:00:00Z"},
    EVENT | {"event_id": "e-5", "learner_id": None},
    EVENT | {"event_id": "e-6", "timestamp": "2025-04-30T23:59:59.999999Z"},
    EVENT,
]
CONTENT = (
    "select jsonb_agg(to_jsonb(rows) - '{_load_id,_ingested_at,_source_file,_source_line}'::text[] order by event_id)"
    " from bronze.platform_events as rows"
)


def as_json_lines(path: Path, events: list[Event]) -> None:
    path.with_suffix(".jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))


def as_csv(path: Path, events: list[Event]) -> None:
    with path.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(events[0]))
        writer.writeheader()
        for event in events:
            writer.writerow({name: json.dumps(v) if isinstance(v, dict) else v for name, v in event.items()})


def as_parquet(path: Path, events: list[Event], **options: object) -> None:
    texts = [
        {name: json.dumps(value) if isinstance(value, dict) else value for name, value in event.items()}
        for event in events
    ]
    parquet.write_table(pa.Table.from_pylist(texts), path.with_suffix(".parquet"), **options)


def as_typed_parquet(path: Path, events: list[Event]) -> None:
    """Structs, a timestamp, and dictionaries, in several row groups."""
    table = pa.Table.from_pylist(
        [event | {"timestamp": datetime.fromisoformat(str(event["timestamp"]))} for event in events]
    )
    table = table.set_column(4, "session_id", table["session_id"].dictionary_encode())
    parquet.write_table(table, path.with_suffix(".parquet"), row_group_size=3)


FORMATS = {"JSON lines": as_json_lines, "CSV": as_csv, "Parquet": as_parquet}


def rows(warehouse: psycopg.Connection) -> list[dict]:
    (found,) = column(warehouse, CONTENT)
    return found or []


def loaded(load: Load, table: str = "platform_events") -> tuple[int, int, int, int]:
    counts = load(table).results[-1].counts
    return counts.rows_read, counts.rows_inserted, counts.rows_duplicate, counts.rows_rejected


@pytest.mark.parametrize("first", FORMATS)
def test_the_same_events_in_every_format_are_the_same_rows(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, first: str
) -> None:
    FORMATS[first](raw_dir / "platform_events_1", EVENTS)
    assert loaded(load) == (7, 4, 1, 2)
    assert [(row["event_id"], row["data"], row["version"], row["_extra"]) for row in rows(warehouse)] == [
        ("e-1", EVENT["data"], "2.0", {"note": "more"}),
        ("e-2", {"score": 5}, "2.0", {"note": "more"}),
        ("e-3", {}, "1.0", None),
        ("e-6", EVENT["data"], "2.0", {"note": "more"}),
    ]
    for number, again in enumerate(FORMATS.values(), start=2):
        again(raw_dir / f"platform_events_{number}", EVENTS)
        if list(FORMATS)[number - 2] != first:
            assert loaded(load) == (7, 0, 5, 2)
    assert column(warehouse, "select array_agg(distinct reasons) from ops.rejected_rows") == [
        [["missing:learner_id"], ["out_of_range:timestamp"]]
    ]
    assert_whole(warehouse)


def test_typed_columns_of_parquet_are_the_cells_that_a_csv_would_have(load: Load, raw_dir: Path) -> None:
    typed = [EVENT | {"data": {"lesson_id": "L-1", "score": score}} for score in (5.0, 5.25)]
    as_typed_parquet(raw_dir / "platform_events_1", typed)
    assert loaded(load) == (2, 2, 0, 0)
    as_json_lines(raw_dir / "platform_events_2", typed)
    assert loaded(load) == (2, 0, 2, 0)


REQUIRED = ("event_id", "learner_id", "event_type", "timestamp")
DAY = datetime(2025, 3, 1, 10, 0, 0, 250000)
KINDS = {
    # Parquet has no whole seconds.
    "seconds": (pa.timestamp("s"), DAY, "2025-03-01 10:00:00.000"),
    "milliseconds in a zone": (
        pa.timestamp("ms", "America/Chicago"),
        DAY.replace(tzinfo=UTC),
        "2025-03-01 10:00:00.250Z",
    ),
    "nanoseconds": (pa.timestamp("ns"), DAY, "2025-03-01 10:00:00.250000"),
    "a date": (pa.date32(), date(2025, 3, 1), "2025-03-01"),
    "a whole number": (pa.int64(), 12, "12"),
    "a small float": (pa.float64(), 1e-7, "0.0000001"),
    "a large float": (pa.float64(), 1e20, "100000000000000000000"),
    "a float of a whole number": (pa.float32(), 873.0, "873"),
    "a decimal": (pa.decimal128(10, 2), Decimal("1.50"), "1.50"),
    "a boolean": (pa.bool_(), True, "true"),
    "a list": (pa.list_(pa.int32()), [1, None], [1, None]),
    "a list of maps": (pa.list_(pa.map_(pa.string(), pa.int32())), [[("a", 1)]], [{"a": 1}]),
    "nothing": (pa.null(), None, None),
}


def test_undeclared_columns_of_parquet_are_kept_as_a_csv_would_have_them(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    table = pa.Table.from_pylist([{name: EVENT[name] for name in REQUIRED}])
    for name, (arrow_type, value, _) in KINDS.items():
        table = table.append_column(name, pa.array([value], arrow_type))
    parquet.write_table(table, raw_dir / "platform_events.parquet")
    assert loaded(load) == (1, 1, 0, 0)
    expected = {name: text for name, (_, _, text) in KINDS.items() if text is not None}
    assert column(warehouse, "select _extra from bronze.platform_events") == [expected]


def test_ids_in_a_column_of_floats_have_no_point_and_nan_is_null(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    nan = float("nan")
    event = {name: EVENT[name] for name in REQUIRED} | {"learner_id": 5.0, "session_id": nan}
    parquet.write_table(
        pa.Table.from_pylist([event | {"data": {"lesson_id": 7.0, "score": nan}}]), raw_dir / "platform_events.parquet"
    )
    assert loaded(load) == (1, 1, 0, 0)
    assert [(row["learner_id"], row["session_id"], row["data"]) for row in rows(warehouse)] == [
        ("5", None, {"lesson_id": 7})
    ]


def test_a_rejected_row_of_parquet_is_kept_as_a_line_of_json_and_replayed(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    as_parquet(raw_dir / "platform_events", [EVENT, EVENT | {"event_id": "e-2", "learner_id": "x" * 200}])
    changed = replace(settings, max_rejected_share=1.0, limits=Limits(max_field_bytes=150))
    assert load("platform_events", changed).results[0].counts.rows_rejected == 1
    (line, key, raw) = warehouse.execute("select line, key, raw from ops.rejected_rows").fetchone() or ()
    assert (line, key, json.loads(raw)["learner_id"], raw.count(b"\n")) == (2, "e-2", "x" * 200, 0)
    assert replay(warehouse, SOURCES["platform_events"], settings, dag_run_id="test").taken == 1
    as_json_lines(raw_dir / "platform_events_2", [EVENT | {"event_id": "e-2", "learner_id": "x" * 200}])
    assert loaded(load) == (1, 0, 1, 0)
    assert_whole(warehouse)


def damaged(content: bytes) -> dict[str, bytes]:
    middle = len(content) // 3
    return {
        "cut off": content[:-100],
        "empty": b"",
        "only its mark": b"PAR1",
        "text": b"event_id,learner_id\n",
        "without its beginning": content[10:],
        "a byte of a page": content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :],
    }


@pytest.mark.parametrize("how", damaged(b"x" * 200))
def test_a_damaged_parquet_file_is_refused_whole(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, how: str
) -> None:
    path = raw_dir / "platform_events.parquet"
    events = [EVENT | {"event_id": f"e-{number}"} for number in range(500)]
    as_parquet(raw_dir / "platform_events", events, write_page_checksum=True)
    path.write_bytes(damaged(path.read_bytes())[how])
    (result,) = load("platform_events").results
    assert (result.status, result.message) == (
        "refused",
        "it is not a whole Parquet file: it is damaged or cut off; deliver it again",
    )
    assert rows(warehouse) == []


def refused(load: Load, settings: Settings, **limits: int) -> str:
    (result,) = load("platform_events", replace(settings, limits=Limits(**limits))).results
    assert isinstance(result, FileResult)
    assert result.status == "refused"
    return str(result.message)


def test_a_parquet_file_that_unfolds_beyond_the_limit_is_refused(load: Load, raw_dir: Path, settings: Settings) -> None:
    as_parquet(raw_dir / "platform_events", [EVENT | {"learner_id": "x" * 500}] * 1000)
    assert (raw_dir / "platform_events.parquet").stat().st_size < 20_000
    assert refused(load, settings, max_file_bytes=20_000) == (
        "its content has more than 20,000 bytes; deliver it in parts, or raise ROLLCALL_MAX_FILE_BYTES"
    )


def test_a_parquet_row_beyond_the_limit_is_told_by_its_number(load: Load, raw_dir: Path, settings: Settings) -> None:
    as_parquet(raw_dir / "platform_events", [EVENT, EVENT | {"learner_id": "x" * 500}])
    assert refused(load, settings, max_line_bytes=400).startswith("row 2 is longer than 400 bytes")


def test_a_parquet_file_without_a_required_column_is_refused(load: Load, raw_dir: Path, settings: Settings) -> None:
    as_parquet(raw_dir / "platform_events", [{"id": "e-1", "event_type": "x", "timestamp": "2025-03-01T00:00:00Z"}])
    assert refused(load, settings) == ("missing: event_id, learner_id; unexpected: id")


@pytest.mark.parametrize("name", ["data", "Lena Muster"])
def test_a_parquet_column_of_a_type_that_is_not_read_is_refused_and_named_only_when_declared(
    load: Load, raw_dir: Path, settings: Settings, name: str
) -> None:
    parquet.write_table(pa.table({"event_id": ["e-1"], name: pa.array([b"x"])}), raw_dir / "platform_events.parquet")
    told = "column data" if name == "data" else "a column that the contract does not have"
    assert refused(load, settings).startswith(f"{told} has the type binary: expected texts")


NO_OBJECTS = ['{"a": 1', "[1]", '"x"', "1", '{"a": 1, "a": 2}', r'{"a": "\u0000"}', '{"a": ' * 70 + "1" + "}" * 70]


@pytest.mark.parametrize("write_file", FORMATS.values(), ids=FORMATS)
def test_a_text_that_is_no_json_object_costs_its_row(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, write_file: Callable[[Path, list[Event]], None]
) -> None:
    odd = [EVENT | {"event_id": f"odd-{number}", "data": data} for number, data in enumerate(NO_OBJECTS)]
    write_file(raw_dir / "platform_events", [EVENT | {"data": "{}"}, *odd])
    assert loaded(load) == (8, 1, 0, 7)
    assert column(warehouse, "select distinct reasons from ops.rejected_rows") == [["bad_type:data"]]


def test_a_text_of_parquet_that_is_not_utf8_costs_its_row(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    table = pa.Table.from_pylist([{name: EVENT[name] for name in REQUIRED}] * 2)
    texts = pa.StringArray.from_buffers(2, *pa.array([b"good", b"S\xfcd"]).buffers()[1:])
    parquet.write_table(table.set_column(1, "learner_id", texts), raw_dir / "platform_events.parquet")
    assert loaded(load) == (2, 1, 0, 1)
    assert column(warehouse, "select reasons from ops.rejected_rows") == [["bad_encoding"]]


def test_compressed_parquet_is_not_taken_and_its_name_is_told(load: Load, raw_dir: Path) -> None:
    (raw_dir / "platform_events.parquet.gz").write_bytes(gzip.compress(b"x"))
    write(raw_dir, "mobil_events.csv", "x")
    assert load("platform_events").lines() == ["no file"]
    told = unclaimed_files(raw_dir, SOURCES.values())
    assert told["mobil_events.csv"] == "mobile_events*.csv"
    assert str(told["platform_events.parquet.gz"]).endswith(", unpacked")
