"""Whose turn it is to change silver, and to build gold from it: `ops.silver_turn`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import psycopg


@dataclass(frozen=True)
class Turn:
    """A run that has the turn, and since when."""

    dag_id: str
    dag_run_id: str
    taken_at: datetime


def take_turn(
    connection: psycopg.Connection, dag_id: str, dag_run_id: str, is_running: Callable[[str, str], bool]
) -> Turn | None:
    """Take the turn for a run. The turn of another instead, while that run is running, as `is_running` says of its DAG
    and its id; a run that was killed, or deleted, holds up nobody.
    """
    with connection.transaction():
        connection.execute("lock table ops.silver_turn in share row exclusive mode")
        row = connection.execute("select dag_id, dag_run_id, taken_at from ops.silver_turn").fetchone()
        if row and (row[0], row[1]) != (dag_id, dag_run_id) and is_running(row[0], row[1]):
            return Turn(*row)
        connection.execute("delete from ops.silver_turn")
        connection.execute("insert into ops.silver_turn (dag_id, dag_run_id) values (%s, %s)", [dag_id, dag_run_id])
    return None


def give_turn_back(connection: psycopg.Connection, dag_id: str, dag_run_id: str) -> None:
    """Let the next run have the turn; nothing when this run has not got it."""
    connection.execute("delete from ops.silver_turn where dag_id = %s and dag_run_id = %s", [dag_id, dag_run_id])
