"""How Rollcall reaches its warehouse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, make_url

from include.errors import ToldError
from include.settings import Settings

MINIMUM_POSTGRES = 16
WAREHOUSE_DATABASE = "rollcall"
SOURCE_LOCK = "rollcall:source:"
SESSION = {
    # How values are read and written as text.
    "client_encoding": "UTF8",
    "DateStyle": "ISO,MDY",
    "TimeZone": "UTC",
    "standard_conforming_strings": "on",
    # Every name in our SQL is qualified.
    "search_path": "",
    "default_transaction_isolation": "read\\ committed",
    # Limits for people at a prompt: a large load may take longer.
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}
"""Settings of every session of ours, psycopg's, dbt's and Great Expectations': what a server, a database or a role sets
otherwise changes no row."""
SESSION_OPTIONS = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
LOOKUP_OPTIONS = f"{SESSION_OPTIONS} -c random_page_cost=1.1 -c work_mem=64MB"
"""The same for dbt and Great Expectations. A morning looks up some 50,000 keys in millions of rows: by Postgres's
defaults, meant for disks that turn, it would read whole tables instead, and sort in files."""


class WarehouseError(ToldError):
    """The warehouse cannot be used; the message says why and what to do."""


class WarehouseUnreachableError(WarehouseError):
    """There is no connection to the warehouse, or none that can be used."""


@dataclass(frozen=True)
class EmbeddedServer:
    """What is kept of the embedded server: its port, and a password for each role."""

    port: int
    passwords: dict[str, str]

    def as_json(self) -> str:
        """The text that `embedded_server` reads."""
        return json.dumps(asdict(self))


def embedded_record(home: Path) -> Path:
    """The file in which the embedded server keeps its port and passwords (mode 0600)."""
    return home / "postgres" / "server.json"


def embedded_server(home: Path) -> EmbeddedServer:
    """What is kept of the embedded server under `home`.

    Raises:
        WarehouseError: it was never started, or its record cannot be read.
    """
    record = embedded_record(home)
    if not record.exists():
        raise WarehouseError("the embedded Postgres was never started here: `make run` starts it")
    try:
        return EmbeddedServer(**json.loads(record.read_text()))
    except (TypeError, ValueError):
        # Not what was found there: it may be half of a password.
        raise WarehouseError(f"{record} cannot be read: `make clean` removes all data and starts anew") from None


def warehouse_url(settings: Settings) -> URL:
    """The URL of the warehouse, with its port, without a driver: ROLLCALL_WAREHOUSE_URL, else the embedded server.

    Raises:
        WarehouseError: no URL is set, and the embedded server was never started.
    """
    if settings.warehouse_url:
        url = make_url(settings.warehouse_url)
        return url.set(drivername="postgresql", port=url.port or 5432)
    return embedded_url(settings.home, WAREHOUSE_DATABASE)


def embedded_url(home: Path, database: str) -> URL:
    """The URL of one database of the embedded server under `home`; each database is owned by the role of its name."""
    server = embedded_server(home)
    return URL.create(
        "postgresql",
        username=database,
        password=server.passwords[database],
        host="127.0.0.1",
        port=server.port,
        database=database,
    )


def shown(url: URL) -> str:
    """The URL for people: without password, and without options, which may hold one too."""
    return url.set(query={}).render_as_string(hide_password=True)


def connect(url: URL, *, autocommit: bool = False) -> psycopg.Connection:
    """An open connection to the warehouse, with the settings of `SESSION`.

    Raises:
        WarehouseUnreachableError: the server cannot be reached, or is older than PostgreSQL 16.
    """
    try:
        # Not as a URL: SQLAlchemy leaves a space in a password as it is, and libpq refuses that.
        parts: dict[str, Any] = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
        connection = psycopg.connect(**parts, autocommit=autocommit, options=SESSION_OPTIONS)
    except psycopg.OperationalError as error:
        raise WarehouseUnreachableError(f"cannot reach {shown(url)}: {error}") from error
    except psycopg.ProgrammingError:
        # Not its message: that may quote the URL.
        raise WarehouseUnreachableError(
            f"cannot reach {shown(url)}: Postgres does not know its options, after the `?`"
        ) from None
    version = connection.info.server_version
    if version < MINIMUM_POSTGRES * 10000:
        connection.close()
        raise WarehouseUnreachableError(
            f"the warehouse {shown(url)} is PostgreSQL {version // 10000}; "
            f"Rollcall needs PostgreSQL {MINIMUM_POSTGRES} or newer: name such a server in ROLLCALL_WAREHOUSE_URL, "
            "or leave it empty for the embedded one"
        )
    return connection


@contextmanager
def source_lock(connection: psycopg.Connection, source: str) -> Iterator[None]:
    """Holds the lock that serialises the loads of one source; waits for a load that is under way."""
    connection.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [SOURCE_LOCK + source])
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", [SOURCE_LOCK + source])


def describe_error(error: BaseException) -> str:
    """An error without what it may quote: of one that is not our own the type, of one of Postgres the place too, and of
    the operating system what it says is wrong.

    Postgres's messages and details hold values of rows, and so may those of Python, of a KeyError say.
    """
    if isinstance(error, ToldError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{type(error).__name__} ({error.strerror})"
    if not isinstance(error, psycopg.Error):
        return type(error).__name__
    where = [error.diag.schema_name, error.diag.table_name, error.diag.column_name, error.diag.constraint_name]
    parts = [type(error).__name__, f"SQLSTATE {error.sqlstate}" if error.sqlstate else None, *where]
    return ", ".join(part for part in parts if part)
