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
    # The readers have given each number its one form.
    "json": sql.SQL("{}::text"),
}
"""Equal values give equal texts, whatever the session's settings; of dates and times the text is their binary form."""
NOTHING = "∅"
"""Stands for NULL in a hashed key."""
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


def key_text(source: Source, table: str | None = None, *, as_read: bool = False) -> sql.Composed:
    """The key of a typed row as one text, different for different keys: parts with `|` between them, or their hash.

    NULL when a required part has no value of its type. A `|` within a part of several is escaped, with a backslash.
    `as_read`: of a table that has texts as they were read, beside their normal forms.
    """
    parts = [_key_part(source.column(name), table, as_read=as_read) for name in source.key]
    if source.key_is_hashed:
        return _hashed_key(source, parts)
    if len(parts) == 1:
        return parts[0]
    escaped = (sql.SQL(r"regexp_replace({}, '([\\|])', '\\\1', 'g')").format(part) for part in parts)
    return sql.SQL(" || '|' || ").join(escaped)


def _hashed_key(source: Source, parts: list[sql.Composed]) -> sql.Composed:
    """The MD5, as hex, of the parts with `|` between them; for one that may be NULL, and is, stands `∅`."""
    texts = [
        sql.SQL(r"regexp_replace({}, '([\\|∅])', '\\\1', 'g')").format(part)
        if source.column(name).type == "text"
        else part
        for name, part in zip(source.key, parts, strict=True)
    ]
    whole = [
        text if source.column(name).required else sql.SQL("coalesce({}, {})").format(text, sql.Literal(NOTHING))
        for name, text in zip(source.key, texts, strict=True)
    ]
    return sql.SQL("md5({})").format(sql.SQL(" || '|' || ").join(whole))


def name_as_read(column: Column) -> str:
    """The column of a typed table that takes the text as it was read."""
    return f"{column.name} as read" if column.has_normal_form else column.name


def normal_form(column: Column) -> sql.Composed:
    """The text that is stored, made of the one that was read."""
    text = sql.SQL("{}").format(sql.Identifier(name_as_read(column)))
    if column.lower:
        text = sql.SQL("lower({})").format(text)
    if column.whole:
        text = sql.SQL(r"regexp_replace({}, '^(\d+)\.0$', '\1')").format(text)
    return text if column.default is None else sql.SQL("coalesce({}, {})").format(text, sql.Literal(column.default))


def same_content(source: Source, left: str, right: str) -> sql.Composed:
    """That the rows of two tables hold the same, as their hashes would say."""
    return sql.SQL("({}) is not distinct from ({})").format(
        *(
            sql.SQL(", ").join(
                [
                    *(_compared(column, table) for column in source.columns),
                    sql.SQL("{}::text").format(sql.Identifier(table, "_extra")),
                ]
            )
            for table in (left, right)
        )
    )


def _text(column: Column, table: str | None) -> sql.Composed:
    return SAME_TEXT[column.type].format(_value(column.name, table))


def _compared(column: Column, table: str) -> sql.Composable:
    """Of JSON the text: as JSON 1 and 1.0 are equal, and hashed they are not."""
    value = _value(column.name, table)
    return SAME_TEXT["json"].format(value) if column.type == "json" else value


def _key_part(column: Column, table: str | None, *, as_read: bool) -> sql.Composed:
    if as_read and column.has_normal_form:
        return normal_form(column)
    value = _value(column.name, table)
    return DATE_TEXT.format(value, value, value) if column.type == "date" else SAME_TEXT[column.type].format(value)


def _value(name: str, table: str | None) -> sql.Identifier:
    return sql.Identifier(table, name) if table else sql.Identifier(name)
