"""What an unload takes out, and which other loads it must look at again so that nothing else is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from include.ingestion import accounts
from include.ingestion.accounts import LoadContext
from include.ingestion.judging import Judged
from include.ingestion.past_loads import FileNotAsItWasError, PastLoad, RawCopies, judge_again, loads_from
from include.warehouse.queries import bronze, names, numbers


@dataclass(frozen=True)
class Removal:
    """Loads that are taken out, `load_ids`, and the others of the source, from the first that they may have touched.

    `needed`: those of the others that are judged again.
    """

    connection: psycopg.Connection
    context: LoadContext
    load_ids: list[int]
    others: list[PastLoad]
    needed: list[PastLoad]

    @classmethod
    def of(cls, connection: psycopg.Connection, context: LoadContext, load: PastLoad) -> Removal:
        """What it means to take out a load with its replays."""
        rows = connection.execute(
            "select load_id from ops.file_loads where status = 'loaded' and %(load_id)s in (load_id, replay_of)"
            " order by load_id",
            {"load_id": load.load_id},
        ).fetchall()
        load_ids = [load_id for (load_id,) in rows]
        is_full_load = context.source.strategy == "full_load_upsert"
        first = _first_to_take_again(connection, context, load) if is_full_load else load.load_id
        others = [other for other in loads_from(connection, load.source, first) if other.load_id not in load_ids]
        needed = [other for other in others if is_full_load or other.rows_known]
        return cls(connection, context, load_ids, others, needed)

    def take_out_rejections(self) -> tuple[list[int], int]:
        """Open what the loads had resolved, delete what they rejected; returns the ids of those and how many these."""
        deleted = self.connection.execute(
            "delete from ops.rejected_rows where load_id = any(%s)", [self.load_ids]
        ).rowcount
        opened = self.connection.execute(
            "update ops.rejected_rows set resolved_at = null, resolved_load_id = null"
            " where resolved_load_id = any(%s) returning rejected_id",
            [self.load_ids],
        ).fetchall()
        accounts.set_status(self.connection, "unloaded", self.load_ids)
        return [rejected_id for (rejected_id,) in opened], deleted

    def still_open(self, rejected_ids: Sequence[int]) -> int:
        """How many of the rejections no other load has resolved."""
        query = sql.SQL(
            "select count(*) from ops.rejected_rows where resolved_at is null and rejected_id = any(%(rejected_ids)s)"
        )
        (count,) = numbers(self.connection, query, {"rejected_ids": rejected_ids})
        return count

    def judge(self, load: PastLoad, copies: RawCopies, number: int) -> Judged:
        """What another load brought, judged again; rows that it had rejected are rejected still.

        Raises:
            FileNotAsItWasError: other rows are accepted today than were then.
        """
        judged = judge_again(self.connection, self.context, load, copies, number)
        self.connection.execute(
            sql.SQL(
                "update {typed} as typed set reasons = array['rejected'] where reasons = '{{}}' and exists ("
                " select from ops.rejected_rows as kept where kept.load_id = {load_id}"
                # Several records of JSON may stand on one line, so there each has its bytes.
                " and kept.line = typed._line and kept.raw = coalesce(typed._raw, kept.raw))"
            ).format(typed=judged.typed, load_id=sql.Literal(load.load_id))
        )
        (rejected,) = numbers(
            self.connection, sql.SQL("select count(*) from {} where not is_accepted").format(judged.typed)
        )
        if rejected != load.rows_rejected:
            raise FileNotAsItWasError(
                f"{load.file} (load {load.load_id}) is judged otherwise today: {rejected:,} of its rows would be"
                f" rejected, then {load.rows_rejected:,}. Undo what was changed of codes, columns, limits or"
                " ROLLCALL_TIMEZONE since, then unload again"
            )
        return replace(judged, rows_rejected=rejected)


def _first_to_take_again(connection: psycopg.Connection, context: LoadContext, load: PastLoad) -> int:
    """The first load of a full-load source without which bronze is not what it was before the load.

    It is the first one of its snapshot. When versions are tied, a row of the history may have moved from an earlier
    load to a later one: then it is the very first.
    """
    row = connection.execute(
        "select min(load_id) from ops.file_loads where source = %(source)s and status = 'loaded'"
        " and started_at = %(started_at)s and snapshot_at = %(snapshot_at)s",
        {"source": load.source, "started_at": load.started_at, "snapshot_at": load.snapshot_at},
    ).fetchone()
    first = min(row[0], load.load_id) if row else load.load_id
    source = context.source
    (tied,) = numbers(
        connection,
        sql.SQL(
            "select count(*) from (select {key}, {version} from {history}"
            " group by {key}, {version} having count(*) > 1 and max(_load_id) >= {first}) as tied"
        ).format(
            key=names(source.key),
            version=sql.Identifier(source.version),
            history=bronze(source, "_history"),
            first=sql.Literal(first),
        ),
    )
    return 0 if tied else first
