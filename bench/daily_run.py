"""What a morning costs as history grows: `python -m bench.daily_run`; docs/benchmarks.md says how to read it.

On a history of attendance it loads one more school day of every student, builds silver and gold, checks both and
publishes, as the DAGs do but without Airflow; a whole build of the same warehouse stands beside it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date
from pathlib import Path
from statistics import median

import psycopg
from tabulate import tabulate

from bench.bronze.databases import EMPTY_WAREHOUSE, MEASURED, Databases
from bench.district import District, school_days
from expectations.checkpoint import run_checkpoint
from expectations.table import Layer
from include.dbt_artifacts import build_manifest
from include.dbt_command import dbt_environment, gold_models, manifest_path, run_dbt
from include.ingestion.sources import SOURCES
from include.ingestion.task import ingest
from include.settings import Settings, load_settings
from include.silver_fingerprints import silver_fingerprints
from include.warehouse.bounds import read_bounds
from include.warehouse.connection import connect
from include.warehouse.publish import begin_candidate, publish
from include.warehouse.silver_changes import forget_taken_in

SILVER = ("--select", "path:seeds", "path:models/silver")
GOLD = ("--select", "path:models/gold")


@dataclass(frozen=True)
class Morning:
    """Seconds from the file to published gold, by what took them."""

    bronze: float
    silver: float
    gold: float
    checkpoints: float
    publish: float

    @property
    def whole(self) -> float:
        """All of them."""
        return sum(astuple(self))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; the exit status is 0."""
    options = _parser().parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="rollcall-bench-"))
    databases = Databases(folder / "home", _say)
    rows = []
    try:
        databases.start()
        for history in options.rows:
            rows.append(_measured(databases, folder, history, options.students, options.rounds))
    finally:
        databases.server.stop()
        shutil.rmtree(folder)
    print(_table(rows, options.students, "github" if options.markdown else "simple"))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.daily_run", description=__doc__)
    sizes = (500_000, 3_000_000, 10_000_000)
    parser.add_argument("--rows", type=int, nargs="+", default=sizes, help="of attendance in each history")
    parser.add_argument("--students", type=int, default=50_000, help="as many rows come in a day")
    parser.add_argument("--rounds", type=int, default=3, help="days that are measured on each history")
    parser.add_argument("--markdown", action="store_true", help="the table as docs/benchmarks.md has it")
    return parser


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _measured(databases: Databases, folder: Path, history: int, students: int, rounds: int) -> list[float]:
    """A line of the table: the medians of some mornings on a history, and a whole build."""
    settings = _settings(databases, folder)
    days = list(school_days(history // students + rounds))
    district = District(settings.raw_dir, students)
    district.write_roster(days[0])
    district.write_days("history", days[:-rounds])
    Day(settings, databases, days[-rounds - 1]).run()
    databases.settle(MEASURED)
    mornings = []
    for day in days[-rounds:]:
        district.write_days(day.isoformat(), [day])
        mornings.append(Day(settings, databases, day).run())
        _say(f"{history:,} rows: {mornings[-1]} {mornings[-1].whole:.1f} s")
    whole_build = Day(settings, databases, days[-1]).build_whole()
    _say(f"{history:,} rows: dbt build --full-refresh {whole_build:.1f} s")
    parts = [median(getattr(morning, part.name) for morning in mornings) for part in fields(Morning)]
    return [history, *parts, median(morning.whole for morning in mornings), whole_build]


def _settings(databases: Databases, folder: Path) -> Settings:
    """Settings of a fresh, empty warehouse and raw folder."""
    raw_dir = folder / "raw"
    shutil.rmtree(raw_dir, ignore_errors=True)
    raw_dir.mkdir()
    url = databases.restore(EMPTY_WAREHOUSE)
    return load_settings(
        {
            "ROLLCALL_HOME": str(folder / "home"),
            "ROLLCALL_RAW_DIR": str(raw_dir),
            "ROLLCALL_WAREHOUSE_URL": url.render_as_string(hide_password=False),
        }
    )


@dataclass(frozen=True)
class Day:
    """A morning in a warehouse whose newest day is `as_of`."""

    settings: Settings
    databases: Databases
    as_of: date

    def run(self) -> Morning:
        """Load what is new, build, check and publish, as the two DAGs do it."""
        url, home, run = self.databases.url(MEASURED), self.settings.home, f"morning of {self.as_of}"
        build_manifest(home)
        with connect(url, autocommit=True) as connection:
            bronze = _seconds(
                lambda: [
                    ingest(connection, SOURCES[name], self.settings, dag_run_id=run)
                    for name in ("students", "attendance")
                ]
            )
            checkpoints = _seconds(lambda: self._check("bronze"))
            started = time.monotonic()
            environment = self._environment(connection)
            begin_candidate(connection, dag_run_id=run, as_of=self.as_of)
            silver = time.monotonic() - started + _seconds(lambda: self._build(environment, *SILVER))
            checkpoints += _seconds(lambda: self._check("silver"))
            gold = _seconds(lambda: self._build(environment, *GOLD))
            checkpoints += _seconds(lambda: self._check("gold"))
            models = gold_models(manifest_path(home))
            published = _seconds(lambda: publish(connection, dag_run_id=run, as_of=self.as_of, models=models))
        return Morning(bronze, silver, gold, checkpoints, published)

    def build_whole(self) -> float:
        """Seconds of a plain `dbt build --full-refresh` of silver and gold."""
        with connect(self.databases.url(MEASURED), autocommit=True) as connection:
            environment = self._environment(connection)
        return _seconds(lambda: self._build(environment, "--full-refresh"))

    def _environment(self, connection: psycopg.Connection) -> dict[str, str]:
        bounds = read_bounds(connection, SOURCES.values())
        fingerprints = silver_fingerprints(manifest_path(self.settings.home), bounds.unloads, self.settings.timezone)
        forget_taken_in(connection, fingerprints)
        environment = dbt_environment(
            self.databases.url(MEASURED),
            as_of=self.as_of,
            max_load_id=bounds.max_load_id,
            fingerprints=fingerprints,
            timezone=self.settings.timezone,
        )
        return environment | {"DBT_INDIRECT_SELECTION": "buildable"}

    def _build(self, environment: dict[str, str], *arguments: str) -> None:
        target = self.settings.home / "dbt" / "bench"
        target.mkdir(parents=True, exist_ok=True)
        run_dbt("build", "--exclude-resource-type", "unit_test", *arguments, environment=environment, target=target)

    def _check(self, layer: Layer) -> None:
        report = run_checkpoint(layer, url=self.databases.url(MEASURED), home=self.settings.home, as_of=self.as_of)
        if report.failed:
            raise SystemExit(f"checkpoint_{layer} failed:\n" + "\n".join(report.lines(str)))


def _seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started


def _table(rows: list[list[float]], students: int, style: str) -> str:
    least = min(row[-2] for row in rows)
    headers = [
        "history",
        *(part.name for part in fields(Morning)),
        f"{students:,} rows, all",
        "ratio",
        "dbt build --full-refresh",
    ]
    shown = [
        [f"{row[0]:,}", *(f"{value:.1f}" for value in row[1:-1]), f"{row[-2] / least:.2f}", f"{row[-1]:.1f}"]
        for row in rows
    ]
    return tabulate(shown, headers=headers, tablefmt=style)


if __name__ == "__main__":
    sys.exit(main())
