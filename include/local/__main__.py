"""`python -m include.local`: the laptop stack, as the Makefile calls it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from include.dbt_artifacts import build_docs_page, build_manifest, docs_page
from include.dbt_command import DbtFailed
from include.local import home, report
from include.local.airflow_api import ApiError
from include.local.follow import Outcome, exit_status
from include.local.home import HomeError
from include.local.postgres import PostgresError
from include.local.psql import psql_command
from include.local.sample import SampleError, sample_as_of
from include.local.stack import Stack, StackError
from include.local.status import status_lines
from include.settings import Settings, SettingsError, load_settings
from include.warehouse.connection import WarehouseError, connect, embedded_record, shown, warehouse_url

KNOWN_ERRORS = (
    ApiError,
    DbtFailed,
    HomeError,
    PostgresError,
    SampleError,
    SettingsError,
    StackError,
    WarehouseError,
)


class _Parser(argparse.ArgumentParser):
    """Exits with 1 when the arguments are wrong: argparse's 2 would say that gold was published."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for; returns the exit status."""
    chosen = argument_parser().parse_args(arguments)
    try:
        overrides = {"ROLLCALL_RAW_DIR": str(chosen.raw_dir.absolute())} if getattr(chosen, "raw_dir", None) else {}
        return COMMANDS[chosen.command](chosen, load_settings(overrides))
    except KNOWN_ERRORS as error:
        print(f"{chosen.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{chosen.command}: interrupted; what was started goes on. `make stop` stops it.", file=sys.stderr)
        return 1


def argument_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = _Parser(prog="python -m include.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="start what is not running, run the pipeline, print what it made")
    run.add_argument("--raw-dir", type=Path, help="folder of raw files (default: ROLLCALL_RAW_DIR)")
    run.add_argument("--as-of", type=_date, help="last day to report, YYYY-MM-DD (default: the last complete day)")
    commands.add_parser("stop", help="stop Airflow and Postgres of this ROLLCALL_HOME")
    commands.add_parser("status", help="what runs, as which process, on which port, and what it did last")
    commands.add_parser("clean", help="stop, then remove ROLLCALL_HOME with all data in it")
    psql = commands.add_parser("psql", help="a psql shell on the warehouse")
    psql.add_argument("--sql", help="run this instead, and print its rows unaligned and without header")
    commands.add_parser("docs", help="write dbt's documentation, and say where it, the data docs and the analytics are")
    return parser


def run(chosen: argparse.Namespace, settings: Settings) -> int:
    """Run the pipeline on a running stack and print what it made: 0, 1 or 2 as `exit_status` says."""
    if not settings.raw_dir.is_dir():
        raise StackError(f"the folder of raw files, {settings.raw_dir}, is not there: RAW_DIR=… names another")
    stack = Stack(settings, say=_say)
    stack.start()
    stack.check_dags_are_on()
    warning = home.note_raw_dir(settings.home, settings.raw_dir)
    if warning:
        _say(warning)
    outcome = stack.follow(stack.trigger(chosen.as_of or sample_as_of(settings.raw_dir)))
    return _print_report(stack, outcome)


def stop(_: argparse.Namespace, settings: Settings) -> int:
    """Stop the stack; 0 also when nothing was running."""
    stopped = Stack(settings, say=_say).stop()
    print(f"stopped {' and '.join(stopped)}" if stopped else f"nothing of {settings.home} was running")
    return 0


def status(_: argparse.Namespace, settings: Settings) -> int:
    """Print what runs, where, and what it did last; 0 also when nothing runs."""
    print(*status_lines(Stack(settings)), sep="\n")
    return 0


def clean(_: argparse.Namespace, settings: Settings) -> int:
    """Stop the stack and remove its folder; 0 also when there is none."""
    if not settings.home.exists():
        print(f"{settings.home} is not there: nothing to remove")
        return 0
    Stack(settings, say=_say).stop()
    home.remove(settings.home, settings.raw_dir)
    print(f"removed {settings.home}")
    return 0


def psql(chosen: argparse.Namespace, settings: Settings) -> int:
    """Become psql: its exit status is the command's."""
    url = warehouse_url(settings)
    connect(url).close()
    command, environment = psql_command(url, chosen.sql)
    os.execve(command[0], command, environment)  # noqa: S606 - no shell: a list of arguments


def docs(_: argparse.Namespace, settings: Settings) -> int:
    """Write dbt's documentation, unless it is up to date, and print where it and the other pages are; 0 always."""
    build_manifest(settings.home)
    build_docs_page(settings.home)
    print(_docs(Stack(settings)))
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace, Settings], int]] = {
    "run": run,
    "stop": stop,
    "status": status,
    "clean": clean,
    "psql": psql,
    "docs": docs,
}


def _print_report(stack: Stack, outcome: Outcome) -> int:
    with stack.connect() as connection:
        refused = report.refused_files(connection, outcome.run_id)
        still_refused = report.still_refused_files(connection, outcome.run_id, stack.settings.raw_dir)
        for name, head in (report.gold_heads(connection) if outcome.published else {}).items():
            print(f"\n{report.head_text(name, head)}")
        print(f"\n{report.table_text(report.row_counts(connection), ('layer', 'table', 'rows'))}\n")
    headers = ("source", "file", "status", "reason")
    if refused:
        print(f"{report.table_text(refused, headers)}\n")
    if still_refused:
        print(f"refused by an earlier run, and still so:\n{report.table_text(still_refused, headers)}\n")
    for line in report.left_alone(stack.settings.raw_dir):
        print(line)
    if outcome.failed_sources:
        print(f"sources that failed: {', '.join(outcome.failed_sources)}")
    if outcome.seconds_to_published is not None:
        print(f"gold was published {outcome.seconds_to_published:.0f} s after the trigger")
    else:
        print("gold was NOT published: readers keep the last good one")
    print(f"Airflow:   {stack.api.base_url}\n{_docs(stack)}")
    print(f"{_psql(stack.settings)}\nnext:      make analytics, make docs, make stop")
    return exit_status(
        published=outcome.published, source_refused_or_failed=bool(refused) or bool(outcome.failed_sources)
    )


def _docs(stack: Stack) -> str:
    """Where the pages are: in the UI when Airflow runs, else as files."""
    if stack.airflow.is_running():
        pages = ("analytics", "data-docs", "dbt-docs")
        analytics, data_docs, dbt_docs = (f"{stack.api.base_url}/plugin/{page}" for page in pages)
    else:
        home = stack.settings.home
        analytics = _file(home / "analytics" / "index.html", "`make analytics` writes them")
        data_docs = _file(home / "data_docs" / "index.html", "a run of the checkpoints writes them")
        dbt_docs = docs_page(home).as_uri()
    return f"analytics: {analytics}\ndata docs: {data_docs}\ndbt docs:  {dbt_docs}"


def _file(page: Path, who_writes: str) -> str:
    return page.as_uri() if page.exists() else f"none yet, {who_writes}"


def _psql(settings: Settings) -> str:
    url = warehouse_url(settings)
    record = f"{embedded_record(settings.home)}, under passwords.{url.username}"
    password = "ROLLCALL_WAREHOUSE_URL" if settings.warehouse_url else record
    return f"psql:      make psql, or any client: {shown(url)}\n           its password is in {password}"


def _say(line: str) -> None:
    print(line, flush=True)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2025-03-14") from error


if __name__ == "__main__":
    sys.exit(main())
