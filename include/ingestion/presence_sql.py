"""The SQL that notes which ids of a full-load source are missing, since when, and when they are back."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import sql

from include.ingestion.canonical import key_text
from include.ingestion.spec import Source
from include.warehouse.queries import bronze, equal, names


def seen_query(source: Source, tables: Iterable[sql.Identifier]) -> sql.Composed:
    """The keys in tables of typed rows, of rejected rows too, and the dates of the accepted ones that they cover."""
    covered = sql.SQL(", case when is_accepted then {} end as covered").format(sql.Identifier(source.covers or ""))
    query = sql.SQL("select key{} from {}")
    return sql.SQL(" union all ").join(
        query.format(covered if source.covers else sql.SQL(""), table) for table in tables
    )


def vanished_query(source: Source, seen: sql.Composable) -> sql.Composed:
    """The ids now present that the rows of `seen_query` should name and do not, and since when they are missing.

    An id that was missing before is so again at the earliest on the day of its return: its gaps never overlap.
    Parameter: missing_from (date).
    """
    return sql.SQL(
        """select
    {key},
    greatest(
        %(missing_from)s::date,
        (select max(earlier.returned_on) from {presence} as earlier where {same_earlier})
    ) as missing_from
from {current} as present
where _missing_since is null{within} and not exists (
    select from ({seen}) as seen where seen.key = {key_text}
)"""
    ).format(
        key=names(source.key),
        presence=bronze(source, "_presence"),
        same_earlier=equal(source.key, "earlier", "present"),
        current=bronze(source),
        within=_within(source, seen),
        seen=seen,
        key_text=key_text(source, "present"),
    )


def present_query(source: Source, seen: sql.Composable) -> sql.Composed:
    """The number of ids now present of which the rows of `seen_query` speak."""
    return sql.SQL("select count(*) from {} as present where _missing_since is null{}").format(
        bronze(source), _within(source, seen)
    )


def _within(source: Source, seen: sql.Composable) -> sql.Composable:
    """That a present id lies between the first and the last covered date, when the source covers dates."""
    if not source.covers:
        return sql.SQL("")
    first = sql.SQL("(select min(covered) from ({}) as seen)").format(seen)
    last = sql.SQL("(select max(covered) from ({}) as seen)").format(seen)
    return sql.SQL("\n    and {} between {} and {}").format(sql.Identifier("present", source.covers), first, last)


def mark_missing(source: Source, vanished: sql.Identifier) -> sql.Composed:
    """Opens a presence row for each id of `vanished`. Parameter: load_id."""
    return sql.SQL(
        """with

marked as (

    update {current} as present
    set _missing_since = vanished.missing_from
    from {vanished} as vanished
    where {same_vanished}

)

insert into {presence} ({key}, missing_from, missing_load_id)
select {key}, missing_from, %(load_id)s from {vanished}"""
    ).format(
        current=bronze(source),
        presence=bronze(source, "_presence"),
        vanished=vanished,
        key=names(source.key),
        same_vanished=equal(source.key, "present", "vanished"),
    )


def mark_returned(source: Source, typed: sql.Identifier) -> sql.Composed:
    """Closes the open presence row of each accepted id that was missing. Parameters: returned_on (date), load_id."""
    return sql.SQL(
        """with

returned as (

    update {current} as present
    set _missing_since = null
    where present._missing_since is not null and exists (
        select from {typed} as typed where typed.is_accepted and {same_key}
    )
    returning {returned_key}

)

update {presence} as presence
set returned_on = greatest(%(returned_on)s, presence.missing_from), returned_load_id = %(load_id)s
from returned
where {same_returned} and presence.returned_on is null"""
    ).format(
        current=bronze(source),
        presence=bronze(source, "_presence"),
        typed=typed,
        key=names(source.key),
        returned_key=sql.SQL(", ").join(sql.Identifier("present", name) for name in source.key),
        same_key=equal(source.key, "present", "typed"),
        same_returned=equal(source.key, "presence", "returned"),
    )
