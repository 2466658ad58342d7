"""Retention: raw learning events, and what silver counts of them, go when they are older than they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Literal, LiteralString
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql

from include.errors import ToldError
from include.ingestion.event_sources import EVENT_SOURCES
from include.warehouse.connection import SOURCE_LOCK
from include.warehouse.older_rows import OlderRows, older_rows_of_partitions, older_rows_where

FACTS = ("silver.fact_learning_events", "silver.fact_product_events")
"""The raw events of silver, by month of their day."""
OLD_MASTERY: LiteralString = """(learner_id, content_id) in (
    select learner_id, content_id from silver.mastery_attempts
    group by learner_id, content_id having max(partition_date) < {horizon}
)"""
OLD_PROGRESS: LiteralString = """(user_id, unit_id) in (
    select user_id, unit_id from silver.progress_days
    group by user_id, unit_id having max(calendar_date) < {horizon}
)"""
OLD_USERS: LiteralString = """user_id in (
    select user_id from silver.fact_user_days
    group by user_id having max(calendar_date) < {horizon}
)"""
AGGREGATES: Mapping[str, LiteralString] = {
    "silver.minute_metrics": "partition_date < {horizon}",
    "silver.session_metrics": "partition_date < {horizon}",
    "silver.fact_student_activity": "calendar_date < {horizon}",
    "silver.product_user_months": "month_start < {horizon}",
    # First ever, balances and streaks count on all days of a user: they go together, when the last of them is old.
    "silver.user_periods": OLD_USERS,
    "silver.user_day_places": OLD_USERS,
    "silver.fact_milestones": OLD_USERS,
    "silver.miles_days": OLD_USERS,
    "silver.fact_user_days": OLD_USERS,
    # Each row counts on those before it: of a learner and a content all go together, when the last of them is old.
    "silver.mastery_deltas": OLD_MASTERY,
    "silver.mastery_attempts": OLD_MASTERY,
    "silver.fact_learning_progress": OLD_PROGRESS,
    "silver.progress_days": OLD_PROGRESS,
}
"""What silver counts of events, and which of its rows are old, in the order in which they go."""
LOCK_TIMEOUT: LiteralString = "60s"

LAGGING = """
with newest as (
    select max(load_id) as load_id from ops.file_loads
    where status in ('loaded', 'unloaded') and source = any(%(sources)s)
)
select 'silver.' || expected.model
from unnest(%(models)s::text[], %(fingerprints)s::text[]) as expected (model, fingerprint)
cross join newest
where
    newest.load_id is not null
    and not exists (
        select from ops.silver_models as built
        where
            built.model = expected.model
            and built.fingerprint = expected.fingerprint
            and built.max_load_id >= newest.load_id
            and not exists (
                select from ops.silver_changes as change
                where
                    change.change_id > built.max_change_id
                    and (
                        change.model = 'fact_learning_events'
                        or change.model = 'session_metrics' and built.model = 'fact_user_days'
                    )
            )
    )
order by 1
"""
"""The models of silver that are made by something else than is in force, or have not taken in all there is."""
TELL_OF_MONTHS = """
insert into ops.silver_changes (model, student_id, content_id, calendar_date)
select 'product_user_months', user_id, object_id, month_start from silver.product_user_months where month_start < %s
"""
"""So that the next build takes out the users and objects of dim_users and dim_objects of whom nothing is left."""
KEEP_SESSIONS = """
create temporary table at_horizon on commit drop as
with
older as (
    select source, user_id as learner_id, session_id, is_session_derived as is_derived, occurred_at
    from silver.fact_learning_events
    where event_date < %(horizon)s
    union all
    -- Their events are gone since an earlier purge.
    select source, learner_id, session_id, is_derived, last_event_at from ops.sessions_at_horizon
)
select source, learner_id, session_id, bool_or(is_derived) as is_derived, max(occurred_at) as last_event_at
from older
where exists (
    select from silver.fact_learning_events as event
    where
        event.event_date >= %(horizon)s and event.source = older.source
        and event.user_id = older.learner_id and event.session_id = older.session_id
)
group by source, learner_id, session_id
"""


class RetentionError(ToldError):
    """Nothing was purged; the message says why and what to do."""


def first_month_kept(as_of: date, months: int) -> date:
    """The first of the month that lies `months` before that of `as_of`: what is older is not kept."""
    year, month = divmod(as_of.year * 12 + as_of.month - 1 - months, 12)
    return date(year, month + 1, 1)


def purge_raw_events(
    connection: psycopg.Connection,
    horizon: date,
    *,
    zone: ZoneInfo,
    fingerprints: Mapping[str, str],
    dag_run_id: str | None = None,
    dry_run: bool = False,
) -> list[OlderRows]:
    """Take out the raw events of the days before the horizon, in bronze and in the facts of silver; returns what went.

    `fingerprints`: what the models of the domain are made by today. What a seed, a macro or an unload has changed since
    they were built could not be made of purged events any more.

    When an earlier purge has gone further, its horizon counts. The months of bronze are those of UTC, the horizon is
    a midnight in the school's `zone`: what lies before it in the month that it cuts is deleted row by row, for nothing
    of before it may be left. A dry run changes nothing.

    Raises:
        RetentionError: silver has not taken in all events, or loads and builds do not make room, or the horizon is not
            the first of a month: what silver counts by month would lose a part of one.
    """
    if horizon.day != 1:
        raise RetentionError(f"raw events are purged up to the first of a month, not to {horizon}; nothing was purged")
    with _transaction(connection, is_alone=not dry_run):
        horizon = max(horizon, purged_until(connection) or horizon)
        midnight = datetime(horizon.year, horizon.month, horizon.day, tzinfo=zone)
        tables = [*(f"bronze.{source.table}" for source in EVENT_SOURCES), *FACTS]
        older = [rows for table in tables for rows in older_rows_of_partitions(connection, table, horizon, midnight)]
        # A month without a row sets no horizon: history may still be loaded into it.
        if any(rows.rows for rows in older) and not dry_run:
            _require_silver_up_to_date(connection, fingerprints)
            _keep_sessions(connection, horizon)
            _remove(connection, older)
            _record(connection, "raw_events", horizon, dag_run_id, older)
    return older


def purge_aggregates(
    connection: psycopg.Connection, horizon: date, *, dag_run_id: str | None = None, dry_run: bool = False
) -> list[OlderRows]:
    """Delete the rows of the days before the horizon from what silver counts of events; returns what went.

    A dry run changes nothing.

    Raises:
        RetentionError: raw events of before the horizon are still there, or loads and builds do not make room.
    """
    with _transaction(connection, is_alone=not dry_run):
        older = [
            rows
            for table, condition in AGGREGATES.items()
            for rows in older_rows_where(connection, table, sql.SQL(condition).format(horizon=sql.Literal(horizon)))
        ]
        if older and not dry_run:
            _require_no_raw_events(connection, horizon)
            connection.execute(TELL_OF_MONTHS, [horizon])
            _remove(connection, older)
            _record(connection, "aggregates", horizon, dag_run_id, older)
    return older


@contextmanager
def _transaction(connection: psycopg.Connection, *, is_alone: bool) -> Iterator[None]:
    """A transaction; one that is alone waits until nobody loads events or builds silver, and keeps both waiting."""
    try:
        with connection.transaction():
            if is_alone:
                connection.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_TIMEOUT))
                locks = [*sorted(SOURCE_LOCK + source.table for source in EVENT_SOURCES), "rollcall:silver"]
                for lock in locks:
                    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
            yield
    except psycopg.errors.LockNotAvailable:
        raise RetentionError(
            f"nothing was purged: for {LOCK_TIMEOUT} learning events were being loaded, silver was being built, or "
            "somebody was reading what is to go. Try again when they have ended"
        ) from None


def _require_silver_up_to_date(connection: psycopg.Connection, fingerprints: Mapping[str, str]) -> None:
    """Raw events may go when all that silver counts of them is counted."""
    parameters = {
        "models": list(fingerprints),
        "fingerprints": list(fingerprints.values()),
        "sources": [source.table for source in EVENT_SOURCES],
    }
    lagging = connection.execute(LAGGING, parameters).fetchall()
    if lagging:
        raise RetentionError(
            f"{', '.join(name for (name,) in lagging)} have not taken in all learning events of bronze; nothing was "
            "purged. Run student_dbt, or for new events learning_events_ingestion, then purge again"
        )


def _require_no_raw_events(connection: psycopg.Connection, horizon: date) -> None:
    """Aggregates of purged days only may go: a full refresh would bring back the others."""
    there = "select exists (select from silver.fact_learning_events where event_date < %s)"
    if connection.execute(there, [horizon]).fetchall()[0][0]:
        raise RetentionError(
            f"there are raw learning events of before {horizon}, from which a full refresh would make again what is to "
            "be purged; nothing was purged. Purge the raw events first"
        )


def _keep_sessions(connection: psycopg.Connection, horizon: date) -> None:
    """Note the sessions with events on both sides of the horizon: silver could not make them again."""
    if connection.execute("select to_regclass('silver.fact_learning_events')").fetchall()[0][0]:
        connection.execute(KEEP_SESSIONS, {"horizon": horizon})
        connection.execute("delete from ops.sessions_at_horizon")
        connection.execute("insert into ops.sessions_at_horizon select * from at_horizon")


def _remove(connection: psycopg.Connection, older: Sequence[OlderRows]) -> None:
    for rows in older:
        connection.execute(rows.removal)


def purged_until(connection: psycopg.Connection) -> date | None:
    """The day before which raw events are purged; None when nothing ever was."""
    found = connection.execute("select max(horizon) from ops.purges where kind = 'raw_events'").fetchall()
    until: date | None = found[0][0]
    return until


def _record(
    connection: psycopg.Connection,
    kind: Literal["raw_events", "aggregates"],
    horizon: date,
    dag_run_id: str | None,
    older: Sequence[OlderRows],
) -> None:
    connection.execute(
        "insert into ops.purges (kind, horizon, dag_run_id, rows_dropped) values (%s, %s, %s, %s)",
        [kind, horizon, dag_run_id, sum(rows.rows for rows in older)],
    )
    if older:
        # A gold model that is built after it, without a turn, is told that silver has changed.
        connection.execute("insert into ops.silver_changes (model) values ('purge')")
