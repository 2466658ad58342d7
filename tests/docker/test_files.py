"""What compose.yaml, the Dockerfile, databases.sql and .env.example promise, read out of the files themselves."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment

import pytest
from dotenv import dotenv_values

from include.local.environment import NO_USAGE_METRICS, airflow_environment
from include.local.postgres import OPTIONS, EmbeddedPostgres
from include.settings import DEFAULTS, REPOSITORY, load_settings
from tests.docker.compose_file import (
    COMPOSE,
    command,
    environment,
    image_environment,
    instructions,
    last_build_step,
    services,
)
from tests.docker.topology import make_env

FOLDER = REPOSITORY / "docker"
EXAMPLE = dotenv_values(FOLDER / ".env.example")
SECRETS = {name for name, value in EXAMPLE.items() if not value}
FILLED = {name: value or f"secret-{name}" for name, value in EXAMPLE.items()}
SERVICES = services(FILLED)
AIRFLOW = {name: service for name, service in SERVICES.items() if service["image"] == "rollcall"}
# Folders and servers are what compose.yaml itself decides.
PLACES = {"ROLLCALL_HOME", "ROLLCALL_RAW_DIR", "ROLLCALL_WAREHOUSE_URL", "ROLLCALL_PG_PORT", "ROLLCALL_UI_PORT"}


def reached_first(name: str) -> set[str]:
    """The services that are made before this one."""
    before = set(SERVICES[name].get("depends_on", ()))
    return before.union(*map(reached_first, before))


def test_every_variable_of_compose_is_in_the_example_and_no_other() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    named = set(re.findall(r"\$\{(\w+)", text)) | set(re.findall(r"^  (ROLLCALL_\w+):$", text, re.MULTILINE))
    assert named == set(EXAMPLE)


def test_compose_refuses_to_start_without_a_secret() -> None:
    text = COMPOSE.read_text(encoding="utf-8")
    for name in SECRETS:
        assert set(re.findall(rf"\$\{{{name}(.)(.)", text)) == {(":", "?")}, name
        with pytest.raises(KeyError, match=name):
            services({**FILLED, name: ""})
    assert {name for name in EXAMPLE if "PASSWORD" in name or "KEY" in name or "SECRET" in name} == SECRETS


def test_every_setting_of_the_pipeline_reaches_every_component_of_airflow() -> None:
    for name, service in AIRFLOW.items():
        told = environment(service, FILLED)
        assert {setting: told.get(setting) for setting in {*DEFAULTS} - PLACES} == {
            setting: DEFAULTS[setting] for setting in {*DEFAULTS} - PLACES
        }, name


def test_only_the_ui_and_postgres_are_published_and_on_this_machine_only() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"api-server": ["127.0.0.1:8080:8080"], "postgres": ["127.0.0.1:54330:5432"]}
    assert not any("network_mode" in service for service in SERVICES.values())


def test_one_service_builds_the_image_and_nobody_asks_a_registry_for_it() -> None:
    assert [name for name, service in SERVICES.items() if "build" in service] == ["migrate"]
    assert {service["pull_policy"] for service in AIRFLOW.values()} == {"never"}


def test_no_proxy_stands_between_the_components() -> None:
    for name, service in AIRFLOW.items():
        told = environment(service, FILLED)
        server = urlsplit(told["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]).netloc
        assert proxy_bypass_environment(server, {"no": told["no_proxy"]}), name
        assert told["NO_PROXY"] == told["no_proxy"], name


def test_the_raw_folder_is_read_only_and_never_made_by_docker() -> None:
    mounts = {
        name: volume
        for name, service in SERVICES.items()
        for volume in service.get("volumes", ())
        if isinstance(volume, dict)
    }
    assert set(mounts) == {"worker", "triggerer"}
    for raw in mounts.values():
        assert (raw["target"], raw["read_only"]) == (image_environment()["ROLLCALL_RAW_DIR"], True)
        assert raw["bind"] == {"create_host_path": False}


def test_every_volume_of_the_image_is_first_mounted_to_be_written() -> None:
    mounted = {volume for name in AIRFLOW for volume in AIRFLOW[name].get("volumes", ()) if isinstance(volume, str)}
    assert {volume.removesuffix(":ro") for volume in mounted} == {*SERVICES["migrate"]["volumes"]}
    assert all("migrate" in reached_first(name) for name in {*AIRFLOW} - {"migrate"})


def test_everything_that_goes_on_has_a_health_check_and_starts_again() -> None:
    servers = {name: service for name, service in SERVICES.items() if name != "migrate"}
    assert {"postgres", "redis", "api-server", "scheduler", "dag-processor", "triggerer", "worker"} == set(servers)
    for name, service in servers.items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_workers_can_be_scaled() -> None:
    assert not {"container_name", "ports", "hostname"} & set(SERVICES["worker"])


def test_every_image_is_pinned_to_a_patch_release() -> None:
    images = {service["image"] for service in SERVICES.values() if service["image"] != "rollcall"}
    images |= {rest for word, rest in instructions() if word == "FROM"}
    assert all(re.search(r":\d+\.\d+(\.\d+)?\b", image) for image in images), images
    assert any(image.startswith("postgres:18.") for image in images)


def test_what_the_image_copies_is_there_and_let_through() -> None:
    let_through = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    for word, rest in instructions():
        for source in rest.split()[:-1] if word == "COPY" else []:
            assert (REPOSITORY / source).exists(), source
            assert any(Path(source).match(pattern) for pattern in let_through), source


def test_nothing_runs_as_root() -> None:
    assert [rest for word, rest in instructions() if word == "USER"] == ["10001"]
    assert SERVICES["redis"]["user"] == "redis"


def test_the_last_step_of_the_build_makes_the_manifest_and_the_dbt_docs() -> None:
    assert last_build_step() == "python -m include.dbt_artifacts"
    assert instructions()[-1] == ("RUN", last_build_step())


def test_airflow_is_told_the_same_on_a_laptop(postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", "")
    laptop = airflow_environment(load_settings({"ROLLCALL_HOME": str(postgres.home)}), 8080)
    image = image_environment()
    for option in ("LOAD_EXAMPLES", "DAGS_ARE_PAUSED_AT_CREATION", "DEFAULT_TASK_RETRY_DELAY"):
        assert image[f"AIRFLOW__CORE__{option}"] == laptop[f"AIRFLOW__CORE__{option}"]
    for option in ("DAGS_FOLDER", "PLUGINS_FOLDER"):
        here = image[f"AIRFLOW__CORE__{option}"].replace("/opt/rollcall", str(REPOSITORY))
        assert here == laptop[f"AIRFLOW__CORE__{option}"]
    assert NO_USAGE_METRICS.items() <= image.items()
    interval = "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL"
    assert SERVICES["dag-processor"]["environment"][interval] == laptop[interval]


def test_the_servers_log_keeps_rows_to_itself_as_on_a_laptop() -> None:
    for option in OPTIONS:
        if option.startswith("log_"):
            assert option in command(SERVICES["postgres"])


def test_make_env_fills_every_secret_anew_and_leaves_what_is_there(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    made = [make_env(folder) for folder in folders]
    for name in SECRETS:
        assert len({env[name] for env in made}) == 2, name
        assert all(re.fullmatch(r"[\w=-]{44,}", env[name]) for env in made), name
    again = subprocess.run(["sh", "make-env.sh"], cwd=folders[0], capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "was left as it is" in again.stderr
    assert dotenv_values(folders[0] / ".env") == made[0]
    assert (folders[0] / ".env").stat().st_mode & 0o77 == 0
