"""What breaks a data test, derived from its kind and from the columns that it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import LiteralString, cast

import psycopg
from psycopg import sql

from tests.dbt.data_tests import DataTest

TOKENS = re.compile(r"'(?:[^']|'')*'|[()]|\b(?:case|end|between|and|or)\b", re.IGNORECASE)
"""Of an expression the strings, the brackets, and the words by which its conditions are told apart."""
NAMES = re.compile(r"'(?:[^']|'')*'|\b([a-z_][a-z0-9_]*)\b(?!\s*\()")
WRONG = "'None such'"
OUTSIDE = {"text": WRONG, "date": "date '0001-01-01'"}
"""A value, by type, that no list and no other table has; of numbers it is -1."""
INVENTED = {
    "bool": "null, not {column}",
    "text": f"null, {WRONG}",
    "date": "null, {column} + 1, {column} - 1, {column} + 40000, {column} - 40000",
    "timestamptz": (
        "null, {column} + interval '1 s', {column} - interval '1 s',"
        " {column} + interval '100 years', {column} - interval '100 years'"
    ),
    **dict.fromkeys(("int2", "int4", "int8", "numeric", "float8"), "null, {column} + 1, {column} - 1, 0, 1, -1, 1000"),
}
"""Values, by type, with one of which a condition may not hold; of other types it is NULL."""

SET = "update {table} set {column} = {value} where ctid = (select ctid from {table} where {where} limit 1)"
SET_THERE = "update {table} set {column} = {value}::{type} where ctid = {row}::tid"
# A row of which the condition would not hold with another value of the column, and that value.
WOULD_NOT_HOLD = """
select place, {column}::text
from (
    select {others} place, unnest(wrong) as {column}
    from (select *, ctid as place from {table} where {where}) as looked_at
    cross join lateral ({values}) as tried (wrong)
) as broken
where not ({condition})
limit 1
"""


@dataclass(frozen=True)
class Break:
    """A statement that does what a test must find; none when no value of the column was found that would."""

    what: str
    statement: sql.SQL | sql.Composed | None
    column: str = ""


class Derived:
    """The breaks of generic tests, on a database that holds what they look at."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.kinds: dict[str, Callable[[DataTest], Iterator[Break]]] = {
            "not_null": self._null,
            "unique": self._twice,
            "unique_combination_of_columns": self._twice,
            "accepted_values": self._outside,
            "relationships": self._outside,
            "accepted_range": self._out_of_range,
            "expression_is_true": self._false,
        }

    def of(self, test: DataTest) -> list[Break]:
        """Those of each column that the test names; empty of a kind of which nothing can be derived."""
        return list(self.kinds[test.kind](test)) if test.kind in self.kinds else []

    def _null(self, test: DataTest) -> Iterator[Break]:
        yield _set(test, test.arguments["column_name"], "null")

    def _twice(self, test: DataTest) -> Iterator[Break]:
        table = test.relations[0].identifier
        yield Break("a row twice", sql.SQL("insert into {0} select * from {0} limit 1").format(table))
        for column in test.arguments.get("combination_of_columns", ()):
            yield _set(test, column, "null")

    def _outside(self, test: DataTest) -> Iterator[Break]:
        column = test.arguments["column_name"]
        yield _set(test, column, OUTSIDE.get(self._types(test)[column], "-1"))

    def _out_of_range(self, test: DataTest) -> Iterator[Break]:
        column = test.arguments["column_name"]
        for bound, step in (("min_value", -1), ("max_value", 1)):
            if bound in test.arguments:
                yield _set(test, column, str(test.arguments[bound] + step))

    def _false(self, test: DataTest) -> Iterator[Break]:
        """Of each condition of the expression each column that it names: alone it makes the condition false."""
        types = self._types(test)
        for condition in conditions(test.expression):
            for column in words(condition):
                if column in types:
                    yield self._made_false(test, condition, column, types)

    def _made_false(self, test: DataTest, condition: str, column: str, types: dict[str, str]) -> Break:
        """By a value that the column has in another row, or else by an invented one."""
        named = {"table": test.relations[0].identifier, "column": sql.Identifier(column)}
        there = sql.SQL("select array(select distinct {column} from {table} limit 50)").format(**named)
        invented = raw(INVENTED.get(types[column], "null").format(column=column))
        type_name = sql.Identifier(types[column])
        what = f"{column}, so that not ({' '.join(condition.split())})"
        for values in (there, sql.SQL("select array[{}]::{}[]").format(invented, type_name)):
            query = sql.SQL(WOULD_NOT_HOLD).format(
                others=sql.Composed(sql.SQL("{}, ").format(sql.Identifier(name)) for name in types if name != column),
                values=values,
                where=raw(test.where),
                condition=raw(condition),
                **named,
            )
            found = self.connection.execute(query).fetchone()
            if found:
                row, value = map(sql.Literal, found)
                return Break(what, sql.SQL(SET_THERE).format(value=value, type=type_name, row=row, **named), column)
        return Break(what, None, column)

    def _types(self, test: DataTest) -> dict[str, str]:
        """The columns of the table that a test is written beside, and the names of their types."""
        found = self.connection.execute(
            "select column_name, udt_name from information_schema.columns"
            " where table_schema = %s and table_name = %s order by ordinal_position",
            [test.relations[0].schema, test.relations[0].name],
        )
        return dict(found.fetchall())


def _set(test: DataTest, column: str, value: str) -> Break:
    statement = sql.SQL(SET).format(
        table=test.relations[0].identifier, column=sql.Identifier(column), value=raw(value), where=raw(test.where)
    )
    return Break(f"{column} = {value}", statement, column)


def raw(text: str) -> sql.SQL:
    """A piece of SQL that the project has written."""
    return sql.SQL(cast("LiteralString", text))


def conditions(expression: str) -> list[str]:
    """What an expression joins by `and`; the expression itself if it joins by `or`."""
    depth, begun, between = 0, 0, False
    found: list[str] = []
    for token in TOKENS.finditer(expression):
        word = token[0].lower()
        depth += (word in {"(", "case"}) - (word in {")", "end"})
        if depth or word not in {"between", "and", "or"}:
            continue
        if word == "or":
            return [expression]
        if word == "and" and not between:
            found.append(expression[begun : token.start()])
            begun = token.end()
        between = word == "between"
    return [*found, expression[begun:]]


def words(condition: str) -> list[str]:
    """The words of a condition that may be columns, each once."""
    return list(dict.fromkeys(name for name in NAMES.findall(condition) if name))


def one(table: str, change: str, where: str = "true") -> str:
    """A change of one row, whichever it is."""
    return f"update {table} set {change} where ctid = (select ctid from {table} where {where} limit 1)"


def one_more(table: str, *columns: str, where: str = "true") -> tuple[str, ...]:
    """Of each column one row with one more."""
    return tuple(one(table, f"{column} = {column} + 1", where) for column in columns)


def without_one(table: str, where: str = "true") -> str:
    """One row less, whichever it is."""
    return f"delete from {table} where ctid = (select ctid from {table} where {where} limit 1)"
