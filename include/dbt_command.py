"""Running dbt outside of Airflow, and what its manifest says about gold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import URL

from include.errors import ToldError
from include.settings import REPOSITORY
from include.warehouse.connection import LOOKUP_OPTIONS

PROJECT = REPOSITORY / "include" / "dbt"
NO_LOAD_LIMIT = 2**63 - 1
FAILURES = ("error", "fail", "runtime error")
SHOWN_LINES = 20

POSTGRES_DETAIL = re.compile(r"\n\s*(DETAIL|CONTEXT|QUERY|WHERE):.*?(?=\n\s*compiled code at|\Z)", re.DOTALL)
QUOTED = re.compile(r'(\b(?:relation|column|constraint|table|schema|database|type|role|index)\s+)?"[^"]*"')


class DbtFailed(ToldError):  # noqa: N818 - the name says what happened to dbt
    """dbt did not succeed; the message names the nodes that failed and why, without values of rows."""


class ManifestError(ToldError):
    """dbt's manifest cannot be used; the message says what to do."""


@dataclass(frozen=True)
class GoldModel:
    """A gold table, and the columns that are its primary key; or a view, and the columns that are unique in it."""

    name: str
    key: tuple[str, ...]
    is_view: bool


def manifest_path(home: Path) -> Path:
    """Where the manifest of this ROLLCALL_HOME is; made by `dbt parse` before Airflow starts."""
    return home / "dbt" / "target" / "manifest.json"


def dbt_environment(
    url: URL,
    *,
    as_of: date | None = None,
    max_load_id: int | None = None,
    fingerprints: Mapping[str, str] | None = None,
    timezone: str = "UTC",
) -> dict[str, str]:
    """The variables that the dbt project and its driver read; without `as_of` gold cannot be built, without the
    `fingerprints` of its tables silver is built anew.
    """
    environment = {
        "ROLLCALL_DBT_HOST": url.host or "127.0.0.1",
        "ROLLCALL_DBT_PORT": str(url.port or 5432),
        "ROLLCALL_DBT_USER": url.username or "",
        "ROLLCALL_DBT_PASSWORD": str(url.password or ""),
        "ROLLCALL_DBT_DBNAME": url.database or "",
        "ROLLCALL_MAX_LOAD_ID": str(NO_LOAD_LIMIT if max_load_id is None else max_load_id),
        "ROLLCALL_SILVER_FINGERPRINTS": json.dumps(fingerprints or {}),
        "ROLLCALL_TIMEZONE": timezone,
        "PGOPTIONS": LOOKUP_OPTIONS,
        # libpq's own variables: sslmode is PGSSLMODE.
        **{f"PG{name.upper()}": str(value) for name, value in url.query.items()},
    }
    return environment | ({"ROLLCALL_AS_OF": as_of.isoformat()} if as_of else {})


def run_dbt(*arguments: str, environment: Mapping[str, str], target: Path) -> None:
    """Run one dbt command on the project; everything that dbt writes lands under `target`.

    Raises:
        DbtFailed: the command did not succeed.
    """
    results = target / "run_results.json"
    results.unlink(missing_ok=True)
    run = start_dbt(*arguments, environment=environment, target=target, capture_output=True)
    if run.returncode != 0:
        failures = _failures(results)
        reason = "\n".join(failures) if failures else _tail(run.stdout + run.stderr)
        raise DbtFailed(f"dbt {' '.join(arguments)} failed:\n{reason}")


def start_dbt(
    *arguments: str, environment: Mapping[str, str], target: Path, capture_output: bool
) -> subprocess.CompletedProcess[str]:
    """What became of one dbt command on the project, whether it succeeded or not."""
    return subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments, "--project-dir", PROJECT, "--profiles-dir", PROJECT],
        env=_inherited() | dict(environment) | _dbt_settings(target),
        # Not the project's parent: there a folder called dbt would hide the package.
        cwd=PROJECT,
        capture_output=capture_output,
        text=True,
        check=False,
    )


def gold_models(manifest: Path) -> tuple[GoldModel, ...]:
    """The gold tables and views of the project, by name, with the key that each model's `meta` gives.

    Raises:
        ManifestError: there is no manifest, or a gold model has no key.
    """
    if not manifest.exists():
        raise ManifestError(f"{manifest} is missing: run `dbt parse`")
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    models = [node for node in nodes if node["resource_type"] == "model" and node["path"].startswith("gold/")]
    keyless = sorted(node["name"] for node in models if not node["config"]["meta"].get("key"))
    if keyless:
        raise ManifestError(f"gold models without a key in their config.meta: {', '.join(keyless)}")
    return tuple(
        GoldModel(
            node["name"], tuple(node["config"]["meta"]["key"]), is_view=node["config"].get("materialized") == "view"
        )
        for node in sorted(models, key=lambda node: str(node["name"]))
    )


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("ROLLCALL_", "DBT_"))}


def _dbt_settings(target: Path) -> dict[str, str]:
    return {
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target / "logs"),
        "DBT_USE_COLORS": "false",
        "DO_NOT_TRACK": "1",
    }


def _failures(results: Path) -> list[str]:
    if not results.exists():
        return []
    return [
        f"{result['unique_id']}: {without_row_values(result['message'] or result['status'])}"
        for result in json.loads(results.read_text(encoding="utf-8"))["results"]
        if result["status"] in FAILURES
    ]


def without_row_values(message: str) -> str:
    """The message of a database without its detail lines and without quoted text that does not name an object."""
    return QUOTED.sub(lambda found: found[0] if found[1] else '"…"', POSTGRES_DETAIL.sub("", message))


def _tail(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-SHOWN_LINES:])
