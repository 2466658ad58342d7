"""The data docs: what they list and show, and that they need nothing but themselves."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from expectations.gx import data_docs
from tests.expectations.conftest import RunCheckpoint


class Page(HTMLParser):
    """A page as its reader meets it: the rows of its table, its links, and what else it would load."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.links: list[Path] = []
        self.loaded: list[str] = []
        self.path = path
        self.in_cell = False
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag == "td":
            self.rows[-1].append("")
            self.in_cell = True
        for name, value in attrs:
            if tag == "a" and name == "href":
                self.links.append((self.path.parent / unquote(value or "")).resolve())
            elif name in {"src", "href", "srcset", "data", "action"}:
                self.loaded.append(f"{tag} {name}={value}")
        if tag == "script":
            self.loaded.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag != "td"

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.rows[-1][-1] += data


def index_of(home: Path) -> Page:
    return Page(home / "data_docs" / "index.html")


def page_of_students(home: Path) -> Page:
    (page,) = (home / "data_docs" / "validations" / "bronze" / "students").rglob("*.html")
    return Page(page)


def rows_of_students(home: Path) -> list[list[str]]:
    return [row for row in index_of(home).rows if "bronze.students" in row]


def test_the_index_lists_every_run_newest_first_with_its_outcome(
    school: psycopg.Connection, run: RunCheckpoint, home: Path
) -> None:
    run("bronze", dag_run_id="good_run")
    school.execute("update bronze.students set grade_level = 14")
    run("bronze", dag_run_id="suspicious_run")
    school.execute("delete from bronze.students")
    run("bronze", dag_run_id="bad_run")
    assert [row[1:] for row in rows_of_students(home)] == [
        ["bronze.students", "whole table", "failed", "4 of 5", "bad_run"],
        ["bronze.students", "whole table", "warned", "4 of 5", "suspicious_run"],
        ["bronze.students", "whole table", "passed", "5 of 5", "good_run"],
    ]


@pytest.mark.usefixtures("school")
def test_the_index_leads_to_each_page_and_each_page_back(run: RunCheckpoint, home: Path) -> None:
    run("bronze", dag_run_id="manual__2026-01-31T06:00:00+00:00")
    run("silver", dag_run_id="a second run")
    pages = index_of(home).links
    assert sorted(pages) == sorted((home / "data_docs" / "validations").rglob("*.html"))
    assert {link for page in pages for link in Page(page).links} == {home / "data_docs" / "index.html"}


@pytest.mark.usefixtures("school")
def test_new_rows_are_told_from_whole_tables(run: RunCheckpoint, home: Path) -> None:
    run("bronze")
    assert {(row[1], row[2]) for row in index_of(home).rows if row} >= {
        ("bronze.assessments", "new rows"),
        ("bronze.attendance", "new rows"),
        ("bronze.students", "whole table"),
    }


def test_a_page_says_what_became_of_each_expectation(
    school: psycopg.Connection, run: RunCheckpoint, home: Path
) -> None:
    school.execute("update bronze.students set class_id = 'Room 7' where student_id = 'S1'")
    school.execute("alter table bronze.students drop column grade_level cascade")
    run("bronze")
    _, error, warning, passed, *more = page_of_students(home).rows
    assert error[:2] == ["error", "warning"]
    assert error[2].startswith("grade_level is not from 1 to 13. It could not be evaluated: ")
    assert error[3:] == ["not counted", "grade_level", "expect_column_values_to_be_between"]
    assert warning[:3] == ["warning", "warning", "class_id is unlike CLASS-01"]
    assert warning[3:] == ["1", "class_id", "expect_column_values_to_match_regex"]
    assert passed[:3] == ["passed", "critical", "fewer than 1 rows, though rows of students were accepted"]
    assert passed[3:] == ["0", "row_floor", "expect_no_rows"]
    assert [row[0] for row in more] == ["passed", "passed"]


def test_a_critical_expectation_that_does_not_hold_has_failed(
    school: psycopg.Connection, run: RunCheckpoint, home: Path
) -> None:
    school.execute("delete from bronze.students")
    run("bronze")
    assert page_of_students(home).rows[1][:2] == ["failed", "critical"]


@pytest.mark.usefixtures("school")
def test_pages_load_nothing(run: RunCheckpoint, home: Path) -> None:
    run("bronze")
    run("gold")
    pages = [path for path in (home / "data_docs").rglob("*") if path.is_file()]
    assert {page.suffix for page in pages} == {".html"}
    assert not [page for page in pages if re.search(r"https?:|url\(|@import", page.read_text())]
    assert [Page(page).loaded for page in pages] == [[] for _ in pages]


@pytest.mark.usefixtures("school")
def test_what_is_shown_is_text_not_markup(run: RunCheckpoint, home: Path) -> None:
    run("bronze")
    (page,) = (home / "data_docs" / "validations" / "bronze" / "attendance").rglob("*.html")
    assert "&#34;_load_id&#34; &lt;= 2" in page.read_text()


@pytest.mark.usefixtures("school")
def test_a_page_that_is_gone_comes_back(run: RunCheckpoint, home: Path) -> None:
    run("bronze", dag_run_id="first_run")
    page = page_of_students(home).path
    page.unlink()
    run("silver")
    assert page.exists()


@pytest.mark.usefixtures("school")
def test_a_result_that_another_run_is_just_writing_is_left_out(run: RunCheckpoint, home: Path) -> None:
    run("bronze", dag_run_id="first_run")
    (result,) = (home / "validation_results" / "bronze" / "students").rglob("*.json")
    result.write_text(result.read_text()[:100])
    run("bronze", dag_run_id="second_run")
    assert [row[-1] for row in rows_of_students(home)] == ["second_run"]


@pytest.mark.usefixtures("school")
def test_a_run_id_cannot_leave_the_folder(run: RunCheckpoint, home: Path) -> None:
    run("bronze", dag_run_id="../../../outside")
    assert {path.name for path in home.iterdir()} == {"data_docs", "validation_results"}
    assert [path.name for path in home.parent.iterdir()] == ["home"]


@pytest.mark.usefixtures("school")
def test_old_runs_make_room(run: RunCheckpoint, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_docs, "RUNS_KEPT", 2)
    for number in range(3):
        run("bronze", dag_run_id=f"run_{number}")
    folder = home / "data_docs" / "validations" / "bronze" / "students"
    assert sorted(path.name for path in folder.iterdir()) == ["run_1", "run_2"]
    results = home / "validation_results" / "bronze" / "students"
    assert sorted(path.name for path in results.iterdir()) == ["run_1", "run_2"]
    assert [row[-1] for row in rows_of_students(home)] == ["run_2", "run_1"]
