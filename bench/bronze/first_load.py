"""3 million attendance rows into an empty table: clean, with bad rows, with quoted cells, and by the peers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL

from bench.bronze import contestants, files
from bench.bronze.contest import Contest, Contestant, Figures
from bench.bronze.databases import EMPTY_WAREHOUSE
from bench.bronze.results import Result, faster, most, ratio, seconds

LEAST = {"pandas to_sql": 8.0, "dlt merge": 1.0}
"""How many times as fast as a peer Rollcall is to be; dlt's append, which knows no key, is told for reference."""


def first_load(contest: Contest) -> Iterator[Result]:
    """The first three lines of the issue's table, and the seconds behind them."""
    rows = contest.sizes.rows
    kinds = ("clean", "bad", "quoted", "shuffled", "judged")
    clean, bad, quoted, shuffled, judged = (contest.file(kind, "attendance.csv") for kind in kinds)
    numbers = range(rows)
    files.write_csv(clean, files.ATTENDANCE, files.attendance_rows(numbers))
    files.write_csv(bad, files.ATTENDANCE, files.with_bad_rows(files.attendance_rows(numbers)))
    files.write_csv(quoted, files.ATTENDANCE, files.attendance_rows(numbers), quoted=True)
    files.write_csv(shuffled, files.ATTENDANCE, files.attendance_rows(sorted(numbers, key=files.mixed)))
    files.write_csv(judged, files.ATTENDANCE, files.in_lower_case(files.attendance_rows(numbers)))
    others = {
        "L, shuffled": contest.copy("attendance", shuffled),
        "shuffled": contest.load("attendance", shuffled, rows_inserted=rows),
        # None of its lines matches the pattern of a sure one.
        "each row judged": contest.load("attendance", judged, rows_inserted=rows),
    }
    peers = _peers(contest, clean)
    figures = contest.play(
        {
            "L": contest.copy("attendance", clean),
            "Rollcall": contest.load("attendance", clean, rows_inserted=rows),
            "with bad rows": contest.load("attendance", bad, rows_inserted=rows - rows // 100),
            "quoted": contest.load("attendance", quoted, rows_inserted=rows),
            **others,
            **peers,
        },
        slow=(*others, *peers),
    )
    yield from _results(f"first load, {rows:,} attendance rows", figures, tuple(peers))


def _results(work: str, figures: Figures, peers: tuple[str, ...]) -> Iterator[Result]:
    ours = figures["Rollcall"]
    yield ratio(work, "Rollcall / L", ours, figures["L"], 1.6)
    yield most(work, "client memory", [one.told["peak_mb"] for one in ours], "MB", 64)
    for peer in (peer for peer in peers if peer in LEAST):
        yield faster(work, peer, figures[peer], ours, LEAST[peer])
    yield ratio("the same with 1 % bad rows", "/ the clean load", figures["with bad rows"], ours, 1.6)
    yield ratio("the same file with quoted cells", "/ the clean load", figures["quoted"], ours, 2)
    for name, measured in figures.items():
        yield seconds(work, name, measured)


def _peers(contest: Contest, file: Path) -> dict[str, Contestant]:
    python = contest.peers
    if python is None:
        return {}

    def new() -> URL:
        return contest.databases.restore(EMPTY_WAREHOUSE)

    return {
        "pandas to_sql": lambda: contestants.pandas(python, new(), file),
        "dlt merge": lambda: contestants.dlt(python, new(), file, "merge"),
        "dlt append": lambda: contestants.dlt(python, new(), file, "append"),
    }
