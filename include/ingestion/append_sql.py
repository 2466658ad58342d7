"""The SQL that takes accepted rows into the table of an append source."""

from __future__ import annotations

from psycopg import sql

from include.ingestion.canonical import row_hash, same_content
from include.ingestion.spec import Source
from include.ingestion.typed_table import ALWAYS, insert_accepted
from include.warehouse.queries import bronze, names, same_place


def known_query(source: Source, typed: sql.Identifier) -> sql.Composed:
    """What an append source holds already of the keys of the accepted rows of a typed file.

    For each such row and each version of its key: `row_id`, the place of the row, `is_same` when it is that version,
    `is_tied` when both have the same time.
    """
    # In the order of the keys: neighbours stand on one page of the index. And the offsets keep the planner to one look
    # into the index for each row, however large the table is.
    return sql.SQL(
        """select
    typed.row_id,
    {same_content} as is_same,
    {same_version} as is_tied
from (
    select ctid as row_id, * from {typed} where is_accepted order by {key} offset 0
) as typed
cross join lateral (
    select * from {table} as other where {same_key} offset 0
) as other"""
    ).format(
        same_content=same_content(source, "typed", "other"),
        same_version=same_version(source, "other", "typed"),
        typed=typed,
        key=names(("key",) if source.key_is_hashed else source.key),
        table=bronze(source),
        same_key=same_place(source, "other", "typed"),
    )


def same_version(source: Source, left: str, right: str) -> sql.Composed:
    """That rows of one key and place say nothing of which of them is newer."""
    if source.newest_by is None:
        return sql.SQL("{}").format(ALWAYS)
    version = sql.Identifier(source.version)
    return sql.SQL("{left}.{version} is not distinct from {right}.{version}").format(
        left=sql.Identifier(left), right=sql.Identifier(right), version=version
    )


def append_insert(source: Source, typed: sql.Identifier, known: sql.Identifier, *, may_repeat: bool) -> sql.Composed:
    """Inserts the accepted versions that the table does not hold yet, the first line of each.

    `may_repeat`: whether a key may be there twice in the file. Parameters: load_id, ingested_at, source_file.
    """
    once = sql.SQL("\non conflict do nothing") if may_repeat else sql.SQL("")
    return sql.SQL("{}{}").format(insert_accepted(source, bronze(source), typed, _unknown(typed, known)), once)


def tied_query(source: Source, typed: sql.Identifier, known: sql.Identifier, *, may_repeat: bool) -> sql.Composed:
    """How many of the versions that a typed file brings share key and time with other content, in bronze or the file.

    `may_repeat`: whether a key may be there twice in the file.
    """
    parts = {
        "typed": typed,
        "known": known,
        "row_hash": row_hash(source, "typed"),
        "version": names(("key", *_versions(source))),
        "unknown": _unknown(sql.Identifier("typed"), known),
    }
    with_known = sql.SQL(
        """select typed.key, {row_hash} as row_hash
    from {typed} as typed
    where typed.ctid in (select row_id from {known} where is_tied and not is_same) and {unknown}"""
    ).format(**parts)
    in_file = sql.SQL(
        """union all
    select unnest(array_agg(key)), unnest(array_agg(row_hash))
    from (
        select {version}, {row_hash} as row_hash
        from {typed} as typed
        where typed.is_accepted and {unknown} and typed.key in (
            select key from {typed} where is_accepted group by key having count(*) > 1
        )
    ) as rows
    group by {version}
    having count(distinct row_hash) > 1"""
    ).format(**parts)
    return sql.SQL(
        "select count(*) from (\n    select distinct key, row_hash from (\n{}\n{}) as tied\n) as versions"
    ).format(with_known, in_file if may_repeat else sql.SQL(""))


def _unknown(typed: sql.Identifier, known: sql.Identifier) -> sql.Composed:
    """That a row is no version that bronze holds."""
    return sql.SQL(
        "not exists (select from {known} as known where known.is_same and known.row_id = {typed}.ctid)"
    ).format(known=known, typed=typed)


def plain_insert(source: Source, typed: sql.Identifier) -> sql.Composed:
    """Inserts the accepted versions into a table that holds none of them; one that it does hold fails the statement.

    Parameters: load_id, ingested_at, source_file.
    """
    return insert_accepted(source, bronze(source), typed)


def tied_rows_query(source: Source) -> sql.Composed:
    """How many rows of an append source share key and version with other content."""
    return sql.SQL(
        "select coalesce(sum(versions), 0)\n"
        "from (select count(*) as versions from {} group by {} having count(*) > 1) as tied"
    ).format(bronze(source), names((*source.key_columns, *_versions(source))))


def _versions(source: Source) -> tuple[str, ...]:
    return () if source.newest_by is None else (source.newest_by,)


def make_partitions(source: Source, typed: sql.Identifier, time: str) -> sql.Composed:
    """Makes the partitions that the accepted rows of a typed file need, by the month of the column `time`."""
    return sql.SQL(
        "select ops.make_month_partitions({}::regclass, array("
        "select distinct date_trunc('month', {} at time zone 'UTC')::date from {} where is_accepted))"
    ).format(sql.Literal(bronze(source).as_string()), sql.Identifier(time), typed)


def drop_key(source: Source) -> sql.Composed:
    """Takes the primary key off the table of an append source."""
    return sql.SQL("alter table {} drop constraint {}").format(bronze(source), sql.Identifier(f"{source.table}_pkey"))


def add_key(source: Source) -> sql.Composed:
    """Puts the primary key on the table of an append source again."""
    return sql.SQL("alter table {} add primary key ({}, _row_hash)").format(
        bronze(source), names(source.key_and_partition)
    )
