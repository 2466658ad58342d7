"""What makes two rows the same: the text of a key, and the hash of a row, as expressions that Postgres can generate.

Only immutable functions stand in them, so that a table can generate its own `_row_hash`: nothing that loads rows can
get it wrong.
"""

from __future__ import annotations

from psycopg import sql

from include.ingestion.spec import Column, ColumnType, Source

SEPARATOR = "\x1a"
"""A character that no accepted text holds."""
SAME_TEXT: dict[ColumnType, sql.SQL] = {
    "text": sql.SQL("{}"),
    "int": sql.SQL("{}::text"),
    "numeric": sql.SQL("trim_scale({})::text"),
    "bool": sql.SQL("{}::text"),
    "date": sql.SQL("encode(date_send({}), 'hex')"),
    "timestamp": sql.SQL("encode(timestamptz_send({}), 'hex')"),
}
"""Equal values give equal texts, whatever the session's settings; of dates and times the text is their binary form."""
DATE_TEXT = sql.SQL(
    "lpad(date_part('year', {})::int::text, 4, '0') || '-' || lpad(date_part('month', {})::int::text, 2, '0')"
    " || '-' || lpad(date_part('day', {})::int::text, 2, '0')"
)


def row_hash(source: Source, table: str | None = None) -> sql.Composed:
    """The MD5, 16 bytes, of the values of a row, its undeclared ones included.

    First the required columns in contract order; then those that are not NULL of the others, each with its name, so
    that a row keeps its hash when the contract gets a new column.
    """
    separator = sql.Literal(SEPARATOR)
    required = [_text(column, table) for column in source.columns if column.required]
    others = [
        sql.SQL("coalesce({} || {}, '')").format(sql.Literal(f"{SEPARATOR}{column.name}="), _text(column, table))
        for column in source.columns
        if not column.required
    ]
    extra_part = sql.SQL("coalesce({} || ({})::text, '')").format(separator, _value("_extra", table))
    parts = [required[0], *(sql.SQL("{} || {}").format(separator, text) for text in required[1:])]
    return sql.SQL("decode(md5({}), 'hex')").format(sql.SQL(" || ").join([*parts, *others, extra_part]))


def key_text(source: Source, table: str | None = None) -> sql.Composed:
    """The key of a typed row as one text, different for different keys: parts with `|` between them.

    NULL when a part has no value of its type. A `|` within a part of several is escaped, with a backslash.
    """
    parts = [_key_part(source.column(name), table) for name in source.key]
    if len(parts) == 1:
        return parts[0]
    escaped = (sql.SQL(r"regexp_replace({}, '([\\|])', '\\\1', 'g')").format(part) for part in parts)
    return sql.SQL(" || '|' || ").join(escaped)


def same_content(source: Source, left: str, right: str) -> sql.Composed:
    """That the rows of two tables hold the same, as their hashes would say."""
    return sql.SQL("({}) is not distinct from ({})").format(
        *(
            sql.SQL(", ").join(
                [
                    *(sql.Identifier(table, column) for column in source.column_names),
                    sql.SQL("{}::text").format(sql.Identifier(table, "_extra")),
                ]
            )
            for table in (left, right)
        )
    )


def _text(column: Column, table: str | None) -> sql.Composed:
    return SAME_TEXT[column.type].format(_value(column.name, table))


def _key_part(column: Column, table: str | None) -> sql.Composed:
    value = _value(column.name, table)
    return DATE_TEXT.format(value, value, value) if column.type == "date" else SAME_TEXT[column.type].format(value)


def _value(name: str, table: str | None) -> sql.Identifier:
    return sql.Identifier(table, name) if table else sql.Identifier(name)
