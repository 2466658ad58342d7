"""50,000 attendance rows, half of them known, onto 0.5, 3 and 10 million; and checkpoint_bronze after them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.bronze import contestants, files
from bench.bronze.contest import Contest, Figures
from bench.bronze.databases import EMPTY_WAREHOUSE, create_typed_table
from bench.bronze.results import Result, most, ratio, seconds
from include.ingestion.sources import SOURCES
from include.warehouse.connection import connect

FEW, SOME, MANY = 500_000, 3_000_000, 10_000_000
LAST, SPREAD = "the last ones", "all over it"
"""Which rows of the history an increment brings again: exports that overlap, or a second look at old days."""


def increments(contest: Contest) -> Iterator[Result]:
    """The ratios for both kinds of known rows, and the checkpoint's seconds beyond its imports."""
    histories = {rows: _history(contest, contest.sizes.of(rows)) for rows in (FEW, SOME, MANY)}
    for known in (LAST, SPREAD):
        increment = {rows: _increment(contest, contest.sizes.of(rows), known) for rows in histories}
        typed = _typed_history(contest, contest.sizes.of(SOME), known)
        counts = dict.fromkeys(("rows_inserted", "rows_duplicate"), contest.sizes.of(50_000) // 2)
        turns = {"L": contest.copy("attendance", increment[SOME], typed)}
        for rows in (SOME, FEW, MANY):
            turns[_onto(contest, rows)] = contest.load("attendance", increment[rows], histories[rows], **counts)
            if known == LAST and rows != SOME:
                turns[_checkpoint(contest, rows)] = contest.checkpoint(histories[rows])
        work = f"{contest.sizes.of(50_000) // 2 * 2:,} rows, half known ({known})"
        yield from _results(contest, contest.play(turns), work)


def _results(contest: Contest, figures: Figures, work: str) -> Iterator[Result]:
    few, some, many = (_onto(contest, rows) for rows in (FEW, SOME, MANY))
    yield ratio(f"{work}, {some}", "Rollcall / L", figures[some], figures["L"], 2.5)
    yield ratio(f"{work}, {many}", f"/ {few}", figures[many], figures[few], 1.3)
    checkpoints = {name: figures[name] for name in figures if name.startswith("checkpoint")}
    for name, runs in checkpoints.items():
        yield most(name, "beyond imports, after that", [one.seconds for one in runs], "s", 1)
        yield most(name, "its imports", [one.told["imports"] for one in runs], "s")
    for name in ("L", few, some, many):
        yield seconds(work, f"L, {some}" if name == "L" else name, figures[name])


def _onto(contest: Contest, rows: int) -> str:
    return f"onto {contest.sizes.of(rows):,}"


def _checkpoint(contest: Contest, rows: int) -> str:
    return f"checkpoint_bronze at {contest.sizes.of(rows):,} rows of history"


def _history(contest: Contest, rows: int) -> str:
    """A template of a warehouse that holds so many rows, all looked at by the checkpoint."""
    file = contest.file(f"history_{rows}", "attendance.csv")
    files.write_csv(file, files.ATTENDANCE, files.attendance_rows(range(rows)))
    name = contest.template(f"history_{rows}", "attendance", file)
    file.unlink()
    with connect(contest.databases.url(name), autocommit=True) as connection:
        connection.execute(
            "insert into ops.checkpoint_runs (checkpoint, table_name, max_load_id, outcome)"
            " select 'checkpoint_bronze', source, max(load_id), 'passed' from ops.file_loads group by source"
        )
    contest.databases.settle(name)
    return name


def _known(contest: Contest, history: int, known: str) -> range:
    half = contest.sizes.of(50_000) // 2
    return range(history - half, history) if known == LAST else range(0, history // half * half, history // half)


def _increment(contest: Contest, history: int, known: str) -> Path:
    """The known rows, then as many new ones."""
    numbers = [*_known(contest, history, known), *range(history, history + contest.sizes.of(50_000) // 2)]
    file = contest.file(f"onto_{history}_{known.replace(' ', '_')}", "attendance_more.csv")
    return files.write_csv(file, files.ATTENDANCE, files.attendance_rows(numbers))


def _typed_history(contest: Contest, rows: int, known: str) -> str:
    """A template of the typed table with the rows of a history that its increment does not bring again."""
    name = f"typed_without_{known.replace(' ', '_')}"
    contest.say(f"making {name}")
    again = set(_known(contest, rows, known))
    file = contest.file("typed", "attendance.csv")
    files.write_csv(
        file, files.ATTENDANCE, files.attendance_rows(number for number in range(rows) if number not in again)
    )
    url = contest.databases.create(name, EMPTY_WAREHOUSE)
    with connect(url, autocommit=True) as connection:
        create_typed_table(connection, SOURCES["attendance"])
    contestants.copy(url, "attendance", file)
    file.unlink()
    contest.databases.settle(name)
    return name
