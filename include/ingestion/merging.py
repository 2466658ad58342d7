"""The SQL that takes accepted rows into bronze, by the source's strategy; nothing is read or judged here."""

from __future__ import annotations

from psycopg import sql

from include.ingestion.canonical import key_text, row_hash
from include.ingestion.spec import Source
from include.warehouse.queries import names


def changed_query(source: Source, typed: sql.Identifier) -> sql.Composed:
    """The accepted rows of a typed file of a full load that are not the newest version already, with `_row_hash`.

    Each version of a key is there once: its first line in the file.
    """
    return sql.SQL(
        """select distinct on ({key}, _row_hash) *
from (
    select typed.*, {row_hash} as _row_hash
    from {typed} as typed
    left join {current} as present using ({key})
    where typed.is_accepted and not coalesce({same_content}, false)
) as changed
order by {key}, _row_hash, _line"""
    ).format(
        key=names(source.key),
        row_hash=_hash_of_typed(source),
        typed=typed,
        current=_table(source),
        same_content=_same_content(source),
    )


def unchanged_query(source: Source, typed: sql.Identifier) -> sql.Composed:
    """How many versions of a typed file of a full load are the newest already."""
    return sql.SQL(
        "select count(*)\nfrom {current} as present\nwhere exists (\n    select from {typed} as typed\n"
        "    where typed.is_accepted and {same_key} and {same_content}\n)"
    ).format(
        current=_table(source),
        typed=typed,
        same_key=_equal(source.key, "typed", "present"),
        same_content=_same_content(source),
    )


def _same_content(source: Source) -> sql.Composed:
    """That a typed row and the current one of its key hold the same, as their hashes would say; without one, NULL."""
    columns = [*source.column_names, "_extra"]
    return sql.SQL("case when {} is not null then ({}) is not distinct from ({}) end").format(
        sql.Identifier("present", source.key[0]),
        sql.SQL(", ").join(sql.Identifier("typed", name) for name in columns),
        sql.SQL(", ").join(sql.Identifier("present", name) for name in columns),
    )


def _hash_of_typed(source: Source) -> sql.Composed:
    return row_hash(source, sql.Identifier("typed", "_extra"), "typed")


def known_query(source: Source, typed: sql.Identifier) -> sql.Composed:
    """What an append source holds already of the keys of the accepted rows of a typed file.

    For each such row and each version of its key: `key` and `_row_hash` of the row, `is_same` when it is that version,
    `is_tied` when both have the same time.
    """
    # The offset keeps the planner to one look into the index for each row, however large the table is.
    return sql.SQL(
        """select
    typed.key,
    typed._row_hash,
    other._row_hash = typed._row_hash as is_same,
    other.{version} is not distinct from typed.{version} as is_tied
from {typed} as typed
cross join lateral (
    select other.{version}, other._row_hash from {table} as other where {same_key} offset 0
) as other
where typed.is_accepted"""
    ).format(
        version=sql.Identifier(source.newest_by),
        typed=typed,
        table=_table(source),
        same_key=_equal(source.key, "other", "typed"),
    )


def append_insert(source: Source, typed: sql.Identifier, known: sql.Identifier) -> sql.Composed:
    """Inserts the accepted versions that the table does not hold yet, the first line of each.

    Parameters: load_id, ingested_at, source_file.
    """
    return sql.SQL("{}\non conflict do nothing").format(_insert(source, _table(source), typed, _unknown(typed, known)))


def tied_query(source: Source, typed: sql.Identifier, known: sql.Identifier, *, may_repeat: bool) -> sql.Composed:
    """How many of the versions that a typed file brings share key and time with other content, in bronze or the file.

    `may_repeat`: whether a key may be there twice in the file.
    """
    unknown = _unknown(sql.Identifier("typed"), known)
    with_known = sql.SQL(
        "    select typed.key, typed._row_hash\n    from {known} as typed\n    where typed.is_tied and {unknown}\n"
    ).format(known=known, unknown=unknown)
    in_file = sql.SQL(
        "    union all\n    select unnest(array_agg(typed.key)), unnest(array_agg(typed._row_hash))\n"
        "    from {typed} as typed\n    where typed.is_accepted and {unknown}\n"
        "    group by typed.key, typed.{version}\n    having count(distinct typed._row_hash) > 1\n"
    ).format(typed=typed, unknown=unknown, version=sql.Identifier(source.newest_by))
    return sql.SQL(
        "select count(*) from (\n    select distinct key, _row_hash from (\n{}{}    ) as tied\n) as versions"
    ).format(with_known, in_file if may_repeat else sql.SQL(""))


def _unknown(typed: sql.Identifier, known: sql.Identifier) -> sql.Composed:
    """That a row is no version that bronze holds."""
    return sql.SQL(
        "not exists (\n    select from {known} as known\n"
        "    where known.is_same and known.key = {typed}.key and known._row_hash = {typed}._row_hash\n)"
    ).format(known=known, typed=typed)


def plain_insert(source: Source, typed: sql.Identifier) -> sql.Composed:
    """The same where none of them may be held yet: one that is fails the statement."""
    return _insert(source, _table(source), typed, sql.SQL("true"))


def history_insert(source: Source, changed: sql.Identifier) -> sql.Composed:
    """The same for the history of a full-load source, of the rows that `changed_query` gives.

    Content that comes again with the version of the other content that is current now is the later load of it: its row
    in the history moves to this load, so that it wins again.
    """
    history = f"{source.table}_history"
    return sql.SQL(
        """{insert}
on conflict ({key}, _row_hash) do update set {assignments}
where exists (
    select from {current} as present
    where {same_key} and present._row_hash <> {history}._row_hash
        and present.{version} is not distinct from {history}.{version}
)"""
    ).format(
        insert=_insert(source, _table(source, "_history"), changed, sql.SQL("true")),
        key=names(source.key),
        assignments=sql.SQL(", ").join(
            sql.SQL("{} = excluded.{}").format(sql.Identifier(name), sql.Identifier(name))
            for name in ("_load_id", "_ingested_at", "_source_file", "_source_line")
        ),
        current=_table(source),
        history=sql.Identifier(history),
        same_key=_equal(source.key, "present", history),
        version=sql.Identifier(source.newest_by),
    )


def tied_versions_query(source: Source, changed: sql.Identifier) -> sql.Composed:
    """How many of the rows of a load in the history share key and version with other content. Parameter: load_id."""
    return sql.SQL(
        """select count(*)
from {changed} as changed
cross join lateral (
    select from {history} as loaded
    where {same_row} and loaded._load_id = %(load_id)s
    limit 1
) as loaded
cross join lateral (
    select from {history} as other
    where {same_key} and other.{version} is not distinct from changed.{version}
        and other._row_hash <> changed._row_hash
    limit 1
) as other"""
    ).format(
        changed=changed,
        history=_table(source, "_history"),
        same_row=_equal((*source.key, "_row_hash"), "loaded", "changed"),
        same_key=_equal(source.key, "other", "changed"),
        version=sql.Identifier(source.newest_by),
    )


def tied_rows_query(source: Source) -> sql.Composed:
    """How many rows of an append source share key and version with other content."""
    return sql.SQL(
        "select coalesce(sum(versions), 0)\n"
        "from (select count(*) as versions from {} group by {}, {} having count(*) > 1) as tied"
    ).format(_table(source), names(source.key), sql.Identifier(source.newest_by))


def drop_key(source: Source) -> sql.Composed:
    """Takes the primary key off the table of an append source."""
    return sql.SQL("alter table {} drop constraint {}").format(_table(source), sql.Identifier(f"{source.table}_pkey"))


def add_key(source: Source) -> sql.Composed:
    """Puts it on again."""
    return sql.SQL("alter table {} add primary key ({}, _row_hash)").format(_table(source), names(source.key))


def outcome_query(source: Source, changed: sql.Identifier) -> sql.Composed:
    """What becomes of each row that `changed_query` gives, once the history holds it.

    Gives the newest row of its key in the total order (version, load, line), `brought_hash`, the hash of the row
    itself, and `outcome` (inserted, updated, superseded): a row that is not the newest is superseded.
    """
    return sql.SQL(
        """select
    newest.*,
    changed._row_hash as brought_hash,
    case
        when newest._row_hash <> changed._row_hash then 'superseded'
        when present._row_hash is null then 'inserted'
        else 'updated'
    end as outcome
from {changed} as changed
cross join lateral (
    select * from {history} as history
    where {same_key}
    order by {version} desc nulls last, _load_id desc, _source_line desc, _row_hash desc
    limit 1
) as newest
left join {current} as present on {same_present}"""
    ).format(
        changed=changed,
        history=_table(source, "_history"),
        same_key=_equal(source.key, "history", "changed"),
        version=sql.Identifier(source.newest_by),
        current=_table(source),
        same_present=_equal(source.key, "present", "changed"),
    )


def current_merge(source: Source, outcomes: sql.Identifier) -> sql.Composed:
    """Brings the current table up to the history for the rows that are inserted or updated; no other row is touched."""
    columns = _columns(source)
    return sql.SQL(
        """insert into {current} as present ({columns})
select {columns} from {outcomes} where outcome in ('inserted', 'updated')
on conflict ({key}) do update set {assignments}"""
    ).format(
        current=_table(source),
        outcomes=outcomes,
        key=names(source.key),
        columns=names(columns),
        assignments=sql.SQL(", ").join(
            sql.SQL("{} = excluded.{}").format(sql.Identifier(name), sql.Identifier(name)) for name in columns
        ),
    )


def vanished_query(source: Source, seen: sql.Composable) -> sql.Composed:
    """The ids now present that are not among the keys that the query `seen` gives, and since when they are missing.

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
where _missing_since is null and not exists (
    select from ({seen}) as seen where seen.key = {key_text}
)"""
    ).format(
        key=names(source.key),
        presence=_table(source, "_presence"),
        same_earlier=_equal(source.key, "earlier", "present"),
        current=_table(source),
        seen=seen,
        key_text=key_text(source, "present"),
    )


def present_query(source: Source) -> sql.Composed:
    """The number of ids now present."""
    return sql.SQL("select count(*) from {} where _missing_since is null").format(_table(source))


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
        current=_table(source),
        presence=_table(source, "_presence"),
        vanished=vanished,
        key=names(source.key),
        same_vanished=_equal(source.key, "present", "vanished"),
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
        current=_table(source),
        presence=_table(source, "_presence"),
        typed=typed,
        key=names(source.key),
        returned_key=sql.SQL(", ").join(sql.Identifier("present", name) for name in source.key),
        same_key=_equal(source.key, "present", "typed"),
        same_returned=_equal(source.key, "presence", "returned"),
    )


def conflicts_update(source: Source, typed: sql.Identifier) -> sql.Composed:
    """Rejects rows of one file that give one key and version different contents: which one is right nobody can say."""
    return sql.SQL(
        """update {typed} as typed
set reasons = array['conflicting_id_in_file']
from (
    select {key}, {version}
    from {typed} as typed
    where is_accepted
    group by {key}, {version}
    having count(distinct {row_hash}) > 1
) as conflicts
where typed.is_accepted and {same_key} and typed.{version} is not distinct from conflicts.{version}"""
    ).format(
        typed=typed,
        key=names(source.key),
        version=sql.Identifier(source.newest_by),
        row_hash=_hash_of_typed(source),
        same_key=_equal(source.key, "typed", "conflicts"),
    )


def _insert(source: Source, table: sql.Identifier, typed: sql.Identifier, condition: sql.Composable) -> sql.Composed:
    columns = names(source.column_names)
    return sql.SQL(
        """insert into {table} ({columns}, _load_id, _ingested_at, _source_file, _source_line, _extra)
select {columns}, %(load_id)s, %(ingested_at)s, %(source_file)s, _line, _extra
from {typed}
where is_accepted and {condition}
order by _line"""
    ).format(table=table, columns=columns, typed=typed, condition=condition)


def _columns(source: Source) -> tuple[str, ...]:
    return (*source.column_names, "_load_id", "_ingested_at", "_source_file", "_source_line", "_extra")


def _table(source: Source, suffix: str = "") -> sql.Identifier:
    return sql.Identifier("bronze", f"{source.table}{suffix}")


def _equal(names: tuple[str, ...], left: str, right: str) -> sql.Composed:
    return sql.SQL(" and ").join(
        sql.SQL("{} = {}").format(sql.Identifier(left, name), sql.Identifier(right, name)) for name in names
    )
