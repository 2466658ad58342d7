"""How Rollcall reaches its warehouse."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
from sqlalchemy import URL, make_url

from include.settings import Settings

MINIMUM_POSTGRES = 16
WAREHOUSE_DATABASE = "rollcall"


class WarehouseError(RuntimeError):
    """The warehouse cannot be used; the message says why and what to do."""


def embedded_record(home: Path) -> Path:
    """The file in which the embedded server keeps its port and password (mode 0600)."""
    return home / "postgres" / "server.json"


def warehouse_url(settings: Settings) -> URL:
    """The URL of the warehouse, without a driver: ROLLCALL_WAREHOUSE_URL, else the embedded server.

    Raises:
        WarehouseError: no URL is set, and the embedded server was never started.
    """
    if settings.warehouse_url:
        return make_url(settings.warehouse_url)
    return embedded_url(settings.home, WAREHOUSE_DATABASE)


def embedded_url(home: Path, database: str) -> URL:
    """The URL of one database of the embedded server under `home`; each database is owned by the role of its name."""
    record = embedded_record(home)
    if not record.exists():
        raise WarehouseError("the embedded Postgres was never started here: `make run` starts it")
    server = json.loads(record.read_text())
    return URL.create(
        "postgresql",
        username=database,
        password=server["password"],
        host="127.0.0.1",
        port=server["port"],
        database=database,
    )


def connect(url: URL, *, autocommit: bool = False) -> psycopg.Connection:
    """An open connection to the warehouse.

    Raises:
        WarehouseError: the server cannot be reached, or is older than PostgreSQL 16.
    """
    try:
        connection = psycopg.connect(
            url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=autocommit
        )
    except psycopg.OperationalError as error:
        raise WarehouseError(f"cannot reach {url.render_as_string(hide_password=True)}: {error}") from error
    version = connection.info.server_version
    if version < MINIMUM_POSTGRES * 10000:
        connection.close()
        raise WarehouseError(
            f"the warehouse at {url.host}:{url.port} is PostgreSQL {version // 10000}; "
            f"Rollcall needs PostgreSQL {MINIMUM_POSTGRES} or newer"
        )
    return connection
