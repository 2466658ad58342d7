"""The SQL that takes accepted rows into bronze, by the source's strategy; nothing is read or judged here."""

from __future__ import annotations

from psycopg import sql

from include.ingestion.spec import Source
from include.warehouse.queries import names


def distinct_query(source: Source, typed: sql.Identifier) -> sql.Composed:
    """The accepted rows of a typed file, each version of a key once: its first line in the file."""
    return sql.SQL(
        "select distinct on ({key}, _row_hash) *\nfrom {typed}\n"
        "where reasons = '{{}}'\norder by {key}, _row_hash, _record"
    ).format(key=names(source.key), typed=typed)


def append_insert(source: Source, rows: sql.Identifier) -> sql.Composed:
    """Inserts the versions that the table does not hold yet. Parameters: load_id, ingested_at, source_file."""
    return _insert(source, sql.Identifier("bronze", source.table), rows)


def history_insert(source: Source, rows: sql.Identifier) -> sql.Composed:
    """The same for the history of a full-load source."""
    return _insert(source, sql.Identifier("bronze", f"{source.table}_history"), rows)


def tied_versions_query(source: Source, table: str) -> sql.Composed:
    """How many of the rows of a load share key and version with other content. Parameter: load_id."""
    return sql.SQL(
        """select count(*)
from {table} as loaded
where loaded._load_id = %(load_id)s and exists (
    select from {table} as other
    where {same_key} and other.{version} = loaded.{version} and other._row_hash <> loaded._row_hash
)"""
    ).format(
        table=sql.Identifier("bronze", table),
        same_key=_equal(source.key, "other", "loaded"),
        version=sql.Identifier(source.newest_by),
    )


def outcome_query(source: Source, rows: sql.Identifier) -> sql.Composed:
    """What becomes of each accepted row of a full load, once the history holds it.

    Gives the key, `_row_hash`, `outcome` (inserted, updated, unchanged, superseded) of each row of `rows`. A row that
    is not the newest version of its key in the total order (version, load, line) is superseded.
    """
    return sql.SQL(
        """with

newest as (

    select distinct on ({key}) {key}, _row_hash
    from {history}
    where ({key}) in (select {key} from {rows})
    order by {key}, {version} desc nulls last, _load_id desc, _source_line desc, _row_hash desc

)

select
    {rows_key},
    rows._row_hash,
    case
        when newest._row_hash <> rows._row_hash then 'superseded'
        when present._row_hash is null then 'inserted'
        when present._row_hash = rows._row_hash then 'unchanged'
        else 'updated'
    end as outcome
from {rows} as rows
inner join newest using ({key})
left join {current} as present using ({key})"""
    ).format(
        key=names(source.key),
        rows_key=sql.SQL(", ").join(sql.Identifier("rows", name) for name in source.key),
        history=_table(source, "_history"),
        current=_table(source),
        rows=rows,
        version=sql.Identifier(source.newest_by),
    )


def current_merge(source: Source, outcomes: sql.Identifier) -> sql.Composed:
    """Brings the current table up to the history for the rows that are inserted or updated; no other row is touched."""
    columns = _columns(source)
    return sql.SQL(
        """merge into {current} as present
using (
    select history.*
    from {history} as history
    inner join {outcomes} as outcomes using ({key}, _row_hash)
    where outcomes.outcome in ('inserted', 'updated')
) as newest on {same_key}
when matched then update set {assignments}
when not matched then insert ({columns}) values ({values})"""
    ).format(
        current=_table(source),
        history=_table(source, "_history"),
        outcomes=outcomes,
        key=names(source.key),
        same_key=_equal(source.key, "present", "newest"),
        assignments=sql.SQL(", ").join(
            sql.SQL("{} = newest.{}").format(sql.Identifier(name), sql.Identifier(name)) for name in columns
        ),
        columns=names(columns),
        values=sql.SQL(", ").join(sql.Identifier("newest", name) for name in columns),
    )


def vanished_query(source: Source, seen: sql.Identifier) -> sql.Composed:
    """The number of ids now present, and of those that are not among the keys of `seen`."""
    # A join: a subquery within the filter would look through `seen` once for each id.
    return sql.SQL(
        "select count(*), count(*) filter (where seen.key is null)\n"
        "from {current} as present\nleft join (select distinct key from {seen}) as seen on seen.key = {key}\n"
        "where _missing_since is null"
    ).format(seen=seen, key=_key_text(source, "present"), current=_table(source))


def mark_missing(source: Source, seen: sql.Identifier) -> sql.Composed:
    """Opens a presence row for each id that vanished. Parameters: missing_from (date), load_id.

    An id that was missing before is so again at the earliest on the day of its return: its gaps never overlap.
    """
    return sql.SQL(
        """with

vanished as (

    select
        {key},
        greatest(
            %(missing_from)s::date,
            (select max(earlier.returned_on) from {presence} as earlier where {same_earlier})
        ) as missing_from
    from {current} as present
    where _missing_since is null and not exists (select from {seen} as seen where seen.key = {key_text})

),

marked as (

    update {current} as present
    set _missing_since = vanished.missing_from
    from vanished
    where {same_vanished}

)

insert into {presence} ({key}, missing_from, missing_load_id)
select {key}, missing_from, %(load_id)s from vanished"""
    ).format(
        current=_table(source),
        presence=_table(source, "_presence"),
        seen=seen,
        key_text=_key_text(source, "present"),
        key=names(source.key),
        same_earlier=_equal(source.key, "earlier", "present"),
        same_vanished=_equal(source.key, "present", "vanished"),
    )


def mark_returned(source: Source, rows: sql.Identifier) -> sql.Composed:
    """Closes the open presence row of each accepted id that was missing. Parameters: returned_on (date), load_id."""
    return sql.SQL(
        """with

returned as (

    update {current} as present
    set _missing_since = null
    from (select distinct {key} from {rows}) as rows
    where {same_key} and present._missing_since is not null
    returning {returned_key}

)

update {presence} as presence
set returned_on = greatest(%(returned_on)s, presence.missing_from), returned_load_id = %(load_id)s
from returned
where {same_returned} and presence.returned_on is null"""
    ).format(
        current=_table(source),
        presence=_table(source, "_presence"),
        rows=rows,
        key=names(source.key),
        returned_key=sql.SQL(", ").join(sql.Identifier("present", name) for name in source.key),
        same_key=_equal(source.key, "present", "rows"),
        same_returned=_equal(source.key, "presence", "returned"),
    )


def conflicts_update(source: Source, typed: sql.Identifier) -> sql.Composed:
    """Rejects rows of one file that give one key and version different contents: which one is right nobody can say."""
    return sql.SQL(
        """update {typed} as typed
set reasons = array['conflicting_id_in_file'], _row_hash = null
from (
    select {key}, {version}
    from {typed}
    where reasons = '{{}}'
    group by {key}, {version}
    having count(distinct _row_hash) > 1
) as conflicts
where typed.reasons = '{{}}' and {same_key} and typed.{version} is not distinct from conflicts.{version}"""
    ).format(
        typed=typed,
        key=names(source.key),
        version=sql.Identifier(source.newest_by),
        same_key=_equal(source.key, "typed", "conflicts"),
    )


def _insert(source: Source, table: sql.Identifier, rows: sql.Identifier) -> sql.Composed:
    columns = names(source.column_names)
    return sql.SQL(
        """insert into {table} ({columns}, _load_id, _ingested_at, _source_file, _source_line, _extra, _row_hash)
select {columns}, %(load_id)s, %(ingested_at)s, %(source_file)s, _line, _extra, _row_hash
from {rows}
on conflict do nothing"""
    ).format(table=table, columns=columns, rows=rows)


def _columns(source: Source) -> tuple[str, ...]:
    return (*source.column_names, "_load_id", "_ingested_at", "_source_file", "_source_line", "_extra", "_row_hash")


def _table(source: Source, suffix: str = "") -> sql.Identifier:
    return sql.Identifier("bronze", f"{source.table}{suffix}")


def _key_text(source: Source, table: str) -> sql.Composed:
    return sql.SQL(" || '|' || ").join(sql.SQL("{}::text").format(sql.Identifier(table, name)) for name in source.key)


def _equal(names: tuple[str, ...], left: str, right: str) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(left, name), sql.Identifier(right, name)) for name in names
    )
