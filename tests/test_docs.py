"""What the papers say exists: commands, settings, files, sources and tables."""

from __future__ import annotations

import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL

from include.dbt_command import dbt_environment
from include.ingestion.sources import SOURCES
from include.settings import DEFAULTS, REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAPERS = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
ENV_EXAMPLE = (REPOSITORY / ".env.example").read_text(encoding="utf-8")


def make_targets() -> set[str]:
    listed = subprocess.run(["make"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^\s+make (\S+)", listed, re.MULTILINE))


def test_the_first_command_stands_within_twenty_lines() -> None:
    assert "make run" in README.splitlines()[:20]


def code_of(paper: str) -> str:
    return "\n".join(block or inline for block, inline in re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", paper, re.DOTALL))


def make_commands(path: Path) -> set[str]:
    return set(re.findall(r"\bmake ([a-z]+)\b", code_of(path.read_text(encoding="utf-8"))))


def test_every_make_command_of_the_papers_is_listed_by_make() -> None:
    named = {path.name: make_commands(path) for path in PAPERS}
    assert named["README.md"]
    assert set().union(*named.values()) <= make_targets()


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_every_setting_of_a_paper_exists(path: Path) -> None:
    of_dbt = set(dbt_environment(URL.create("postgresql"), as_of=date.min))
    named = set(re.findall(r"\bROLLCALL_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8")))
    assert named <= set(DEFAULTS) | of_dbt


def test_the_example_file_names_all_settings_with_their_defaults() -> None:
    assert dict(re.findall(r"^#?\s*(ROLLCALL_[A-Z_]+)=(\S*)", ENV_EXAMPLE, re.MULTILINE)) == dict(DEFAULTS)


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_every_file_that_a_paper_links_to_exists(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


def test_every_source_is_in_the_readme() -> None:
    for source in SOURCES.values():
        assert re.search(rf"^\| {source.table} \| `{re.escape(source.files[0])}`", README, re.MULTILINE), source.table


def test_every_silver_and_gold_model_is_in_the_readme() -> None:
    for model in (REPOSITORY / "include" / "dbt" / "models").rglob("*.sql"):
        assert f"`{model.stem}`" in README, model.stem


def test_every_ops_table_is_in_the_readme() -> None:
    migrations = (REPOSITORY / "include" / "warehouse" / "migrations").glob("*.sql")
    tables = {name for path in migrations for name in re.findall(r"create table ops\.(\w+)", path.read_text())}
    for table in tables:
        assert f"`{table}`" in README, table


def test_every_path_that_contributing_names_is_there_or_of_its_example() -> None:
    paper = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for path in re.findall(r"`((?:tests|include|expectations|docs|dags|plugins)/[\w./-]+)`", paper):
        assert "library" in path or (REPOSITORY / path).exists(), path
