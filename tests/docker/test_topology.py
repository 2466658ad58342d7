"""The services of compose.yaml without Docker, and a worker that dies half way."""

from __future__ import annotations

import csv

import httpx
import psycopg
import pytest
from playwright.sync_api import expect, sync_playwright

from include.local.follow import dbt_run_id
from tests.docker.compose_file import image_environment
from tests.docker.conftest import SAMPLE, Story, log_in, status_of
from tests.docker.topology import COMPONENTS, WORKERS, Topology
from tests.system_packages import program

pytestmark = pytest.mark.timeout(1800)

BROWSER_PATIENCE = 60_000
"""Milliseconds, for a machine that is busy."""


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
    assert loads == sorted((path.name,) for path in (story.topology.folder / "raw").glob("*"))
    assert story.rows("select sum(students_with_attendance)::int from gold.class_daily_performance") == [(len(newest),)]


def test_every_health_check_passes_but_that_of_the_killed_worker(story: Story) -> None:
    story.topology.wait_until_healthy({*COMPONENTS} - {story.killed})
    assert not story.topology.is_healthy(story.killed)


def test_another_worker_joins(story: Story) -> None:
    story.topology.start_component(story.killed)
    story.topology.wait_until_healthy([story.killed])


def test_without_a_login_the_ui_shows_nothing(topology: Topology) -> None:
    paths = ("/api/v2/dags", "/rollcall/data_docs/index.html")
    assert [status_of(topology.ui + path) for path in paths] == [401, 401]
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        log_in(topology.ui, "admin")


def test_the_analytics_the_data_docs_and_the_dbt_docs_are_served(story: Story) -> None:
    token = log_in(story.topology.ui, story.topology.variables["UI_PASSWORD"])
    pages = [f"/rollcall/{site}/index.html" for site in ("analytics", "data_docs", "dbt_docs")]
    assert [status_of(story.topology.ui + page, token) for page in pages] == [200, 200, 200]


def test_who_logs_in_with_a_browser_finds_the_data_docs_in_the_navigation(story: Story) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium"))
        page = browser.new_page()
        page.set_default_timeout(BROWSER_PATIENCE)
        page.goto(story.topology.ui)
        page.locator("input[name=username]").fill("admin")
        page.locator("input[name=password]").fill(story.topology.variables["UI_PASSWORD"])
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Data docs", exact=True).click()
        row = page.frame_locator("iframe").get_by_role("row").filter(has_text="silver.fact_attendance").first
        expect(row).to_contain_text("passed", timeout=BROWSER_PATIENCE)
        browser.close()


def test_the_reader_sees_gold_and_nothing_else(story: Story) -> None:
    with psycopg.connect(story.topology.database_url("rollcall", "rollcall_reader", "READER_PASSWORD")) as reader:
        assert reader.execute("select count(*) > 0 from gold.class_summary").fetchall() == [(True,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("select from bronze.students")


def test_no_role_is_a_superuser_or_makes_roles_or_databases(topology: Topology) -> None:
    rights = "select rolsuper or rolcreaterole or rolcreatedb from pg_roles where rolname = any(%s)"
    with psycopg.connect(topology.database_url("airflow", "airflow", "AIRFLOW_DB_PASSWORD")) as connection:
        found = connection.execute(rights, [["airflow", "rollcall", "rollcall_reader"]]).fetchall()
    assert found == [(False,)] * 3


@pytest.mark.parametrize(
    ("role", "other", "secret"),
    [
        ("airflow", "rollcall", "AIRFLOW_DB_PASSWORD"),
        ("rollcall", "airflow", "WAREHOUSE_PASSWORD"),
        ("rollcall_reader", "airflow", "READER_PASSWORD"),
    ],
)
def test_no_role_enters_the_database_of_another(topology: Topology, role: str, other: str, secret: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(topology.database_url(other, role, secret))


def test_a_worker_knows_nothing_of_airflows_own_database(story: Story) -> None:
    told = story.topology.environment(WORKERS[0]).values()
    secrets = ("AIRFLOW_DB_PASSWORD", "POSTGRES_PASSWORD", "FERNET_KEY", "JWT_SECRET", "API_SECRET_KEY", "UI_PASSWORD")
    assert [name for name in secrets for value in told if story.topology.variables[name] in value] == []


def test_no_component_is_told_of_a_place_that_only_a_container_has(story: Story) -> None:
    told = {story.topology.environment(name)[variable] for name in COMPONENTS for variable in image_environment()}
    assert [value for value in told if value.startswith(("/opt/", "/srv/", "/var/"))] == []


def test_no_secret_is_in_a_log(story: Story) -> None:
    secrets = [value for value in story.topology.variables.values() if len(value) > 40]
    assert len(secrets) == 9
    logs = [path for name in ("output", "logs", "airflow") for path in (story.topology.folder / name).rglob("*.log")]
    assert len(logs) > 20
    texts = {path.name: path.read_text(errors="replace") for path in logs}
    assert [name for name, text in texts.items() for secret in secrets if secret in text] == []
