"""The SQL that casts the text cells of a raw table to the contract's types, and gives every reason against a row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from psycopg import sql

from include.ingestion.canonical import name_as_read
from include.ingestion.latest import Latest
from include.ingestion.raw_table import RawTable
from include.ingestion.spec import Column, ColumnType, Source
from include.warehouse.schema import POSTGRES_TYPES

# pg_input_is_valid alone accepts now, J2451187, 0x1F, 1_000, NaN and tr, so each type also has a strict pattern.
PATTERNS: dict[ColumnType, str] = {
    "int": r"^[+-]?\d{1,19}$",
    "numeric": r"^[+-]?(\d+(\.\d*)?|\.\d+)$",
    "date": r"^\d{4}-\d\d-\d\d$",
    "timestamp": (r"^\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d(:?[0-5]\d)?)?$"),
    "bool": r"^(true|false|yes|no|1|0)$",
    "json": r"^\{",
}
BLANKS = sql.SQL(r"E' \t\r\n'")
LAST_TIMESTAMP = "9999-01-01 00:00:00+00"
"""First time that is refused: silver ends what is still valid on 9999-12-31, and no real record comes near it."""
MAX_ID_LENGTH = 255
"""Characters of an id or key: a Postgres index holds at most 2,704 bytes of one."""


def judged_insert(source: Source, raw: RawTable, typed: sql.Identifier, latest: Latest, longest: int) -> sql.Composed:
    """The statement that puts the records of a raw table into the typed one, with every reason against each.

    `latest`: what is accepted last in columns that declare `earliest`. `longest`: bytes of a cell at most.
    """
    more = [sql.Identifier(f"x{position}") for position in range(len(raw.undeclared))]
    columns = [*map(_name, source.columns), *(more or [sql.Identifier("_extra")])]
    places = [*(sql.Identifier(name_as_read(column)) for column in source.columns), *columns[len(source.columns) :]]
    return sql.SQL(
        """insert into {typed} (_record, _line, _raw, reasons, {places})
with

trimmed as (

{trimmed}

),

typed as (

{cast}

),

judged as (

{judged}

)

select
    _record,
    _line,
    _raw,
    reasons,
    {columns}
from judged
order by _record"""
    ).format(
        typed=typed,
        trimmed=_trimmed_rows(source, raw),
        cast=_typed_rows(source, raw),
        judged=_judged_rows(source, raw, latest, longest),
        places=sql.SQL(",\n    ").join(places),
        columns=sql.SQL(",\n    ").join(columns),
    )


def _trimmed_rows(source: Source, raw: RawTable) -> sql.Composed:
    return sql.SQL(
        """    select
        _record,
        _line,
        _problem,
        _raw,
        {trimmed},
        {extra}
    from {raw}"""
    ).format(trimmed=_list(_trimmed(column, raw) for column in source.columns), extra=_extra(raw), raw=raw.table)


def _typed_rows(source: Source, raw: RawTable) -> sql.Composed:
    more = [f"x{position}" for position in range(len(raw.undeclared))] or ["_extra"]
    return sql.SQL(
        """    select
        cells._record,
        cells._line,
        cells._problem,
        cells._raw,
        {more},
        {cells},
        {typed}
    from trimmed as cells"""
    ).format(
        more=_list(sql.Identifier("cells", name) for name in more),
        cells=_list(sql.SQL("cells.{} as {}").format(_name(column), _cell(column)) for column in source.columns),
        typed=_list(sql.SQL("{} as {}").format(_typed(column), _name(column)) for column in source.columns),
    )


def _judged_rows(source: Source, raw: RawTable, latest: Latest, longest: int) -> sql.Composed:
    checks = [check for column in source.columns for check in _checks(column, latest)]
    return sql.SQL(
        """    select
        *,
        case
            when _problem is not null then array[_problem]
            else array_remove(array[
                {checks}
            ]::text[], null)
        end as reasons
    from typed"""
    ).format(checks=sql.SQL(",\n                ").join([*checks, _length_check(source, raw, longest)]))


def _trimmed(column: Column, raw: RawTable) -> sql.Composed:
    place = raw.cells[column.name]
    if place is None:
        return sql.SQL("null::text as {}").format(_name(column))
    text = _trim(sql.Identifier(place))
    upper = sql.SQL("upper({})").format(text) if column.upper else text
    return sql.SQL("{} as {}").format(upper, _name(column))


def _trim(cell: sql.Identifier) -> sql.Composed:
    return sql.SQL("nullif(nullif(btrim({}, {}), ''), '\\N')").format(cell, BLANKS)


def _extra(raw: RawTable) -> sql.Composable:
    """The undeclared cells of a CSV, or the undeclared keys of a JSON record."""
    if not raw.undeclared:
        return sql.SQL("_extra::jsonb as _extra") if raw.has_extra else sql.SQL("null::jsonb as _extra")
    return _list(
        sql.SQL("{} as {}").format(_trim(sql.Identifier(cell)), sql.Identifier(f"x{position}"))
        for position, cell in enumerate(raw.undeclared.values())
    )


def _typed(column: Column) -> sql.Composed:
    cell = sql.SQL("cells.{}").format(_name(column))
    if column.type == "text":
        return sql.SQL("{}").format(cell)
    kind = sql.SQL(POSTGRES_TYPES[column.type])
    text = sql.SQL("lower({})").format(cell) if column.type == "bool" else cell
    return sql.SQL("case when {} ~ {} and pg_input_is_valid({}, {}) then {}::{} end").format(
        text, sql.Literal(PATTERNS[column.type]), text, sql.Literal(POSTGRES_TYPES[column.type]), text, kind
    )


def _checks(column: Column, latest: Latest) -> list[sql.Composed]:
    """One expression for each rule of a column: NULL, or the reason against the row."""
    name, cell = _name(column), _cell(column)
    conditions: list[tuple[sql.Composable, str]] = []
    if column.required:
        conditions.append((sql.SQL("{} is null").format(cell), "missing"))
    if column.type != "text":
        conditions.append((sql.SQL("{} is not null and {} is null").format(cell, name), "bad_type"))
    if column.allowed:
        conditions.append((sql.SQL("{} <> all ({})").format(name, sql.Literal(list(column.allowed()))), "not_allowed"))
    bounds = _bounds(column, latest)
    if bounds:
        conditions.append((sql.SQL("not ({})").format(sql.SQL(" and ").join(bounds)), "out_of_range"))
    return [
        sql.SQL("case when {} then {} end").format(condition, sql.Literal(f"{reason}:{column.name}"))
        for condition, reason in conditions
    ]


def _length_check(source: Source, raw: RawTable, longest: int) -> sql.Composed:
    """Of the key and of every id, for they are indexed; and of every cell."""
    more: list[sql.Composable] = [sql.Identifier(name) for name in _undeclared(raw)] or [sql.SQL("_extra::text")]
    cells = sql.SQL(", ").join(
        sql.SQL("octet_length({})").format(cell) for cell in [*map(_cell, source.columns), *more]
    )
    lengths = sql.SQL(", ").join(
        sql.SQL("length({})").format(_cell(column)) for column in source.columns if source.is_id(column.name)
    )
    return sql.SQL("case when greatest({}) > {} or greatest({}) > {} then 'too_long' end").format(
        lengths, sql.Literal(MAX_ID_LENGTH), cells, sql.Literal(longest)
    )


def _undeclared(raw: RawTable) -> list[str]:
    """The columns of the typed table for the undeclared cells of a CSV."""
    return [f"x{position}" for position in range(len(raw.undeclared))]


def _bounds(column: Column, latest: Latest) -> list[sql.Composed]:
    name = _name(column)
    bounds = []
    if column.above is not None:
        bounds.append(sql.SQL("{} > {}").format(name, sql.Literal(column.above)))
    if column.at_least is not None:
        bounds.append(sql.SQL("{} >= {}").format(name, sql.Literal(column.at_least)))
    if column.at_most is not None:
        most = sql.Identifier(column.at_most) if isinstance(column.at_most, str) else sql.Literal(column.at_most)
        bounds.append(sql.SQL("coalesce({} <= {}, true)").format(name, most))
    if column.type == "timestamp":
        bounds.append(sql.SQL("{} < {}::timestamptz").format(name, sql.Literal(LAST_TIMESTAMP)))
    if column.earliest is not None:
        bounds.append(_dated(column, column.earliest, latest))
    return bounds


def _dated(column: Column, earliest: date, latest: Latest) -> sql.Composed:
    if column.type == "timestamp":
        kind, first, last = "timestamptz", f"{earliest} 00:00:00+00", latest.time.isoformat()
    else:
        kind, first, last = "date", earliest.isoformat(), latest.day.isoformat()
    return sql.SQL("{name} between {first}::{kind} and {last}::{kind}").format(
        name=_name(column), first=sql.Literal(first), last=sql.Literal(last), kind=sql.SQL(kind)
    )


def _cell(column: Column) -> sql.Identifier:
    """The name under which the trimmed text of a column stands beside its typed value."""
    return sql.Identifier(f"{column.name} as text")


def _name(column: Column) -> sql.Identifier:
    return sql.Identifier(column.name)


def _list(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(",\n        ").join(parts)
