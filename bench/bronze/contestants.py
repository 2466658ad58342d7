"""What is measured against each other: psql, Rollcall, and the peers; each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from include.local.psql import psql_command

HERE = Path(__file__).parent


class ContestError(RuntimeError):
    """A process that was to be measured did not do its work; the message ends with its last words."""


@dataclass(frozen=True)
class Measured:
    """Seconds of the work itself, seconds of its whole process, and what else the process told."""

    seconds: float
    process_seconds: float
    told: dict[str, Any] = field(default_factory=dict)


def copy(url: URL, table: str, file: Path) -> Measured:
    """L: psql copies a CSV file into a table.

    The figure is that of its whole process, which connects and commits, as Rollcall does in the figure of its own; to
    start psql takes a few milliseconds.
    """
    command, environment = psql_command(url, f"\\copy {table} from '{file}' with (format csv, header match)")
    _, seconds = _timed(command, environment)
    return Measured(seconds, seconds)


def load(url: URL, home: Path, source: str, file: Path) -> Measured:
    """One load by Rollcall."""
    return _python(sys.executable, ["-m", "bench.bronze.load_once", source, str(file)], _settings(url, home, file))


def checkpoint(url: URL, home: Path) -> Measured:
    """One checkpoint_bronze."""
    return _python(sys.executable, ["-m", "bench.bronze.checkpoint_once"], _settings(url, home, home))


def pandas(python: Path, url: URL, file: Path) -> Measured:
    """One load by pandas' `to_sql`."""
    return _python(str(python), [str(HERE / "peer_pandas.py"), str(file)], _peer(url))


def dlt(python: Path, url: URL, file: Path, disposition: str) -> Measured:
    """One load by dlt, which merges or appends."""
    return _python(str(python), [str(HERE / "peer_dlt.py"), disposition, str(file)], _peer(url))


def _settings(url: URL, home: Path, file: Path) -> dict[str, str]:
    return {
        "ROLLCALL_HOME": str(home),
        "ROLLCALL_RAW_DIR": str(file.parent),
        "ROLLCALL_WAREHOUSE_URL": url.render_as_string(hide_password=False),
    }


def _peer(url: URL) -> dict[str, str]:
    return {"BENCH_URL": url.render_as_string(hide_password=False), "RUNTIME__DLTHUB_TELEMETRY": "false"}


def _python(python: str, arguments: list[str], settings: dict[str, str]) -> Measured:
    output, process_seconds = _timed([python, *arguments], {**os.environ, **settings})
    told = json.loads(output.splitlines()[-1])
    return Measured(told.pop("seconds"), process_seconds, told)


def _timed(command: list[str], environment: dict[str, str]) -> tuple[str, float]:
    started = time.perf_counter()
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise ContestError(f"{' '.join(command[:3])} ended with {process.returncode}:\n{process.stderr[-2000:]}")
    return process.stdout, seconds
