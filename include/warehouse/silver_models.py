"""How far silver has come: `ops.silver_models`; and how far its checkpoint: `ops.checkpoint_runs`."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import psycopg

NOT_PASSED = """
select from ops.silver_models as built
left join lateral (
    select outcome, max_load_id, finished_at from ops.checkpoint_runs
    where checkpoint = 'checkpoint_silver' and table_name = built.model
    order by checkpoint_run_id desc limit 1
) as checked on true
where
    built.model = any(%s)
    and (
        checked.outcome in ('passed', 'warned')
        and checked.max_load_id >= built.max_load_id
        and checked.finished_at > built.built_at
    ) is not true
"""


def have_taken_in(connection: psycopg.Connection, models: Mapping[str, str], sources: Collection[str]) -> bool:
    """Whether each of the silver models, given with its fingerprint, has taken in all loads of these sources, and was
    built after each of them that was built anew.

    Before the first load there is nothing to take in.
    """
    newest = connection.execute(
        "select max(load_id) from ops.file_loads where status in ('loaded', 'unloaded') and source = any(%s)",
        [list(sources)],
    ).fetchall()[0][0]
    up_to_date = connection.execute(
        "select model, fingerprint from ops.silver_models where max_load_id >= %s and max_change_id >= ("
        " select coalesce(max(change_id), 0) from ops.silver_changes where is_everything and model = any(%s))",
        [newest, list(models)],
    ).fetchall()
    return newest is None or models.items() <= dict(up_to_date).items()


def have_passed(connection: psycopg.Connection, models: Collection[str]) -> bool:
    """Whether checkpoint_silver, when it last ran, let pass each of these silver models, at which it looks, as it is
    built now. What is not built yet has nothing to pass.
    """
    return connection.execute(NOT_PASSED, [list(models)]).fetchone() is None
