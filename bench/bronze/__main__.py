"""What loading into bronze costs: `python -m bench.bronze`; docs/benchmarks.md says how to read what it prints."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.bronze.contest import Contest, Sizes
from bench.bronze.databases import Databases
from bench.bronze.first_load import first_load
from bench.bronze.increments import increments
from bench.bronze.results import Result, text_of
from bench.bronze.small_loads import assessments, students
from include.settings import REPOSITORY

PEERS = REPOSITORY / ".venv" / "peers" / "bin" / "python"
CASES: dict[str, Callable[[Contest], Iterator[Result]]] = {
    case.__name__: case for case in (first_load, increments, assessments, students)
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. Exit status: 0; with --check 1 when a target is missed."""
    options = _parser().parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="rollcall-bench-"))
    databases = Databases(folder / "home", _say)
    sizes = Sizes(options.rows)
    contest = Contest(databases, folder, sizes, options.rounds, options.peer_rounds, _peers(options), _say)
    results: list[Result] = []
    try:
        databases.start()
        print(f"{machine(databases)}; medians of {options.rounds} rounds", end="\n\n")
        for name in options.only:
            results += CASES[name](contest)
    finally:
        databases.server.stop()
        shutil.rmtree(folder)
        print(text_of(results, "github" if options.markdown else "simple"))
    return 1 if options.check and any(result.met is False for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.bronze", description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000, help="of the first load; the rest in proportion")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default: %(default)s)")
    parser.add_argument("--peer-rounds", type=int, default=1, help="and each of the peers (default: %(default)s)")
    parser.add_argument("--peers", type=Path, default=PEERS, help="a Python with requirements-bench.txt")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), help="just these cases")
    parser.add_argument("--markdown", action="store_true", help="the table as docs/benchmarks.md has it")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a target is missed")
    return parser


def _peers(options: argparse.Namespace) -> Path | None:
    """The Python of the peers; without it their lines are left out, which is said."""
    peers: Path = options.peers
    if peers.is_file():
        return peers
    if "first_load" in options.only:
        _say(f"NOT MEASURED: pandas and dlt, for there is no {peers}; `make bench` makes it")
    return None


def machine(databases: Databases) -> str:
    """What the figures depend on."""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GB,"
        f" {platform.system()}, Python {platform.python_version()}, PostgreSQL {databases.version()}"
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
