"""What learning events cost: `python -m bench.learning_events`; docs/benchmarks.md says how to read it."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.bronze.__main__ import machine
from bench.bronze.databases import Databases
from bench.bronze.results import Result, text_of
from bench.learning_events.increments import increments
from bench.learning_events.stream import EVENTS_OF_LEARNER
from bench.learning_events.volume import volume

CASES = ("volume", "increments")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables. Exit status: 0; with --check 1 when a target is missed."""
    options = _parser().parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="rollcall-bench-"))
    databases = Databases(folder / "home", _say)
    results: list[Result] = []
    try:
        databases.start()
        print(machine(databases), end="\n\n")
        for result in _results(databases, folder, options):
            _say(" | ".join(result.cells()))
            results.append(result)
    finally:
        databases.server.stop()
        shutil.rmtree(folder)
        print(text_of(results, "github" if options.markdown else "simple"))
    return 1 if options.check and any(result.met is False for result in results) else 0


def _results(databases: Databases, folder: Path, options: argparse.Namespace) -> Iterator[Result]:
    learners = max(1, options.increment // EVENTS_OF_LEARNER)
    if "volume" in options.only:
        yield from volume(databases, folder, options.events, learners)
    if "increments" in options.only:
        yield from increments(databases, folder, options.histories, learners, options.rounds, _say)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.learning_events", description=__doc__)
    histories = (3_000_000, 30_000_000)
    parser.add_argument("--events", type=int, default=10_000_000, help="that are loaded at once (%(default)s)")
    parser.add_argument("--histories", type=int, nargs="+", default=histories, help="events onto which a day comes")
    parser.add_argument("--increment", type=int, default=300_000, help="events of a day, thirty of a learner")
    parser.add_argument("--rounds", type=int, default=3, help="days that are measured on each history (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES), help="just these cases")
    parser.add_argument("--markdown", action="store_true", help="the tables as docs/benchmarks.md has them")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a target is missed")
    return parser


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
