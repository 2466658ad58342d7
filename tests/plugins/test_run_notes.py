"""The note on a DAG run, on Airflow's own models in a database of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from airflow.models import import_all_models
from airflow.models.base import Base
from airflow.models.dagrun import DagRun
from airflow.models.xcom import XComModel
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from include.orchestration.run_note import LONGEST
from plugins.run_notes import note_run

SUMMARY = "**success**\n- gold published as of 2025-03-14"


@pytest.fixture
def session() -> Iterator[Session]:
    import_all_models()
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as opened:
        yield opened


@pytest.fixture
def run(session: Session) -> DagRun:
    dag_run = DagRun(dag_id="student_dbt", run_id="by_hand", run_type="manual")
    session.add(dag_run)
    session.flush()
    return dag_run


def leave(session: Session, run: DagRun, text: str) -> None:
    session.merge(
        XComModel(
            dag_run_id=run.id,
            dag_id=run.dag_id,
            run_id=run.run_id,
            task_id="end",
            map_index=-1,
            key="note",
            value=json.dumps(text),
        )
    )
    session.flush()


def test_the_run_is_noted_with_what_its_end_left(session: Session, run: DagRun) -> None:
    leave(session, run, SUMMARY)

    note_run(run)

    assert run.note == SUMMARY


def test_a_run_that_never_came_to_its_end_has_no_note(run: DagRun) -> None:
    note_run(run)

    assert run.note is None


def test_a_run_that_is_cleared_is_noted_anew(session: Session, run: DagRun) -> None:
    for text in ("**failed**", SUMMARY):
        leave(session, run, text)
        note_run(run)

    assert run.note == SUMMARY


def test_what_a_person_wrote_stays_above_it_also_when_the_run_is_cleared(session: Session, run: DagRun) -> None:
    run.note = ("The school sent its roster again.", "maria")

    for text in ("**failed**", SUMMARY):
        leave(session, run, text)
        note_run(run)

    assert run.note == f"The school sent its roster again.\n\n---\n\n{SUMMARY}"


def test_a_long_note_of_a_person_leaves_the_note_as_long_as_airflow_keeps(session: Session, run: DagRun) -> None:
    run.note = ("x" * 990, "maria")
    leave(session, run, SUMMARY)

    note_run(run)

    assert len(run.note or "") == LONGEST
