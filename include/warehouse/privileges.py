"""What Rollcall needs of a server that somebody else has set up; docs/warehouse.md says what each is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import psycopg
from psycopg.rows import dict_row

from include.warehouse.connection import WarehouseError
from include.warehouse.gold_tables import GOLD, OURS

ABOUT = """
select
    current_user::text as role,
    current_database()::text as database,
    pg_encoding_to_char(encoding) as encoding,
    current_setting('transaction_read_only')::boolean as read_only,
    current_setting('lc_messages') as messages
from pg_database where datname = current_database()
"""
MISSING = """
select format('grant temporary on database %%I to %%I', current_database(), current_user)
where not has_database_privilege(current_database(), 'temporary')
union all
(
    select format('create schema %%I authorization %%I', name, current_user)
    from unnest(%(schemas)s::text[]) with ordinality as wanted (name, place)
    where to_regnamespace(quote_ident(name)) is null and not has_database_privilege(current_database(), 'create')
    order by place
)
"""
OF_OTHERS = """
select pg_get_userbyid(nspowner), format('alter schema %%I owner to %%I', nspname, current_user)
from pg_namespace
where nspname = any(%(schemas)s) and not pg_has_role(nspowner, 'usage')
union all
select pg_get_userbyid(relowner), format('alter table %%I.%%I owner to %%I', nspname, relname, current_user)
from pg_class inner join pg_namespace on pg_namespace.oid = relnamespace
where
    nspname = any(%(schemas)s) and relkind in ('r', 'v', 'm') and not pg_has_role(relowner, 'usage')
    and (nspname <> %(gold)s or obj_description(pg_class.oid, 'pg_class') = %(ours)s)
order by 2
"""


def require_privileges(connection: psycopg.Connection, schemas: Sequence[str]) -> None:
    """Nothing, when the role of the connection can do all that Rollcall does in these schemas of its database.

    Raises:
        WarehouseError: something is missing; with what to do, where it can be with the SQL to run.
    """
    about = connection.cursor(row_factory=dict_row).execute(ABOUT).fetchone()
    assert about is not None  # noqa: S101 - the database of the connection is there
    if about["encoding"] != "UTF8":
        raise WarehouseError(f"the database {about['database']} is encoded in {about['encoding']}; make one in UTF8")
    if about["read_only"]:
        raise WarehouseError(
            f"the database {about['database']} cannot be written to: either its server is a standby (name the primary),"
            f" or default_transaction_read_only is set for the role {about['role']} or the database (reset it)"
        )
    parameters = {"schemas": list(schemas), "gold": GOLD, "ours": OURS}
    of_others = connection.execute(OF_OTHERS, parameters).fetchall()
    if of_others:
        owners = ", ".join(sorted({owner for owner, _ in of_others}))
        raise WarehouseError(
            f"what is in the database {about['database']} belongs to {owners}, not to the role {about['role']}: name "
            f"the owner in ROLLCALL_WAREHOUSE_URL. {_by_administrator('Or, if it is to change hands', of_others)}"
        )
    missing = connection.execute(MISSING, parameters).fetchall()
    # Errors of other languages would not be recognised, and what they quote of rows would come into logs.
    if not is_english(about["messages"]):
        missing.append((f"alter role \"{about['role']}\" set lc_messages to 'C'",))
    if missing:
        raise WarehouseError(
            f"the role {about['role']} cannot do all that Rollcall needs in the database {about['database']}. "
            + _by_administrator("To mend it", missing)
        )


def is_english(messages: str) -> bool:
    """Whether a server with this `lc_messages` writes its errors in English; empty stands for its own environment."""
    return re.split(r"[._]", messages)[0] in ("", "C", "POSIX", "en")


def _by_administrator(why: str, rows: Iterable[tuple[str, ...]]) -> str:
    statements = "".join(f"\n  {row[-1]};" for row in rows)
    return f"{why}, an administrator runs in that database (docs/warehouse.md says what for):{statements}"
