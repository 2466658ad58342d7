"""The rows of a file as typed values: where COPY puts those that are good beyond doubt, and SQL the judged ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from include.ingestion.canonical import key_text, name_as_read, normal_form
from include.ingestion.spec import Column, Layout, Source
from include.warehouse.queries import names
from include.warehouse.schema import POSTGRES_TYPES

EXTRA_OF_CELLS = sql.SQL("nullif(jsonb_strip_nulls(jsonb_object({}, array[{}])), '{{}}'::jsonb)")

ALWAYS = sql.SQL("true")


@dataclass(frozen=True)
class SureRows:
    """Rows that a table takes as they stand: CSV text, each row with its line before it."""

    text: str
    count: int


@dataclass(frozen=True)
class Target:
    """Where COPY puts sure rows. `columns`: the line, then those of the file, then those of `tail`.

    `tail`: what stands behind each row, the same for all, as CSV.
    """

    table: sql.Identifier
    columns: tuple[str, ...]
    tail: str = ""


def create_typed(
    connection: psycopg.Connection, source: Source, layout: Layout, name: str
) -> tuple[sql.Identifier, Target]:
    """The temporary table for the rows of a file with that layout, and the target for its sure rows.

    Its columns: `_record` (of judged rows) and `_line`, the contract's, `_raw` (of judged rows), `_extra`, `reasons`,
    `is_accepted` and `key`; and, of the columns that have a normal form, the text that was read.
    """
    undeclared = [name for name in layout.header if name not in source.column_names]
    places = {name: f"x{position}" for position, name in enumerate(undeclared)}
    extra = EXTRA_OF_CELLS.format(sql.Literal(undeclared), names(places.values())) if places else None
    table = sql.Identifier(name)
    columns = [
        sql.SQL("_record bigint, _line bigint, _raw bytea, reasons text[] not null default '{{}}'").format(),
        # The planner takes a boolean for true in every other row, and `reasons = '{{}}'` for a rarity.
        sql.SQL("is_accepted boolean generated always as (reasons = '{{}}') stored").format(),
        *(definition for column in source.columns for definition in _definitions(column)),
        *(sql.SQL("{} text").format(sql.Identifier(place)) for place in places.values()),
        sql.SQL("_extra jsonb {}").format(_generated(extra) if extra else sql.SQL("")),
        sql.SQL("key text {}").format(_generated(_key(source))),
    ]
    connection.execute(
        sql.SQL("create temporary table {} ({}) on commit drop").format(table, sql.SQL(", ").join(columns))
    )
    places |= {column.name: name_as_read(column) for column in source.columns}
    more = ("_extra",) if layout.has_extra else ()
    return table, Target(table, ("_line", *(places[name] for name in layout.header), *more))


def _definitions(column: Column) -> Iterator[sql.Composed]:
    """The column of the table for one of the contract; and one before it, when it is stored otherwise than read."""
    if column.has_normal_form:
        yield sql.SQL("{} text").format(sql.Identifier(name_as_read(column)))
        yield sql.SQL("{} text {}").format(sql.Identifier(column.name), _generated(normal_form(column)))
    else:
        yield sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(POSTGRES_TYPES[column.type]))


def _key(source: Source) -> sql.Composed:
    """The key of a row; NULL when a part of it cannot be read."""
    key = key_text(source, as_read=True)
    parts = (source.column(name) for name in source.key)
    # A part that may be NULL is so too when it has the wrong type.
    unread = [f"bad_type:{part.name}" for part in parts if not part.required and part.type != "text"]
    return sql.SQL("case when not reasons && {} then {} end").format(sql.Literal(unread), key) if unread else key


def copy_sure(connection: psycopg.Connection, target: Target, pieces: Iterator[SureRows]) -> int:
    """The sure rows into the target; returns how many."""
    count = 0
    command = sql.SQL("copy {} ({}) from stdin (format csv, force_null ({}))").format(
        target.table, names(target.columns), names(target.columns)
    )
    with connection.cursor().copy(command) as copy:
        for rows in pieces:
            count += rows.count
            copy.write(rows.text)
    return count


def insert_accepted(
    source: Source, table: sql.Identifier, typed: sql.Identifier, condition: sql.Composable = ALWAYS
) -> sql.Composed:
    """Inserts those of the accepted rows that meet the condition into a table of bronze, the first line of a key first.

    In the order of the keys, so that neighbours go to one page of the index.

    Parameters: load_id, ingested_at, source_file.
    """
    return sql.SQL(
        """insert into {table} ({columns}, _load_id, _ingested_at, _source_file, _source_line, _extra)
select {columns}, %(load_id)s, %(ingested_at)s, %(source_file)s, _line, _extra
from {typed}
where is_accepted and {condition}
order by {key}, _line"""
    ).format(
        table=table,
        columns=names(source.column_names),
        typed=typed,
        condition=condition,
        key=names(("key",) if source.key_is_hashed else source.key),
    )


def _generated(expression: sql.Composable) -> sql.Composed:
    return sql.SQL("generated always as ({}) stored").format(expression)
