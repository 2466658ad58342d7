"""The runs that are kept: one JSON file per table and run, as the validation results store wrote it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from expectations.gx.verdict import Verdict, outcome_of, verdicts_of
from expectations.window import Outcome

NEW_ROWS, WHOLE_TABLE = "new rows", "whole table"


@dataclass(frozen=True)
class StoredRun:
    """What one run found in one table. `query` gives the rows looked at, None when it was the whole table."""

    file: Path
    name: str
    time: datetime
    table: str
    query: str | None
    verdicts: tuple[Verdict, ...]

    @property
    def batch(self) -> str:
        """Which rows were looked at."""
        return NEW_ROWS if self.query else WHOLE_TABLE

    @property
    def outcome(self) -> Outcome:
        """What the run came to."""
        return outcome_of(self.verdicts)

    @property
    def met(self) -> int:
        """The number of expectations that held."""
        return sum(verdict.status == "passed" for verdict in self.verdicts)


def stored_runs(folder: Path) -> list[StoredRun]:
    """Every run below the folder, newest first; one that another process is just writing is left out."""
    runs = []
    for file in sorted(folder.rglob("*.json")):
        with suppress(json.JSONDecodeError):
            runs.append(_run(file, json.loads(file.read_bytes())))
    return sorted(runs, key=lambda run: run.time, reverse=True)


def beyond(runs: Iterable[StoredRun], kept: int) -> list[StoredRun]:
    """Of runs, newest first, those older than the newest `kept` of their table."""
    seen: Counter[str] = Counter()
    old = []
    for run in runs:
        seen[run.table] += 1
        if seen[run.table] > kept:
            old.append(run)
    return old


def _run(file: Path, result: dict[str, Any]) -> StoredRun:
    meta = result["meta"]
    return StoredRun(
        file=file,
        name=meta["run_id"]["run_name"],
        time=datetime.fromisoformat(meta["run_id"]["run_time"]).astimezone(UTC),
        table=result["suite_name"],
        query=meta["batch_spec"].get("query"),
        verdicts=verdicts_of(result["results"]),
    )
