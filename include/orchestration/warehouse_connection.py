"""The warehouse inside Airflow: the connection `warehouse`, the only home of its credentials there."""

from __future__ import annotations

import psycopg
from airflow.providers.postgres.hooks.postgres import PostgresHook
from sqlalchemy import URL

from include.warehouse.connection import connect

WAREHOUSE = "warehouse"


def warehouse_url() -> URL:
    """The URL of the warehouse, with its password: not to be logged."""
    url: URL = PostgresHook(postgres_conn_id=WAREHOUSE).sqlalchemy_url
    return url.set(drivername="postgresql")


def open_warehouse() -> psycopg.Connection:
    """An autocommit connection to the warehouse."""
    return connect(warehouse_url(), autocommit=True)
