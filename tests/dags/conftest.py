"""The DAGs as Airflow's dag processor reads them, rendered from a manifest made for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from sqlalchemy import make_url

from include.dbt_command import dbt_environment, run_dbt
from include.settings import REPOSITORY


@pytest.fixture(scope="session")
def manifest_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ROLLCALL_HOME that holds nothing but dbt's manifest."""
    home = tmp_path_factory.mktemp("manifest_home")
    nowhere = make_url("postgresql://nobody@127.0.0.1/nowhere")
    run_dbt("parse", environment=dbt_environment(nowhere), target=home / "dbt" / "target")
    return home


@pytest.fixture(scope="session")
def dagbag(manifest_home: Path) -> Iterator[DagBag]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROLLCALL_HOME", str(manifest_home))
        yield DagBag(REPOSITORY / "dags")


@pytest.fixture(scope="session")
def student_ingestion(dagbag: DagBag) -> DAG:
    return dagbag.dags["student_ingestion"]


@pytest.fixture(scope="session")
def bronze_operations(dagbag: DagBag) -> DAG:
    return dagbag.dags["bronze_operations"]


@pytest.fixture(scope="session")
def learning_events_ingestion(dagbag: DagBag) -> DAG:
    return dagbag.dags["learning_events_ingestion"]


@pytest.fixture(scope="session")
def maintenance(dagbag: DagBag) -> DAG:
    return dagbag.dags["maintenance"]


@pytest.fixture(scope="session")
def student_dbt(dagbag: DagBag) -> DAG:
    return dagbag.dags["student_dbt"]
