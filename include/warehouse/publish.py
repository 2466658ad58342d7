"""Publishing: gold is built and checked in the schema gold_candidate, and taken over into gold in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString
from uuid import uuid4

import psycopg
from psycopg import sql

CANDIDATE = "gold_candidate"
GOLD = "gold"
LOCK_TIMEOUT = "30s"
"""How long a change of columns waits for readers before it gives up; rows are replaced without waiting for anybody."""

Columns = dict[str, str]


class PublishError(RuntimeError):
    """The candidate may not be published; gold is as it was. The message says why."""


@dataclass(frozen=True)
class TableChange:
    """What a publication did to one gold table, in rows."""

    table: str
    rows_added: int
    rows_changed: int
    rows_removed: int


def begin_candidate(connection: psycopg.Connection, *, dag_run_id: str, as_of: date) -> None:
    """Make an empty gold_candidate that belongs to one run; the one before it is dropped."""
    mark = json.dumps({"candidate_id": str(uuid4()), "dag_run_id": dag_run_id, "as_of": as_of.isoformat()})
    schema = sql.Identifier(CANDIDATE)
    with connection.transaction():
        _lock(connection)
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(schema))
        connection.execute(sql.SQL("create schema {}").format(schema))
        connection.execute(sql.SQL("comment on schema {} is {}").format(schema, sql.Literal(mark)))


def publish(
    connection: psycopg.Connection, *, dag_run_id: str, as_of: date, keys: Mapping[str, Sequence[str]]
) -> list[TableChange]:
    """Make each gold table equal to its candidate in one transaction; returns what changed, table by table.

    `keys`: the key columns of every gold table. Publishing a candidate again changes nothing and succeeds.

    Raises:
        PublishError: the candidate is another run's, or not complete, or a change of columns is held up by a reader.
    """
    try:
        with connection.transaction():
            _lock(connection)
            candidate_id = _candidate_of(connection, dag_run_id, as_of)
            published = _published(connection, candidate_id)
            if published is not None:
                return published
            _require_complete(connection, keys)
            changes = [_take_over(connection, table, list(key)) for table, key in sorted(keys.items())]
            _record(connection, candidate_id, dag_run_id, as_of, changes)
            return changes
    except psycopg.errors.LockNotAvailable:
        raise PublishError(
            f"the columns of a gold table change, and a reader has held that table for {LOCK_TIMEOUT}: "
            "end long transactions on schema gold, then clear this task"
        ) from None
    except psycopg.errors.DependentObjectsStillExist as error:
        raise PublishError(
            f"a gold table loses or changes a column that another view or table uses ({error.diag.message_primary}): "
            "change that view first, then clear this task"
        ) from None


def _lock(connection: psycopg.Connection) -> None:
    connection.execute("select pg_advisory_xact_lock(hashtext('rollcall:publish'))")
    connection.execute(sql.SQL("set local lock_timeout to {}").format(sql.Literal(LOCK_TIMEOUT)))


def _candidate_of(connection: psycopg.Connection, dag_run_id: str, as_of: date) -> str:
    row = connection.execute(
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = %s", [CANDIDATE]
    ).fetchone()
    mark = json.loads(row[0]) if row and row[0] else {}
    if (mark.get("dag_run_id"), mark.get("as_of")) != (dag_run_id, as_of.isoformat()):
        raise PublishError(
            f"{CANDIDATE} belongs to run {mark.get('dag_run_id')} as of {mark.get('as_of')}, not to {dag_run_id} "
            f"as of {as_of}: run student_dbt from its first task"
        )
    return str(mark["candidate_id"])


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


def _require_complete(connection: psycopg.Connection, keys: Mapping[str, Sequence[str]]) -> None:
    built = {
        name for (name,) in connection.execute("select tablename from pg_tables where schemaname = %s", [CANDIDATE])
    }
    if built != set(keys):
        missing = ", ".join(sorted(set(keys) - built)) or "none"
        unknown = ", ".join(sorted(built - set(keys))) or "none"
        raise PublishError(f"{CANDIDATE} is not what the models make: missing tables: {missing}; unknown: {unknown}")


def _take_over(connection: psycopg.Connection, table: str, key: list[str]) -> TableChange:
    columns = _columns(connection, CANDIDATE, table)
    _adapt_columns(connection, table, columns, key)
    parts = {
        "gold": sql.Identifier(GOLD, table),
        "candidate": sql.Identifier(CANDIDATE, table),
        "names": _names(columns),
        "same_key": _pairs("{} = {}", key),
        "same_row": _pairs("{} is not distinct from {}", columns),
    }
    (removed,) = connection.execute(
        sql.SQL(
            "select count(*) from {gold} as live where not exists (select from {candidate} as built where {same_key})"
        ).format(**parts)
    ).fetchone() or (0,)
    outdated = connection.execute(
        sql.SQL(
            "delete from {gold} as live"
            " where not exists (select from {candidate} as built where {same_key} and {same_row})"
        ).format(**parts)
    ).rowcount
    written = connection.execute(
        sql.SQL(
            "insert into {gold} ({names}) select {names} from {candidate} as built"
            " where not exists (select from {gold} as live where {same_key})"
        ).format(**parts)
    ).rowcount
    changed = outdated - removed
    return TableChange(table, rows_added=written - changed, rows_changed=changed, rows_removed=removed)


def _adapt_columns(connection: psycopg.Connection, table: str, wanted: Columns, key: list[str]) -> None:
    """Bring the columns of a gold table to those of its candidate; nothing is done, nor locked, when they are equal."""
    gold = sql.Identifier(GOLD, table)
    present = _columns(connection, GOLD, table)
    if not present:
        connection.execute(
            sql.SQL("create table {} (like {}, primary key ({}))").format(
                gold, sql.Identifier(CANDIDATE, table), _names(key)
            )
        )
        return
    changes: list[sql.Composed] = []
    for name in present.keys() - wanted.keys():
        changes.append(sql.SQL("drop column {}").format(sql.Identifier(name)))
    for name, kind in wanted.items():
        if name not in present:
            changes.append(sql.SQL("add column {} {}").format(sql.Identifier(name), sql.SQL(kind)))
        elif present[name] != kind:
            changes.append(
                sql.SQL("alter column {0} type {1} using {0}::text::{1}").format(sql.Identifier(name), sql.SQL(kind))
            )
    if changes:
        connection.execute(sql.SQL("alter table {} {}").format(gold, sql.SQL(", ").join(changes)))


def _columns(connection: psycopg.Connection, schema: str, table: str) -> Columns:
    """The columns of a table in their order, with their types; empty when there is no such table."""
    return dict(
        connection.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text)) and attnum > 0 and not attisdropped"
            " order by attnum",
            [schema, table],
        ).fetchall()
    )


def _record(
    connection: psycopg.Connection, candidate_id: str, dag_run_id: str, as_of: date, changes: list[TableChange]
) -> None:
    row = connection.execute(
        "insert into ops.publications (as_of, dag_run_id, candidate_id) values (%s, %s, %s) returning publication_id",
        [as_of, dag_run_id, candidate_id],
    ).fetchone()
    assert row is not None  # noqa: S101 - insert … returning gives a row
    for change in changes:
        connection.execute(
            "insert into ops.publication_tables (publication_id, table_name, rows_added, rows_changed, rows_removed)"
            " values (%s, %s, %s, %s, %s)",
            [row[0], change.table, change.rows_added, change.rows_changed, change.rows_removed],
        )


def _names(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def _pairs(comparison: LiteralString, names: Iterable[str]) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL(comparison).format(sql.Identifier("live", name), sql.Identifier("built", name)) for name in names
    )
