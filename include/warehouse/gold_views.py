"""The views of gold: made by publications in schema gold, of what their candidates say, on the tables of gold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.warehouse.gold_tables import CANDIDATE, GOLD, OURS, columns_of

Grants = Sequence[tuple[str, str, bool]]
"""Who may do what to a view, and whether also grant it; who is empty for everybody."""


@dataclass(frozen=True)
class WantedView:
    """A view that is missing from gold, or is not what its candidate says."""

    name: str
    definition: str
    is_there: bool
    grants: Grants


def clear_the_way(connection: psycopg.Connection, views: Collection[str]) -> list[WantedView]:
    """Free the tables of gold from those of our views that are to change or to go; returns which are to be made.

    A view that only gains columns stays, with grants and what users have built on it, as a view on nothing until
    `make_view`. Another one is dropped.
    """
    live = _views_of_ours(connection)
    for name in sorted(live - set(views)):
        connection.execute(sql.SQL("drop view {}").format(sql.Identifier(GOLD, name)))
    return [
        _cleared(connection, name, is_there=name in live)
        for name in sorted(views)
        if name not in live or not _is_as_wanted(connection, name)
    ]


def make_view(connection: psycopg.Connection, view: WantedView) -> None:
    """Make a view in gold, or give the one that is there its definition."""
    name = sql.Identifier(GOLD, view.name)
    create = sql.SQL("create or replace view {} as ") if view.is_there else sql.SQL("create view {} as ")
    with _looking_into(connection, GOLD):
        connection.execute(create.format(name) + sql.SQL(view.definition))
    connection.execute(sql.SQL("comment on view {} is {}").format(name, sql.Literal(OURS)))
    for grantee, privilege, is_grantable in view.grants:
        connection.execute(
            sql.SQL("grant {} on {} to {}{}").format(
                sql.SQL(privilege),
                name,
                sql.Identifier(grantee) if grantee else sql.SQL("public"),
                sql.SQL(" with grant option" if is_grantable else ""),
            )
        )


def _views_of_ours(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute(
        "select relname from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace"
        " where nspname = %s and relkind = 'v' and obj_description(pg_class.oid, 'pg_class') = %s",
        [GOLD, OURS],
    )
    return {name for (name,) in rows}


def _is_as_wanted(connection: psycopg.Connection, name: str) -> bool:
    is_same = _definition(connection, GOLD, name) == _definition(connection, CANDIDATE, name)
    return is_same and columns_of(connection, GOLD, name) == columns_of(connection, CANDIDATE, name)


def _definition(connection: psycopg.Connection, schema: str, name: str) -> str:
    """The query of a view; what is of its own schema stands in it without the name of the schema."""
    with _looking_into(connection, schema):
        row = connection.execute(
            "select pg_get_viewdef(to_regclass(format('%%I.%%I', %s::text, %s::text)))", [schema, name]
        ).fetchone()
    assert row is not None  # noqa: S101 - a query without FROM gives a row
    return str(row[0])


@contextmanager
def _looking_into(connection: psycopg.Connection, schema: str) -> Iterator[None]:
    """What is named without a schema is of this one."""
    before = connection.execute("select current_setting('search_path')").fetchone()
    connection.execute("select set_config('search_path', quote_ident(%s), true)", [schema])
    yield
    connection.execute("select set_config('search_path', %s, true)", before)


def _cleared(connection: psycopg.Connection, name: str, *, is_there: bool) -> WantedView:
    definition = _definition(connection, CANDIDATE, name)
    if not is_there:
        return WantedView(name, definition, is_there=False, grants=())
    view = sql.Identifier(GOLD, name)
    live = columns_of(connection, GOLD, name)
    wanted = columns_of(connection, CANDIDATE, name)
    if list(wanted.items())[: len(live)] == list(live.items()):
        nothing = (
            sql.SQL("null::{} as {}").format(sql.SQL(kind), sql.Identifier(column)) for column, kind in live.items()
        )
        connection.execute(sql.SQL("create or replace view {} as select {}").format(view, sql.SQL(", ").join(nothing)))
        return WantedView(name, definition, is_there=True, grants=())
    grants = _grants(connection, name)
    connection.execute(sql.SQL("drop view {}").format(view))
    return WantedView(name, definition, is_there=False, grants=grants)


def _grants(connection: psycopg.Connection, name: str) -> Grants:
    """What others than the owner may do to a view of gold."""
    return connection.execute(
        "select coalesce(rolname, ''), privilege_type, is_grantable from pg_class"
        " cross join aclexplode(relacl) as granted left join pg_roles on pg_roles.oid = grantee"
        " where pg_class.oid = to_regclass(format('%%I.%%I', %s::text, %s::text)) and grantee <> relowner",
        [GOLD, name],
    ).fetchall()
