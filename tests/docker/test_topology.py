"""The services of compose.yaml without Docker, and a worker that dies half way."""

from __future__ import annotations

import csv

import httpx
import pytest

from include.local.follow import dbt_run_id
from tests.docker.compose_file import image_environment
from tests.docker.conftest import SAMPLE, Story, log_in, status_of
from tests.docker.topology import COMPONENTS, WORKERS

pytestmark = pytest.mark.timeout(900)


def test_both_workers_were_in_the_middle_of_a_load_when_one_was_killed(story: Story) -> None:
    assert sum(story.held_up.values()) == 3
    assert all(story.held_up.values())


def test_gold_is_published_once(story: Story) -> None:
    assert story.outcome.published, story.told
    assert story.outcome.failed_sources == ()
    assert story.rows("select dag_run_id from ops.publications") == [(dbt_run_id(story.outcome.run_id),)]


def test_only_the_tasks_of_the_killed_worker_were_tried_again(story: Story) -> None:
    again = [task["task_id"] for task in story.tasks() if task["try_number"] > 1]
    assert len(again) == story.held_up[story.killed]
    assert all(task_id.startswith("ingest_") for task_id in again)


def test_no_task_and_no_job_is_left_running(story: Story) -> None:
    assert {task["state"] for task in story.tasks()} == {"success"}
    assert story.rows("select count(*) from ops.etl_job_status where status = 'running'") == [(0,)]


def test_every_file_is_loaded_once_and_gold_counts_every_row(story: Story) -> None:
    newest: dict[str, dict[str, str]] = {}
    for path in sorted(SAMPLE.glob("attendance*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                known = newest.get(row["attendance_id"])
                if known is None or row["created_at"] > known["created_at"]:
                    newest[row["attendance_id"]] = row
    loads = story.rows("select file from ops.file_loads where status = 'loaded' order by file")
    assert loads == sorted((path.name,) for path in SAMPLE.glob("[a-z]*"))
    assert story.rows("select sum(students_with_attendance)::int from gold.class_daily_performance") == [(len(newest),)]


def test_every_health_check_passes_but_that_of_the_killed_worker(story: Story) -> None:
    healthy = {name for name in COMPONENTS if story.topology.is_healthy(name)}
    assert healthy == {*COMPONENTS} - {story.killed}


def test_another_worker_joins(story: Story) -> None:
    story.topology.start_component(story.killed)
    story.topology.wait_until(lambda: story.topology.is_healthy(story.killed), "the worker is back")


@pytest.mark.usefixtures("story")
def test_without_a_login_the_ui_shows_nothing() -> None:
    assert [status_of(path) for path in ("/api/v2/dags", "/rollcall/data_docs/index.html")] == [401, 401]
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        log_in("admin")


def test_the_data_docs_and_the_dbt_docs_are_served(story: Story) -> None:
    token = log_in(story.topology.variables["UI_PASSWORD"])
    pages = ("/rollcall/data_docs/index.html", "/rollcall/dbt_docs/index.html")
    assert [status_of(page, token) for page in pages] == [200, 200]


def test_a_worker_knows_nothing_of_airflows_own_database(story: Story) -> None:
    told = story.topology.environment(WORKERS[0]).values()
    secrets = ("AIRFLOW_DB_PASSWORD", "POSTGRES_PASSWORD", "FERNET_KEY", "JWT_SECRET", "API_SECRET_KEY", "UI_PASSWORD")
    assert [name for name in secrets for value in told if story.topology.variables[name] in value] == []


def test_no_component_is_told_of_a_place_that_only_a_container_has(story: Story) -> None:
    told = {story.topology.environment(name)[variable] for name in COMPONENTS for variable in image_environment()}
    assert [value for value in told if value.startswith(("/opt/", "/srv/", "/var/"))] == []


def test_no_secret_is_in_a_log(story: Story) -> None:
    secrets = [value for value in story.topology.variables.values() if len(value) > 40]
    assert len(secrets) == 8
    logs = [path for name in ("output", "logs", "airflow") for path in (story.topology.folder / name).rglob("*.log")]
    assert len(logs) > 20
    texts = {path.name: path.read_text(errors="replace") for path in logs}
    assert [name for name, text in texts.items() for secret in secrets if secret in text] == []
