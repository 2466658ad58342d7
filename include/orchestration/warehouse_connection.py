"""The warehouse inside Airflow: the connection `warehouse`, the only home of its credentials there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.sdk.exceptions import AirflowException
from sqlalchemy import URL

from include.errors import ToldError
from include.settings import URL_OPTIONS
from include.warehouse.connection import WarehouseError, connect, describe_error

WAREHOUSE = "warehouse"


class UnexpectedError(ToldError):
    """Something that was not foreseen went wrong in a task: its type, without its text, and its traceback."""


def warehouse_url() -> URL:
    """The URL of the warehouse, with its password: not to be logged."""
    hook = PostgresHook(postgres_conn_id=WAREHOUSE)
    extra = hook.connection.extra_dejson
    url: URL = hook.sqlalchemy_url
    return url.set(drivername="postgresql", query={name: extra[name] for name in URL_OPTIONS if name in extra})


@contextmanager
def open_warehouse() -> Iterator[psycopg.Connection]:
    """An autocommit connection to the warehouse, closed at the end of the block.

    Raises:
        WarehouseError, UnexpectedError: as `hiding_rows`.
    """
    with hiding_rows(), connect(warehouse_url(), autocommit=True) as connection:
        yield connection


@contextmanager
def hiding_rows() -> Iterator[None]:
    """Lets errors out of the block without the rows that they may quote.

    Raises:
        WarehouseError: in place of an error of Postgres, whose message and details may quote rows: Airflow logs them.
        UnexpectedError: in place of any other error that is neither ours nor Airflow's, for the same reason.
    """
    try:
        yield
    except psycopg.Error as error:
        raise WarehouseError(f"the warehouse reported {describe_error(error)}; its own log says more") from None
    except (ToldError, AirflowException):
        raise
    except Exception as error:  # noqa: BLE001 - it goes on, without its text
        raise UnexpectedError(
            f"unexpected {type(error).__name__}: its text may quote a row and is left out; the traceback says where"
        ).with_traceback(error.__traceback__) from None
