"""Publishing: gold is built and checked in the schema gold_candidate, and taken over into gold in one transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from include.dbt_command import GoldModel
from include.errors import ToldError
from include.warehouse import early_warning_history
from include.warehouse.gold_tables import CANDIDATE, TableChange, retire, retired, take_over
from include.warehouse.gold_views import clear_the_way, make_view
from include.warehouse.schema import make_missing_schemas
from include.warehouse.silver_changes import newest_change

LOCK_TIMEOUT = "30s"
"""How long a change of columns waits for readers before it gives up; rows are replaced without waiting for anybody."""

RELATION_KINDS = {"r": sql.SQL("table"), "v": sql.SQL("view"), "m": sql.SQL("materialized view")}


class PublishError(ToldError):
    """The candidate may not be published; gold is as it was. The message says why."""


def begin_candidate(connection: psycopg.Connection, *, dag_run_id: str, as_of: date) -> None:
    """Make an empty gold_candidate that belongs to one run; what the one before it left there is dropped."""
    with connection.transaction():
        claim_candidate(connection, dag_run_id=dag_run_id, as_of=as_of)
        _empty_candidate(connection)


def claim_candidate(connection: psycopg.Connection, *, dag_run_id: str, as_of: date) -> None:
    """Make gold_candidate, with what is in it, one run's: no other run can publish it any more.

    Its mark holds the newest change of silver: what changes from now on, be it by another run, may come too late for
    this candidate, and is not what its publication stands for. Waits for whoever changes silver at this moment.
    """
    with connection.transaction():
        max_change_id = newest_change(connection)
        _lock(connection)
        make_missing_schemas(connection, [CANDIDATE])
        mark = {
            "candidate_id": str(uuid4()),
            "dag_run_id": dag_run_id,
            "as_of": as_of.isoformat(),
            "max_change_id": max_change_id,
        }
        connection.execute(
            sql.SQL("comment on schema {} is {}").format(sql.Identifier(CANDIDATE), sql.Literal(json.dumps(mark)))
        )


def _empty_candidate(connection: psycopg.Connection) -> None:
    """Drop the tables and views; the schema itself may be an administrator's gift, which we could not make again."""
    relations = connection.execute(
        "select relname, relkind::text from pg_class"
        " where relnamespace = to_regnamespace(%s) and relkind in ('r', 'v', 'm')",
        [CANDIDATE],
    ).fetchall()
    for name, kind in relations:
        connection.execute(
            sql.SQL("drop {} if exists {} cascade").format(RELATION_KINDS[kind], sql.Identifier(CANDIDATE, name))
        )


def publish(
    connection: psycopg.Connection,
    *,
    dag_run_id: str,
    as_of: date,
    models: Collection[GoldModel],
) -> list[TableChange]:
    """Make each gold table equal to its candidate in one transaction; returns what changed, table by table.

    `models`: all tables of gold, and its views, which read them. Publishing a candidate again changes nothing and
    succeeds.

    Raises:
        PublishError: the candidate is another run's, or not complete, or a change of columns is held up by a reader.
    """
    keys = {model.name: model.key for model in models if not model.is_view}
    views = [model.name for model in models if model.is_view]
    try:
        with connection.transaction():
            _lock(connection)
            mark = _mark_of(connection, dag_run_id, as_of)
            published = _published(connection, mark["candidate_id"])
            if published is not None:
                return published
            _require_complete(connection, tables=keys, views=views)
            changes = _make_equal(connection, keys, views)
            publication_id = _record(connection, mark, changes)
            if early_warning_history.TABLE in keys:
                early_warning_history.append_early_warnings(connection, publication_id)
            return changes
    except psycopg.errors.LockNotAvailable:
        raise PublishError(
            f"the columns of a gold table change, and a reader has held that table for {LOCK_TIMEOUT}: "
            "end long transactions on schema gold, then clear this task"
        ) from None
    except (psycopg.errors.DependentObjectsStillExist, psycopg.errors.FeatureNotSupported) as error:
        raise PublishError(
            f"a gold table or view is dropped, or loses or changes a column, that a view of yours uses "
            f"({error.diag.message_primary}): change that view first, then clear this task"
        ) from None


def candidate_as_of(connection: psycopg.Connection) -> date | None:
    """The day that the present candidate is made for, None when there is none."""
    as_of = _mark(connection).get("as_of")
    return date.fromisoformat(as_of) if as_of else None


def _lock(connection: psycopg.Connection) -> None:
    connection.execute("select pg_advisory_xact_lock(hashtext('rollcall:publish'))")
    connection.execute(sql.SQL("set local lock_timeout to {}").format(sql.Literal(LOCK_TIMEOUT)))
    # Tables are compared whole.
    connection.execute("set local work_mem to '64MB'")


def _mark(connection: psycopg.Connection) -> dict[str, Any]:
    row = connection.execute(
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s", [CANDIDATE]
    ).fetchone()
    return dict(json.loads(row[0])) if row and row[0] else {}


def _mark_of(connection: psycopg.Connection, dag_run_id: str, as_of: date) -> dict[str, Any]:
    mark = _mark(connection)
    if (mark.get("dag_run_id"), mark.get("as_of")) != (dag_run_id, as_of.isoformat()):
        raise PublishError(
            f"{CANDIDATE} belongs to run {mark.get('dag_run_id')} as of {mark.get('as_of')}, not to {dag_run_id} "
            f"as of {as_of}: run student_dbt from its first task"
        )
    return mark


def _make_equal(
    connection: psycopg.Connection, keys: Mapping[str, Sequence[str]], views: Collection[str]
) -> list[TableChange]:
    to_be_made = clear_the_way(connection, views)
    changes = [take_over(connection, table, list(key)) for table, key in sorted(keys.items())]
    changes += [retire(connection, table) for table in retired(connection, keys)]
    for view in to_be_made:
        make_view(connection, view)
    return changes


def _published(connection: psycopg.Connection, candidate_id: str) -> list[TableChange] | None:
    row = connection.execute(
        "select publication_id from ops.publications where candidate_id = %s", [candidate_id]
    ).fetchone()
    if row is None:
        return None
    rows = connection.execute(
        "select table_name, rows_added, rows_changed, rows_removed from ops.publication_tables"
        " where publication_id = %s order by table_name",
        row,
    )
    return [TableChange(*values) for values in rows]


def _require_complete(connection: psycopg.Connection, *, tables: Iterable[str], views: Iterable[str]) -> None:
    wanted = {(name, "table") for name in tables} | {(name, "view") for name in views}
    built = set(
        connection.execute(
            "select tablename, 'table' from pg_tables where schemaname = %(schema)s"
            " union all select viewname, 'view' from pg_views where schemaname = %(schema)s",
            {"schema": CANDIDATE},
        )
    )
    if built != wanted:
        missing = ", ".join(f"{kind} {name}" for name, kind in sorted(wanted - built)) or "none"
        unknown = ", ".join(f"{kind} {name}" for name, kind in sorted(built - wanted)) or "none"
        raise PublishError(f"{CANDIDATE} is not what the models make: missing: {missing}; unknown: {unknown}")


def _record(connection: psycopg.Connection, mark: Mapping[str, Any], changes: list[TableChange]) -> int:
    row = connection.execute(
        "insert into ops.publications (as_of, dag_run_id, candidate_id, max_change_id) values"
        " (%(as_of)s, %(dag_run_id)s, %(candidate_id)s, %(max_change_id)s) returning publication_id",
        mark,
    ).fetchone()
    assert row is not None  # noqa: S101 - insert … returning gives a row
    for change in changes:
        connection.execute(
            "insert into ops.publication_tables (publication_id, table_name, rows_added, rows_changed, rows_removed)"
            " values (%s, %s, %s, %s, %s)",
            [row[0], change.table, change.rows_added, change.rows_changed, change.rows_removed],
        )
    return int(row[0])
