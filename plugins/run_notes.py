"""Puts the summary that a run leaves behind on the DAG run, as its note in the UI.

The scheduler calls it when a run ends. What it writes down is the XCom `note` of the task `end`: the scheduler reads
its own database, never the warehouse.
"""

from __future__ import annotations

from airflow.listeners import hookimpl
from airflow.models.dagrun import DagRun, DagRunNote
from airflow.models.xcom import XComModel
from airflow.plugins_manager import AirflowPlugin
from sqlalchemy.orm import object_session

RULE = "\n\n---\n\n"


class RunNotes:
    """Listens to the ends of runs."""

    @hookimpl
    def on_dag_run_success(self, dag_run: DagRun) -> None:
        """Note a run that succeeded."""
        note_run(dag_run)

    @hookimpl
    def on_dag_run_failed(self, dag_run: DagRun) -> None:
        """Note a run that failed."""
        note_run(dag_run)


def note_run(dag_run: DagRun) -> None:
    """Make the XCom `note` of the run's task `end` its note, below what a person has written there."""
    session = object_session(dag_run)
    query = XComModel.get_many(run_id=dag_run.run_id, dag_ids=dag_run.dag_id, task_ids="end", key="note", limit=1)
    left = session.scalars(query).first() if session else None
    if left:
        written = dag_run.dag_run_note
        persons = written.content.split(RULE)[0] if written and written.user_id else ""
        summary = XComModel.deserialize_value(left)
        dag_run.note = (persons + RULE + summary if persons else summary)[: DagRunNote.__table__.c.content.type.length]


class RunNotesPlugin(AirflowPlugin):
    """Registers the listener with Airflow."""

    name = "rollcall_run_notes"
    listeners = [RunNotes()]  # noqa: RUF012 - Airflow's own declaration
