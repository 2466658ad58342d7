"""20,000 nested assessments, and 10,000 students of whom 500 changed."""

from __future__ import annotations

from collections.abc import Iterator

from bench.bronze import files
from bench.bronze.contest import Contest
from bench.bronze.contestants import ContestError, Measured
from bench.bronze.databases import MEASURED
from bench.bronze.results import Result, ratio, seconds
from include.warehouse.connection import connect


def assessments(contest: Contest) -> Iterator[Result]:
    """Into an empty table; L copies the flattened CSV of the same rows."""
    count = contest.sizes.of(20_000)
    nested, flat = contest.file("nested", "assessments.json"), contest.file("flat", "assessments.csv")
    files.write_nested_json(nested, files.assessment_rows(count))
    files.write_csv(flat, files.ASSESSMENTS, files.assessment_rows(count))
    figures = contest.play(
        {
            "L": contest.copy("assessments", flat),
            "Rollcall": contest.load("assessments", nested, rows_inserted=count),
        }
    )
    work = f"{count:,} nested assessments"
    yield ratio(work, "Rollcall / L of the flattened CSV", figures["Rollcall"], figures["L"], 5)
    for name, measured in figures.items():
        yield seconds(work, name, measured)


def students(contest: Contest) -> Iterator[Result]:
    """Onto the same students as they were before; L copies them into an empty table."""
    count = contest.sizes.of(10_000)
    changed = count // 20
    before, after = (contest.file("students", f"students_2025-09-0{day}.csv") for day in (1, 2))
    files.write_csv(before, files.STUDENTS, files.student_rows(count))
    files.write_csv(after, files.STUDENTS, files.student_rows(count, changed))
    template = contest.template("students_known", "students", before)
    contest.databases.settle(template)
    load = contest.load("students", after, template, rows_updated=changed, rows_unchanged=count - changed)
    untouched: list[int] = []

    def load_and_look() -> Measured:
        measured = load()
        untouched.append(_untouched(contest))
        return measured

    figures = contest.play({"L": contest.copy("students", after), "Rollcall": load_and_look})
    work = f"{count:,} students, {changed:,} changed"
    yield ratio(work, "Rollcall / L", figures["Rollcall"], figures["L"], 2.5)
    least = min(untouched)
    yield Result(work, "rows untouched", f"{least:,}", f"{count - changed:,}", least == count - changed)
    for name, measured in figures.items():
        yield seconds(work, name, measured)


def _untouched(contest: Contest) -> int:
    """How many rows are still as the load before wrote them: they bear the number of one transaction."""
    with connect(contest.databases.url(MEASURED)) as connection:
        row = connection.execute(
            "select max(count) from (select count(*) from bronze.students group by xmin::text) as written"
        ).fetchone()
    if row is None:
        raise ContestError("bronze.students gave no count")
    return int(row[0])
