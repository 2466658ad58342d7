"""Learning events in bronze: months, hashed keys, versions without a time, times out of bounds, normal forms."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from include.ingestion.files import claims
from include.ingestion.sources import SOURCES
from include.ingestion.spec import EVENT_KEY
from include.ingestion.task import ingest, replay, unload
from include.settings import Settings
from tests.ingestion.conftest import Load, column, write
from tests.ingestion.loader import assert_whole

REWARDS = "event_time,user_id,event_type,transaction_category,miles_amount,platform,country"
EARNED = "2025-03-01T10:00:00Z,U-1,earn,reading,5,ios,US"
MOBILE = "event_name,event_timestamp,user_id,session_id,item_id"
PRODUCT = "id,userId,verb,object,product,timestamp"
ARRIVAL = datetime(2025, 3, 10, 23, 30, tzinfo=UTC)


def rewards(raw_dir: Path, name: str, *rows: str) -> Path:
    return write(raw_dir, name, REWARDS, *rows)


def lines(raw_dir: Path, name: str, *events: dict) -> Path:
    return write(raw_dir, name, *(json.dumps({**PLATFORM_EVENT, **event}) for event in events))


PLATFORM_EVENT = {"event_id": "e-1", "learner_id": "U", "event_type": "custom", "timestamp": "2025-03-01T10:00:00Z"}


def months(warehouse: psycopg.Connection, table: str) -> list[str]:
    names = (
        "select relname::text from pg_inherits inner join pg_class on oid = inhrelid where inhparent = '{}'::regclass"
    )
    return sorted(column(warehouse, names.format(f"bronze.{table}")))


def test_the_months_of_the_events_in_utc_get_a_partition_each(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    times = ("2025-02-28 18:00:00", "2025-02-28T17:59:59.999999", "2024-12-31T23:59:59-01:00", "2025-03-31T23:59:59Z")
    lines(raw_dir, "platform_events_1.jsonl", *({"event_id": str(n), "timestamp": at} for n, at in enumerate(times)))
    load("platform_events", replace(settings, timezone="America/Chicago"))
    assert months(warehouse, "platform_events") == [f"platform_events_2025_0{month}" for month in (1, 2, 3)]
    assert column(warehouse, "select tableoid::regclass::text from bronze.platform_events order by event_id") == [
        f"partitions.platform_events_2025_{month}" for month in ("03", "02", "01", "03")
    ]


def test_a_load_that_fails_leaves_no_partition(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    lines(raw_dir, "platform_events.jsonl", *({"event_id": str(n), "timestamp": "never"} for n in range(30)), {})
    assert load("platform_events", settings).refused
    assert months(warehouse, "platform_events") == []


def test_an_event_that_comes_with_another_time_is_another_version_in_another_month(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    later = {"timestamp": "2025-04-01T10:00:00Z"}
    lines(raw_dir, "platform_events_1.jsonl", {}, later)
    lines(raw_dir, "platform_events_2.jsonl", {}, later, {"event_type": "error"})
    first, second = (result.counts for result in load("platform_events").results)
    assert (first.rows_inserted, first.tied_versions) == (2, 0)
    assert (second.rows_inserted, second.rows_duplicate, second.tied_versions) == (1, 2, 1)
    assert_whole(warehouse)


def test_the_same_event_without_an_id_of_its_own_is_a_duplicate_and_one_that_says_more_is_a_tied_version(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    rewards(raw_dir, "reward_events_1.csv", EARNED, EARNED.replace(",5,", ",5.0,"), EARNED.replace("US", "DE"))
    rewards(raw_dir, "reward_events_2.csv", EARNED, EARNED.replace("US", "FR"), EARNED.replace("U-1", "U-2"))
    first, second = (result.counts for result in load("reward_events").results)
    assert (first.rows_inserted, first.rows_duplicate, first.tied_versions) == (2, 1, 2)
    assert (second.rows_inserted, second.rows_duplicate, second.tied_versions) == (2, 1, 1)
    assert column(warehouse, "select count(distinct event_key) from bronze.reward_events") == [2]
    assert_whole(warehouse)


def test_no_two_keys_with_null_in_other_parts_are_one(warehouse: psycopg.Connection, load: Load, raw_dir: Path) -> None:
    parts = (",,", "a,,", ",,a", ",5,", "∅,,", r"\∅,,", "a|∅,,", "a,,∅", ",,a|")
    rewards(raw_dir, "reward_events.csv", *(f"2025-03-01T10:00:00Z,U-1,earn,{part}," for part in parts))
    counts = load("reward_events").results[0].counts
    assert (counts.rows_inserted, counts.tied_versions) == (len(parts), 0)
    keys = column(warehouse, f"select distinct {EVENT_KEY} from bronze.reward_events")
    assert {len(key) for key in keys} == {32}
    assert len(keys) == len(parts)


def test_a_rejected_event_has_a_key_only_when_all_its_parts_can_be_read(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    bad = (
        EARNED.replace(",5,", ",five,"),
        EARNED.replace("2025-03-01T", "2025-03-41T"),
        EARNED.replace("U-1", "u" * 256),
    )
    rewards(raw_dir, "reward_events.csv", *bad)
    load("reward_events")
    assert column(warehouse, "select key is not null from ops.rejected_rows order by line") == [False, False, True]


def test_an_event_that_was_rejected_is_resolved_when_it_comes_right(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    header, row = f"{MOBILE},arrival_timestamp", "open,2025-03-01 10:00:00.5,U-1,,873.0,"
    write(raw_dir, "mobile_events_1.csv", header, f"{row}later")
    write(raw_dir, "mobile_events_2.csv", header, f"{row}2025-03-01 10:00:01")
    load("mobile_events")
    assert column(warehouse, "select resolved_load_id from ops.rejected_rows") == [2]


def arrived(path: Path) -> None:
    os.utime(path, (ARRIVAL.timestamp(), ARRIVAL.timestamp()))


@pytest.mark.parametrize("is_quoted", [False, True])
def test_an_event_lies_between_2000_and_24_hours_after_the_arrival_of_its_file(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, is_quoted: bool
) -> None:
    last = ARRIVAL + timedelta(days=1)
    times = [datetime(2000, 1, 1, tzinfo=UTC), ARRIVAL, last]
    out = [times[0] - timedelta(microseconds=1), last + timedelta(microseconds=1), datetime(1970, 1, 1, tzinfo=UTC)]
    quote = '"' if is_quoted else ""
    rows = [f"{quote}{at.isoformat()}{quote},U-1,earn,,,,{at.isoformat()}" for at in (*times, *out)]
    rows += [row.replace("+00:00", "Z").replace("U-1", "U-2") for row in rows]
    arrived(rewards(raw_dir, "reward_events.csv", *rows))
    counts = load("reward_events").results[0].counts
    assert (counts.rows_inserted, counts.rows_rejected) == (6, 6)
    assert column(warehouse, "select distinct reasons from ops.rejected_rows") == [["out_of_range:event_time"]]
    assert column(warehouse, "select distinct event_time from bronze.reward_events order by 1") == times


AFTER_ITS_FILE = EARNED.replace("-03-01T", "-03-12T")


def test_a_replay_rejects_what_lies_after_its_file_however_much_later_that_was_loaded(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    arrived(rewards(raw_dir, "reward_events.csv", EARNED, AFTER_ITS_FILE))
    load("reward_events")
    assert replay(warehouse, SOURCES["reward_events"], settings, dag_run_id="test").taken == 0


def test_an_unload_judges_the_times_of_another_file_by_when_that_arrived_then(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    rewards(raw_dir, "reward_events_1.csv", EARNED)
    other = rewards(raw_dir, "reward_events_2.csv", EARNED, AFTER_ITS_FILE)
    arrived(other)
    load("reward_events")
    # What somebody has deleted cannot tell any more that it was rejected.
    warehouse.execute("delete from ops.rejected_rows")
    other.touch()
    unload(warehouse, 1, settings, dag_run_id="test")
    assert column(warehouse, "select _load_id from bronze.reward_events") == [2]


def test_texts_are_stored_in_their_normal_form_however_they_are_read(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path
) -> None:
    items = ("873.0", "873", " 873.0 ", "8.50", "a.0", "")
    write(
        raw_dir, "mobile_events.csv", MOBILE, *(f"open,2025-03-01T10:00:0{n},U,,{item}" for n, item in enumerate(items))
    )
    write(
        raw_dir, "ela_events.csv", PRODUCT, "1,U,read,o,ELA,2025-03-01T10:00:00", "2,U,read,o,ela,2025-03-01T10:00:00"
    )
    load("mobile_events")
    load("product_events")
    assert column(warehouse, "select item_id from bronze.mobile_events order by event_timestamp") == [
        *["873"] * 3,
        *("8.50", "a.0", None),
    ]
    assert column(warehouse, "select distinct product from bronze.product_events") == ["ela"]


@pytest.mark.parametrize(
    "name", ["product_events.csv", "ela_events_1.csv", "science_events.jsonl", "ELA_events.jsonl.gz"]
)
def test_the_events_of_each_product_are_one_source(name: str) -> None:
    assert [source.table for source in SOURCES.values() if claims(source, Path(name))] == ["product_events"]


def test_an_event_file_can_be_taken_out_and_its_rows_stay_where_another_file_holds_them(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings
) -> None:
    april = EARNED.replace("-03-", "-04-")
    rewards(raw_dir, "reward_events_1.csv", EARNED, april, EARNED.replace("US", "DE"))
    rewards(raw_dir, "reward_events_2.csv", april, EARNED.replace("US", "FR"))
    load("reward_events")
    assert column(warehouse, "select tied_versions from ops.file_loads order by load_id") == [2, 1]
    report = unload(warehouse, 1, settings, dag_run_id="test")
    assert (report.rows_removed, report.files_judged_again) == (2, 1)
    assert column(warehouse, "select country from bronze.reward_events order by event_time") == ["FR", "US"]
    assert column(warehouse, "select tied_versions from ops.file_loads where status = 'loaded'") == [0]
    again = ingest(
        warehouse, SOURCES["reward_events"], settings, dag_run_id="t", files=[raw_dir / "reward_events_1.csv"]
    )
    assert (again.results[0].counts.rows_inserted, again.results[0].counts.tied_versions) == (2, 2)
    assert_whole(warehouse)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_rejected_events_are_replayed_into_their_month(
    warehouse: psycopg.Connection, load: Load, raw_dir: Path, settings: Settings, form: str
) -> None:
    bad = {"data": {"text": "x" * 3000}, "version": None}
    if form == "jsonl":
        lines(raw_dir, "platform_events.jsonl", bad)
    else:
        cells = ["e-1", "U", "custom", "2025-03-01T10:00:00Z", '"' + json.dumps(bad["data"]).replace('"', '""') + '"']
        write(raw_dir, "platform_events.csv", "event_id,learner_id,event_type,timestamp,data", ",".join(cells))
    small = replace(settings, limits=replace(settings.limits, max_field_bytes=2500))
    assert load("platform_events", small).rows_rejected == 1
    assert replay(warehouse, SOURCES["platform_events"], settings, dag_run_id="test").taken == 1
    assert column(warehouse, "select length(data ->> 'text') from bronze.platform_events") == [3000]
    assert column(warehouse, "select version from bronze.platform_events") == ["1.0"]
    assert_whole(warehouse)
