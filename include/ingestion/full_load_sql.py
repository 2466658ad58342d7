"""The SQL that takes accepted rows of a full load into the history of its source, and the newest into its table."""

from __future__ import annotations

from psycopg import sql

from include.ingestion.canonical import row_hash, same_content
from include.ingestion.spec import Source
from include.ingestion.typed_table import insert_accepted
from include.warehouse.queries import bronze, bronze_columns, equal, names


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
        row_hash=row_hash(source, "typed"),
        typed=typed,
        current=bronze(source),
        same_content=_same_content(source),
    )


def unchanged_query(source: Source, typed: sql.Identifier) -> sql.Composed:
    """How many versions of a typed file of a full load are the newest already."""
    return sql.SQL(
        "select count(*)\nfrom {current} as present\nwhere exists (\n    select from {typed} as typed\n"
        "    where typed.is_accepted and {same_key} and {same_content}\n)"
    ).format(
        current=bronze(source),
        typed=typed,
        same_key=equal(source.key, "typed", "present"),
        same_content=_same_content(source),
    )


def _same_content(source: Source) -> sql.Composed:
    """That a typed row holds the same as the current one of its key; NULL when there is none."""
    return sql.SQL("case when {} is not null then {} end").format(
        sql.Identifier("present", source.key[0]), same_content(source, "typed", "present")
    )


def history_insert(source: Source, changed: sql.Identifier) -> sql.Composed:
    """Inserts the rows that `changed_query` gives into the history of a full-load source.

    Content that comes again with the version of the other content that is current now is the later load of it: its row
    in the history moves to this load, so that it wins again. Parameters: load_id, ingested_at, source_file.
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
        insert=insert_accepted(source, bronze(source, "_history"), changed),
        key=names(source.key),
        assignments=sql.SQL(", ").join(
            sql.SQL("{} = excluded.{}").format(sql.Identifier(name), sql.Identifier(name))
            for name in ("_load_id", "_ingested_at", "_source_file", "_source_line")
        ),
        current=bronze(source),
        history=sql.Identifier(history),
        same_key=equal(source.key, "present", history),
        version=sql.Identifier(source.version),
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
        history=bronze(source, "_history"),
        same_row=equal((*source.key, "_row_hash"), "loaded", "changed"),
        same_key=equal(source.key, "other", "changed"),
        version=sql.Identifier(source.version),
    )


def outcome_query(source: Source, changed: sql.Identifier) -> sql.Composed:
    """What becomes of each row that `changed_query` gives, once the history holds it.

    Gives the newest row of its key in the total order (version, load, line), `_brought_hash`, the hash of the row
    itself, and `_outcome` (inserted, updated, superseded): a row that is not the newest is superseded.
    """
    return sql.SQL(
        """select
    newest.*,
    changed._row_hash as _brought_hash,
    case
        when newest._row_hash <> changed._row_hash then 'superseded'
        when present._row_hash is null then 'inserted'
        else 'updated'
    end as _outcome
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
        history=bronze(source, "_history"),
        same_key=equal(source.key, "history", "changed"),
        version=sql.Identifier(source.version),
        current=bronze(source),
        same_present=equal(source.key, "present", "changed"),
    )


def current_merge(source: Source, outcomes: sql.Identifier) -> sql.Composed:
    """Brings the current table up to the history for the rows that are inserted or updated; no other row is touched."""
    columns = bronze_columns(source)
    return sql.SQL(
        """insert into {current} as present ({columns})
select {columns} from {outcomes} where _outcome in ('inserted', 'updated')
on conflict ({key}) do update set {assignments}"""
    ).format(
        current=bronze(source),
        outcomes=outcomes,
        key=names(source.key),
        columns=names(columns),
        assignments=sql.SQL(", ").join(
            sql.SQL("{} = excluded.{}").format(sql.Identifier(name), sql.Identifier(name)) for name in columns
        ),
    )
