"""What a task of dbt tells of an error in the database: without the values of rows that Postgres quotes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from include.dbt_command import without_row_values


def hide_row_values(_: Any) -> None:
    """From now on dbt's database errors, in this process, leave out what they would quote of rows.

    For each task of dbt, which has a process of its own. dbt prints its errors and Cosmos raises them again; they all
    come through the method of dbt's adapter that is replaced here.
    """
    from dbt.adapters.postgres.connections import PostgresConnectionManager  # noqa: PLC0415 - costs a second
    from dbt_common.exceptions import DbtDatabaseError  # noqa: PLC0415

    tell = PostgresConnectionManager.exception_handler

    @contextmanager
    def tell_without_rows(self: PostgresConnectionManager, sql: str) -> Iterator[None]:
        try:
            with tell(self, sql):
                yield
        except DbtDatabaseError as error:
            raise DbtDatabaseError(without_row_values(error.msg)) from None

    PostgresConnectionManager.exception_handler = tell_without_rows  # type: ignore[method-assign]
