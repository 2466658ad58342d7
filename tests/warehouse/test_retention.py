"""What a purge of learning events takes out, and what it leaves."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import URL

from include.warehouse import retention
from include.warehouse.connection import connect
from include.warehouse.retention import AGGREGATES as AGGREGATED
from include.warehouse.retention import FACTS, RetentionError, first_month_kept, purge_aggregates, purge_raw_events

HORIZON = date(2025, 5, 1)
MONTHS = [date(2025, 3, 1), date(2025, 4, 1), date(2025, 5, 1)]
SILVER = """
create table silver.fact_learning_events (
    source text, event_id text, user_id text, session_id text, is_session_derived boolean, occurred_at timestamptz,
    event_date date
) partition by range (event_date);
create table silver.fact_product_events (event_id text, event_date date) partition by range (event_date);
create table silver.minute_metrics (learner_id text, partition_date date);
create table silver.session_metrics (learner_id text, partition_date date);
create table silver.fact_student_activity (user_id text, calendar_date date);
create table silver.fact_user_days (user_id text, calendar_date date);
create table silver.user_periods (user_id text, period_start date);
create table silver.user_day_places (user_id text, calendar_date date);
create table silver.fact_milestones (user_id text, calendar_date date);
create table silver.miles_days (user_id text, calendar_date date);
create table silver.product_user_months (user_id text, object_id text, month_start date);
create table silver.mastery_attempts (learner_id text, content_id text, partition_date date);
create table silver.mastery_deltas (like silver.mastery_attempts);
create table silver.progress_days (user_id text, unit_id text, calendar_date date);
create table silver.fact_learning_progress (like silver.progress_days);
"""
MODELS = """
insert into ops.silver_models (model, fingerprint, max_load_id, max_change_id)
select relname, relname, 1, 9 from pg_class where relnamespace = 'silver'::regnamespace and relkind in ('r', 'p')
"""
FINGERPRINTS = {name.removeprefix("silver."): name.removeprefix("silver.") for name in (*FACTS, *AGGREGATED)}
"""What the hand-made tables of silver are said to be made by: their names."""
LOAD = """
insert into ops.file_loads (source, file, sha256, bytes, status, contract, started_at, finished_at)
values ('platform_events', 'events', %s, 1, 'loaded', '', now(), now())
"""


def events(warehouse: psycopg.Connection, zone: str, *rows: tuple[str, str, str]) -> None:
    """Events in bronze and silver, each of an id, a session and an instant; silver has taken in their load."""
    warehouse.execute(SILVER)  # type: ignore[call-overload]
    for table in ("bronze.platform_events", "silver.fact_learning_events", "silver.fact_product_events"):
        warehouse.execute("select ops.make_month_partitions(%s::regclass, %s)", [table, MONTHS])
    for event_id, session_id, instant in rows:
        warehouse.execute(
            'insert into bronze.platform_events (event_id, learner_id, event_type, "timestamp", _load_id, _source_file,'
            " _source_line) values (%s, 'L1', 'page_view', %s, 1, 'events', 1)",
            [event_id, instant],
        )
        warehouse.execute(
            "insert into silver.fact_learning_events"
            " select 'platform_events', %(event_id)s, 'L1', %(session_id)s, false,"
            " %(instant)s::timestamptz, (%(instant)s::timestamptz at time zone %(zone)s)::date",
            {"event_id": event_id, "session_id": session_id, "instant": instant, "zone": zone},
        )
    warehouse.execute(LOAD, ["1"])
    warehouse.execute(MODELS)


def purge(warehouse: psycopg.Connection, horizon: date = HORIZON, zone: str = "UTC", *, dry_run: bool = False) -> list:
    return [
        (rows.table, rows.partition, rows.rows)
        for rows in purge_raw_events(
            warehouse,
            horizon,
            zone=ZoneInfo(zone),
            fingerprints=FINGERPRINTS,
            dag_run_id="a run",
            dry_run=dry_run,
        )
    ]


def left(warehouse: psycopg.Connection, table: str) -> list[str]:
    return [name for (name,) in warehouse.execute(f"select event_id from {table} order by 1")]


@pytest.mark.parametrize(
    ("as_of", "months", "horizon"),
    [
        (date(2026, 11, 21), 18, date(2025, 5, 1)),
        (date(2026, 12, 31), 12, date(2025, 12, 1)),
        (date(2026, 1, 1), 1, date(2025, 12, 1)),
        (date(2026, 2, 28), 84, date(2019, 2, 1)),
    ],
)
def test_the_horizon_is_the_first_of_a_month_so_many_months_before(as_of: date, months: int, horizon: date) -> None:
    assert first_month_kept(as_of, months) == horizon


def test_months_before_the_horizon_go_as_partitions_and_later_ones_stay(warehouse: psycopg.Connection) -> None:
    events(
        warehouse,
        "UTC",
        ("march", "s1", "2025-03-31T23:59:59Z"),
        ("april", "s2", "2025-04-01T00:00:00Z"),
        ("may", "s3", "2025-05-01T00:00:00Z"),
    )
    assert [part for part in purge(warehouse) if part[2]] == [
        ("bronze.platform_events", "platform_events_2025_03", 1),
        ("bronze.platform_events", "platform_events_2025_04", 1),
        ("silver.fact_learning_events", "fact_learning_events_2025_03", 1),
        ("silver.fact_learning_events", "fact_learning_events_2025_04", 1),
    ]
    assert left(warehouse, "bronze.platform_events") == left(warehouse, "silver.fact_learning_events") == ["may"]
    partitions = "select relname from pg_class where relnamespace = 'partitions'::regnamespace and relkind = 'r'"
    assert {name for (name,) in warehouse.execute(partitions)} == {
        "platform_events_2025_05",
        "fact_learning_events_2025_05",
        "fact_product_events_2025_05",
    }
    recorded = "select kind, horizon, dag_run_id, rows_dropped from ops.purges"
    assert warehouse.execute(recorded).fetchall() == [("raw_events", HORIZON, "a run", 4)]


@pytest.mark.parametrize(
    ("zone", "last_before", "first_kept", "partitions"),
    [
        pytest.param("America/Chicago", "2025-05-01T04:59:59Z", "2025-05-01T05:00:00Z", 2, id="west of Greenwich"),
        pytest.param("Asia/Kolkata", "2025-04-30T18:29:59Z", "2025-04-30T18:30:00Z", 1, id="east of it"),
    ],
)
def test_of_the_month_that_the_schools_midnight_cuts_the_older_rows_are_deleted(
    warehouse: psycopg.Connection, zone: str, last_before: str, first_kept: str, partitions: int
) -> None:
    events(warehouse, zone, ("before", "s1", last_before), ("after", "s2", first_kept))
    of_bronze = [part for part in purge(warehouse, zone=zone) if part[0] == "bronze.platform_events"]
    assert sum(partition is not None for _, partition, _ in of_bronze) == partitions
    assert of_bronze[-1] == ("bronze.platform_events", None, 1)
    assert left(warehouse, "bronze.platform_events") == left(warehouse, "silver.fact_learning_events") == ["after"]


def test_a_dry_run_tells_the_same_and_changes_nothing(warehouse: psycopg.Connection) -> None:
    events(warehouse, "UTC", ("april", "s1", "2025-04-30T12:00:00Z"), ("may", "s2", "2025-05-01T00:00:00Z"))
    would_go = purge(warehouse, dry_run=True)
    assert (
        left(warehouse, "bronze.platform_events") == left(warehouse, "silver.fact_learning_events") == ["april", "may"]
    )
    assert warehouse.execute("select count(*) from ops.purges").fetchone() == (0,)
    assert would_go == purge(warehouse)


def test_purging_again_changes_nothing_and_what_comes_late_goes_the_next_time(warehouse: psycopg.Connection) -> None:
    events(warehouse, "UTC", ("april", "s", "2025-04-30T23:59:00Z"), ("may", "s", "2025-05-01T00:00:00Z"))
    purge(warehouse)
    sessions = warehouse.execute("select * from ops.sessions_at_horizon").fetchall()
    assert purge(warehouse) == []
    warehouse.execute("select ops.make_month_partitions('bronze.platform_events', %s)", [MONTHS])
    warehouse.execute(
        'insert into bronze.platform_events (event_id, learner_id, event_type, "timestamp", _load_id, _source_file,'
        " _source_line) values ('late', 'L1', 'page_view', '2025-04-02T00:00:00Z', 1, 'events', 1)"
    )
    # Somebody has raised the months since: what went is gone all the same, also of late files.
    assert ("bronze.platform_events", "platform_events_2025_04", 1) in purge(warehouse, date(2025, 3, 1))
    assert left(warehouse, "bronze.platform_events") == ["may"]
    assert warehouse.execute("select * from ops.sessions_at_horizon").fetchall() == sessions
    assert warehouse.execute("select max(horizon) from ops.purges").fetchone() == (HORIZON,)


def test_sessions_on_both_sides_of_the_horizon_are_noted_until_they_have_ended(warehouse: psycopg.Connection) -> None:
    events(
        warehouse,
        "UTC",
        ("e1", "ended", "2025-03-01T08:00:00Z"),
        ("e2", "long", "2025-03-01T08:00:00Z"),
        ("e3", "short", "2025-03-31T23:59:00Z"),
        ("e4", "short", "2025-04-01T00:01:00Z"),
        ("e5", "long", "2025-05-02T08:00:00Z"),
    )
    noted = "select session_id, to_char(last_event_at, 'MM-DD HH24:MI') from ops.sessions_at_horizon order by 1"
    purge(warehouse, date(2025, 4, 1))
    assert warehouse.execute(noted).fetchall() == [("long", "03-01 08:00"), ("short", "03-31 23:59")]
    purge(warehouse, date(2025, 5, 1))
    assert warehouse.execute(noted).fetchall() == [("long", "03-01 08:00")]


@pytest.mark.parametrize(
    ("lag", "who"),
    [
        pytest.param(
            "update ops.silver_models set max_load_id = 0 where model = 'fact_user_days'", "fact_user_days", id="load"
        ),
        pytest.param("delete from ops.silver_models where model = 'minute_metrics'", "minute_metrics", id="not built"),
        pytest.param(
            "insert into ops.silver_changes (model) select 'fact_learning_events' from generate_series(1, 10);"
            "update ops.silver_models set max_change_id = 10 where model <> 'session_metrics'",
            "session_metrics",
            id="change",
        ),
        pytest.param(
            "insert into ops.silver_changes (model) select 'session_metrics' from generate_series(1, 10)",
            "fact_user_days",
            id="change of sessions",
        ),
        pytest.param(
            "update ops.silver_models set fingerprint = 'before a seed was edited' where model = 'session_metrics'",
            "session_metrics",
            id="made by something else",
        ),
    ],
)
def test_nothing_is_purged_before_silver_has_counted_all(warehouse: psycopg.Connection, lag: str, who: str) -> None:
    events(warehouse, "UTC", ("april", "s", "2025-04-30T23:59:00Z"))
    warehouse.execute(lag)  # type: ignore[call-overload]
    with pytest.raises(RetentionError, match=f"^silver.{who} have not taken in all learning events"):
        purge(warehouse)
    assert left(warehouse, "bronze.platform_events") == left(warehouse, "silver.fact_learning_events") == ["april"]


def test_a_purge_waits_for_a_build_of_silver_and_gives_up_with_a_sentence(
    warehouse: psycopg.Connection, warehouse_url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOCK_TIMEOUT", "100ms")
    with connect(warehouse_url) as build:
        build.execute("select pg_advisory_xact_lock_shared(hashtextextended('rollcall:silver', 0))")
        with pytest.raises(RetentionError, match="silver was being built"):
            purge(warehouse)
    assert purge(warehouse) == []


def test_months_without_an_event_set_no_horizon(warehouse: psycopg.Connection) -> None:
    events(warehouse, "UTC", ("may", "s", "2025-05-02T08:00:00Z"))
    assert {rows for _, _, rows in purge(warehouse)} == {0}
    assert warehouse.execute("select count(*) from ops.purges").fetchone() == (0,)


def test_an_empty_warehouse_has_nothing_to_purge_and_keeps_no_horizon(warehouse: psycopg.Connection) -> None:
    assert purge(warehouse) == []
    assert purge_aggregates(warehouse, HORIZON) == []
    assert warehouse.execute("select count(*) from ops.purges").fetchone() == (0,)


AGGREGATES = """
insert into silver.minute_metrics values ('L1', '2025-04-30'), ('L1', '2025-05-01');
insert into silver.session_metrics values ('L1', '2025-04-30'), ('L1', '2025-05-01');
insert into silver.fact_student_activity values ('L1', '2025-04-30'), ('L1', '2025-05-01');
insert into silver.fact_user_days values
('L1', '2025-04-30'), ('L1', '2025-05-01'), ('gone', '2025-03-01'), ('gone', '2025-04-30');
insert into silver.user_periods table silver.fact_user_days;
insert into silver.user_day_places table silver.fact_user_days;
insert into silver.fact_milestones table silver.fact_user_days;
insert into silver.miles_days table silver.fact_user_days;
insert into silver.product_user_months values ('L1', 'o', '2025-04-01'), ('L1', 'o', '2025-05-01');
insert into silver.mastery_attempts values
('L1', 'old', '2025-04-30'), ('L1', 'goes on', '2025-03-01'), ('L1', 'goes on', '2025-05-01'),
('L2', 'goes on', '2025-03-01');
insert into silver.mastery_deltas values ('L1', 'old', '2025-04-30'), ('L1', 'goes on', '2025-03-01');
insert into silver.progress_days values
('L1', 'old', '2025-03-01'), ('L1', 'old', '2025-04-01'), ('L1', 'goes on', '2025-03-01'),
('L1', 'goes on', '2025-05-01');
insert into silver.fact_learning_progress table silver.progress_days;
"""


def aggregates(warehouse: psycopg.Connection, horizon: date = HORIZON, *, dry_run: bool = False) -> dict[str, int]:
    purged = purge_aggregates(warehouse, horizon, dag_run_id="a run", dry_run=dry_run)
    return {rows.table.removeprefix("silver."): rows.rows for rows in purged}


OF_USERS = ("user_periods", "user_day_places", "fact_milestones", "miles_days", "fact_user_days")


def test_aggregates_go_by_day_or_when_the_last_day_of_their_user_or_content_is_old(
    warehouse: psycopg.Connection,
) -> None:
    warehouse.execute(SILVER + AGGREGATES)  # type: ignore[call-overload]
    counts = {
        **dict.fromkeys(("minute_metrics", "session_metrics", "fact_student_activity", "product_user_months"), 1),
        **dict.fromkeys(OF_USERS, 2),
        "mastery_deltas": 1,
        "mastery_attempts": 2,
        "fact_learning_progress": 2,
        "progress_days": 2,
    }
    assert aggregates(warehouse, dry_run=True) == counts
    assert aggregates(warehouse) == counts
    for table in ("mastery_attempts", "fact_learning_progress"):
        rows = warehouse.execute(
            f"select distinct to_jsonb(t) - 'partition_date' - 'calendar_date' from silver.{table} as t"
        )
        assert [{"L1", "goes on"}] == [set(row.values()) for (row,) in rows]
    for table in OF_USERS:
        assert warehouse.execute(f"select distinct user_id, count(*) from silver.{table} group by 1").fetchall() == [
            ("L1", 2)
        ]
    assert aggregates(warehouse) == {}
    told = "select model, student_id, content_id, calendar_date from ops.silver_changes"
    assert warehouse.execute(told).fetchall() == [
        ("product_user_months", "L1", "o", date(2025, 4, 1)),
        ("purge", None, None, None),
    ]
    recorded = "select kind, horizon, rows_dropped from ops.purges"
    assert warehouse.execute(recorded).fetchall() == [("aggregates", HORIZON, sum(counts.values()))]


def test_aggregates_of_which_there_are_raw_events_stay(warehouse: psycopg.Connection) -> None:
    events(warehouse, "UTC", ("april", "s", "2025-04-30T23:59:00Z"))
    warehouse.execute(AGGREGATES)  # type: ignore[call-overload]
    with pytest.raises(RetentionError, match="Purge the raw events first"):
        aggregates(warehouse)
    assert warehouse.execute("select count(*) from silver.minute_metrics").fetchone() == (2,)


def test_raw_events_go_up_to_the_first_of_a_month_only(warehouse: psycopg.Connection) -> None:
    with pytest.raises(RetentionError, match="not to 2025-05-02; nothing was purged"):
        purge(warehouse, date(2025, 5, 2))
