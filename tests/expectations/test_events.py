"""Each expectation of learning events; those of a layer all at once, for a checkpoint takes its time."""

from __future__ import annotations

import psycopg
import pytest

from expectations.report import CheckpointError, CheckpointReport
from expectations.table import EVENT_SOURCES, Layer, tables_of
from tests.expectations.conftest import HERE, RunCheckpoint
from tests.expectations.event_damages import BROKEN_GOLD, BROKEN_SILVER, FACTS, SUSPECT_GOLD, SUSPECT_SILVER, raw_events

LAYERS: tuple[Layer, ...] = ("bronze", "silver", "gold")
OF_EVENTS = (*EVENT_SOURCES, "students", "attendance")
"""The sources of the tables of gold that events are in, or whose students they are of."""
MAY_DROP = {
    *("current_sessions", "learner_activity_summary", "mart_product_rank", "mart_user_product_activity_weekly"),
    "users_with_negative_miles",
}
"""Tables of gold that run empty in the holidays, or when all is paid back."""


def found(report: CheckpointReport) -> dict[str, str]:
    """Of each expectation that did not hold, without the schema of its table, how bad that is."""
    return {f"{finding.table.partition('.')[2]} {finding.expectation}": finding.severity for finding in report.findings}


def counts(report: CheckpointReport) -> dict[str, int | None]:
    """Of each expectation that did not hold, the number of rows."""
    return {f"{finding.table.partition('.')[2]} {finding.expectation}": finding.count for finding in report.findings}


def told(report: CheckpointReport) -> set[str]:
    """The names in the explanations that name something."""
    return {finding.explanation.rpartition(": ")[2] for finding in report.findings if finding.names_something}


@pytest.mark.usefixtures("events")
def test_a_good_day_of_events_passes(run: RunCheckpoint) -> None:
    for layer in LAYERS:
        assert run(layer, sources=None).lines()[1:] == []


def test_a_warehouse_with_events_only_passes(layers: psycopg.Connection, run: RunCheckpoint) -> None:
    layers.execute((HERE / "events.sql").read_bytes())
    assert [run(layer, sources=None).findings for layer in LAYERS] == [(), (), ()]


def test_a_run_for_some_sources_looks_at_the_tables_made_of_them_alone(
    events: psycopg.Connection, run: RunCheckpoint
) -> None:
    run("silver", sources=EVENT_SOURCES)
    looked_at = {name for (name,) in events.execute("select table_name from ops.checkpoint_runs")}
    assert looked_at == {table.table for table in tables_of("silver", EVENT_SOURCES)}
    assert {"fact_learning_events", "fact_product_events"} <= looked_at
    assert not {"dim_students", "fact_attendance"} & looked_at


@pytest.mark.usefixtures("layers")
def test_a_run_for_sources_of_no_table_is_refused(run: RunCheckpoint) -> None:
    with pytest.raises(CheckpointError, match="no table is made of platform_event alone"):
        run("silver", sources=["platform_event"])


@pytest.mark.parametrize("layer", ["bronze", "silver"])
def test_tables_of_events_have_rows_once_some_were_accepted_unless_retention_took_them(
    events: psycopg.Connection, run: RunCheckpoint, layer: Layer
) -> None:
    tables = tables_of(layer, EVENT_SOURCES)
    for table in tables:
        events.execute(f"delete from {table.name}".encode())
    empty = {f"{table.table} expect_no_rows(row_floor)" for table in tables if table.row_floor}
    assert found(run(layer, sources=EVENT_SOURCES)) == dict.fromkeys(empty, "critical")
    events.execute("insert into ops.purges (kind, horizon, rows_dropped) values ('raw_events', '2026-02-01', 8)")
    assert run(layer, sources=EVENT_SOURCES).findings == ()


def test_what_is_suspicious_of_raw_events_is_reported_and_passes(
    events: psycopg.Connection, run: RunCheckpoint
) -> None:
    for source in EVENT_SOURCES:
        events.execute(raw_events(source, "2026-01-15T00:00:00Z", 20).encode())
    events.execute("insert into ops.purges (kind, horizon, rows_dropped) values ('raw_events', '2026-01-20', 0)")
    report = run("bronze", sources=EVENT_SOURCES)
    warned = {
        *(f"{source} expect_no_rows(behind_the_horizon)" for source in EVENT_SOURCES),
        *(f"{source} expect_no_rows(at_midnight)" for source in EVENT_SOURCES),
        *(f"{source}_events expect_no_rows(without_session)" for source in ("platform", "mobile", "web")),
    }
    assert found(report) == dict.fromkeys(warned, "warning")
    assert {finding.count for finding in report.findings} == {20}


def test_every_promise_about_events_in_silver_fails_when_it_is_broken(
    events: psycopg.Connection, run: RunCheckpoint
) -> None:
    for damage in BROKEN_SILVER.values():
        events.execute(damage.encode())
    assert found(run("silver", sources=EVENT_SOURCES)) == dict.fromkeys(BROKEN_SILVER, "critical")


def test_what_is_suspicious_of_events_in_silver_is_reported_with_its_count_and_passes(
    events: psycopg.Connection, run: RunCheckpoint
) -> None:
    for _, damage in SUSPECT_SILVER.values():
        events.execute(damage.encode())
    report = run("silver", sources=EVENT_SOURCES)
    assert found(report) == dict.fromkeys(SUSPECT_SILVER, "warning")
    assert counts(report) == {name: count for name, (count, _) in SUSPECT_SILVER.items()}
    assert told(report) == {
        "hop0 of web_events (1), hop1 of web_events (2) and 3 more",
        "lesson_complete of platform_events (1), lesson_start of platform_events (1)",
        "history",
    }


def test_every_promise_about_events_in_gold_fails_when_it_is_broken(
    events: psycopg.Connection, run: RunCheckpoint
) -> None:
    for name, damage in BROKEN_GOLD.items():
        table = f"gold_candidate.{name.split()[0]}"
        statement = f"update {table} {damage}" if damage.startswith("set") else f"insert into {table} {damage}"
        events.execute(statement.encode())
    assert found(run("gold", sources=OF_EVENTS)) == dict.fromkeys(BROKEN_GOLD, "critical")


def test_what_is_suspicious_of_events_in_gold_is_reported_and_passes(
    events: psycopg.Connection, run: RunCheckpoint
) -> None:
    events.execute(
        "insert into ops.publications (as_of, dag_run_id, candidate_id)"
        " values ('2026-01-30', 'yesterday', gen_random_uuid());"
        " insert into ops.publication_tables select 1, table_name, 99, 0, 0 from information_schema.tables"
        " where table_schema = 'gold_candidate' and table_type = 'BASE TABLE'"
    )
    for _, damage in SUSPECT_GOLD.values():
        events.execute(damage.encode())
    report = run("gold", sources=OF_EVENTS)
    tables = {table.table for table in tables_of("gold", OF_EVENTS)} - MAY_DROP
    drops = {f"{table} expect_no_rows(sudden_drop)" for table in tables}
    assert found(report) == dict.fromkeys([*drops, *SUSPECT_GOLD], "warning")
    assert counts(report).items() >= {name: count for name, (count, _) in SUSPECT_GOLD.items()}.items()
    assert told(report) == {
        "ela of product_events (0 events after 100) and 1 more",
        "2026-01-31",
        "Quick Ratio Below 1.0",
        "2026-01-31 (2 users)",
        "button",
        "banner (7)",
    }


def test_what_is_purged_or_not_taken_in_yet_is_not_lost(events: psycopg.Connection, run: RunCheckpoint) -> None:
    events.execute("update ops.silver_models set max_load_id = 106")
    events.execute("insert into ops.purges (kind, horizon, rows_dropped) values ('raw_events', '2026-01-20', 0)")
    for source in EVENT_SOURCES:
        events.execute(raw_events(source, "2026-01-19T09:00:00Z", 1).encode())
    events.execute(raw_events("web_events", "2026-01-30T09:00:00Z", 1).replace("104", "107").encode())
    assert run("silver", sources=EVENT_SOURCES).findings == ()


def test_an_older_version_of_an_event_that_comes_late_is_not_lost(
    events: psycopg.Connection, run: RunCheckpoint
) -> None:
    run("silver", sources=EVENT_SOURCES)
    events.execute(
        raw_events("platform_events", "2026-01-29T09:00:00Z", 1).replace("'N' || n", "'P1'").replace("101", "106")
    )
    events.execute("update silver.fact_learning_events set _load_id = 106 where event_id = 'P2'")
    events.execute("update ops.silver_models set max_load_id = 106")
    assert run("silver", sources=EVENT_SOURCES).findings == ()


@pytest.mark.parametrize("layer", ["silver", "gold"])
def test_sums_are_not_compared_with_what_a_micro_batch_is_just_changing(
    events: psycopg.Connection, run: RunCheckpoint, layer: Layer
) -> None:
    events.execute(
        f"{FACTS} select 'L1', 'product_events', 'S1', 'd1', 'viewed', true, now(), '2026-01-30', 102".encode()
    )
    events.execute("insert into silver.minute_metrics values ('S1', now(), 'd1', 1, '2026-01-30', 102)")
    events.execute("update silver.product_user_months set event_count = 2")
    events.execute("insert into silver.fact_product_events select * from silver.fact_product_events")
    compared = {"silver": "expect_no_rows(events_of_facts)", "gold": "expect_no_rows(events_of_silver)"}
    assert compared[layer] in {finding.expectation for finding in run(layer, sources=EVENT_SOURCES).findings}
    events.execute(
        "insert into ops.silver_changes (model) select unnest(array['fact_learning_events', 'minute_metrics',"
        " 'fact_product_events', 'product_user_months'])"
    )
    assert run(layer, sources=EVENT_SOURCES).findings == ()


def test_gold_is_not_compared_while_a_dimension_that_it_joins_lacks_what_is_new(
    events: psycopg.Connection, run: RunCheckpoint
) -> None:
    events.execute("insert into silver.fact_product_events select * from silver.fact_product_events")
    compared = {"mart_product_rank", "mart_user_product_activity_weekly"}
    assert found(run("gold", sources=EVENT_SOURCES)).keys() == {
        f"{table} expect_no_rows(events_of_silver)" for table in compared
    }
    events.execute("insert into ops.silver_changes (model) values ('product_user_months')")
    assert run("gold", sources=EVENT_SOURCES).findings == ()
    events.execute("update ops.silver_models set max_change_id = (select max(change_id) from ops.silver_changes)")
    assert run("gold", sources=EVENT_SOURCES).findings == ()


def test_a_late_file_is_compared_with_the_facts_of_its_own_days(events: psycopg.Connection, run: RunCheckpoint) -> None:
    run("silver", sources=EVENT_SOURCES)
    events.execute("update ops.silver_models set max_load_id = 106")
    events.execute(
        f"{FACTS} select 'L' || day, 'web_events', 'S2', 'd' || day, 'app_open', true, day + interval '20 hours', day,"
        " case day when '2025-10-06' then 106 else 104 end"
        " from unnest(array['2025-10-06', '2025-10-08']::date[]) as day".encode()
    )
    events.execute("insert into silver.minute_metrics values ('S2', now(), 'd2025-10-06', 1, '2025-10-06', 106)")
    events.execute("insert into silver.fact_student_activity values ('S2', '2025-10-06', 1, 106)")
    events.execute(
        "insert into silver.fact_user_days values"
        " ('S2', '2025-10-06', 'web_events', 1, 106), ('S2', '2025-10-06', 'all', 1, 106)"
    )
    events.execute(
        "insert into silver.session_metrics select source, user_id, session_id, 0, 1, occurred_at, event_date, 106"
        " from silver.fact_learning_events where event_id = 'L2025-10-06'"
    )
    assert run("silver", sources=EVENT_SOURCES).findings == ()


def test_a_source_whose_first_load_silver_may_not_read_yet_may_be_without_rows(
    events: psycopg.Connection, run: RunCheckpoint
) -> None:
    for table in ("fact_product_events", "product_user_months", "dim_users", "dim_verbs", "dim_objects"):
        events.execute(f"delete from silver.{table}".encode())
    events.execute("delete from silver.fact_learning_events where source = 'product_events'")
    events.execute("update ops.silver_models set max_load_id = 101")
    floors = {name for name in found(run("silver", sources=["product_events"])) if "row_floor" in name}
    assert floors == set()
