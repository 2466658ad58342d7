"""Unloading from a source that is appended: rows that later files hold as well go over to the first of them."""

from __future__ import annotations

from psycopg import sql

from include.ingestion import append_sql, rejections
from include.ingestion.canonical import row_hash
from include.ingestion.past_loads import FileNotAsItWasError, PastLoad, RawCopies
from include.ingestion.removal import Removal
from include.ingestion.taking import Origin, insert_unknown, keys_of_load
from include.warehouse.queries import bronze, equal, names, numbers, same_place

TAKEN_OUT = sql.Identifier("taken_out")


def take_out(removal: Removal, copies: RawCopies, *, resolve: bool) -> int:
    """Delete the rows of the loads, and take in again what other files hold; returns how many are gone for good.

    `resolve`: rejections are open again, of which a later load may have brought the key.

    Raises:
        FileNotAsItWasError: a file is not judged as it was.
    """
    source, connection = removal.context.source, removal.connection
    table = bronze(source)
    connection.execute(
        sql.SQL("create temporary table {} on commit drop as select {}, _row_hash from {} limit 0").format(
            TAKEN_OUT, names(source.key_and_partition), table
        )
    )
    deleted = connection.execute(
        sql.SQL(
            "with gone as (delete from {} where _load_id = any(%s) returning {key}, _row_hash)"
            " insert into {} select {key}, _row_hash from gone"
        ).format(table, TAKEN_OUT, key=names(source.key_and_partition)),
        [removal.load_ids],
    ).rowcount
    connection.execute(sql.SQL("analyze {}").format(TAKEN_OUT))
    kept = sum(_take_again(removal, load, copies, number) for number, load in enumerate(removal.needed))
    for load in removal.others:
        _recount_ties(removal, load)
        if resolve:
            _resolve(removal, load)
    return deleted - kept


def _take_again(removal: Removal, load: PastLoad, copies: RawCopies, number: int) -> int:
    """Take in, under a load, its rows that are not in bronze any more; returns how many."""
    connection, source = removal.connection, removal.context.source
    judged = removal.judge(load, copies, number)
    (unknown,) = numbers(
        connection,
        sql.SQL(
            "select count(*) from {rows} as rows where is_accepted"
            " and not exists (select from {table} as present where {same})"
            " and not exists (select from {taken_out} as present where {same})"
        ).format(
            rows=judged.typed,
            table=bronze(source),
            taken_out=TAKEN_OUT,
            same=sql.SQL("{} and present._row_hash = {}").format(
                same_place(source, "present", "rows"), row_hash(source, "rows")
            ),
        ),
    )
    if unknown:
        raise FileNotAsItWasError(
            f"{load.file} (load {load.load_id}) is read otherwise today: {unknown:,} of its rows were never in bronze."
            " Undo what was changed of columns or ROLLCALL_TIMEZONE since, then unload again"
        )
    origin = Origin(load.load_id, load.file, load.started_at)
    taken, _ = insert_unknown(connection, source, judged, origin)
    connection.execute(
        "update ops.file_loads set rows_inserted = rows_inserted + %(taken)s,"
        " rows_duplicate = rows_duplicate - %(taken)s where load_id = %(load_id)s",
        {"taken": taken, "load_id": load.load_id},
    )
    return taken


def _recount_ties(removal: Removal, load: PastLoad) -> None:
    """Count the rows of a load that share key and version with other content of its own or an earlier load."""
    source = removal.context.source
    removal.connection.execute(
        sql.SQL(
            "update ops.file_loads set tied_versions = ("
            " select count(*) from {table} as loaded where loaded._load_id = {load_id} and exists ("
            " select from {table} as other where {same_key} and {same_version}"
            " and other._row_hash <> loaded._row_hash and other._load_id <= {load_id}))"
            " where load_id = {load_id} and (tied_versions > 0 or {load_id} = any(%s))"
        ).format(
            table=bronze(source),
            load_id=sql.Literal(load.load_id),
            same_key=equal(source.key_and_partition, "other", "loaded"),
            same_version=append_sql.same_version(source, "other", "loaded"),
        ),
        [[needed.load_id for needed in removal.needed]],
    )


def _resolve(removal: Removal, load: PastLoad) -> None:
    """Close the rejections that are open again and whose key a later load brought."""
    keys = keys_of_load(removal.context.source, load.load_id)
    rejections.resolve(removal.connection, removal.context, keys, load.load_id, before=load.replay_of or load.load_id)
