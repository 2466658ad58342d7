"""What the papers say exists: commands, settings, files and tables."""

from __future__ import annotations

import re
import subprocess

from include.settings import DEFAULTS, REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
ENV_EXAMPLE = (REPOSITORY / ".env.example").read_text(encoding="utf-8")


def make_targets() -> set[str]:
    listed = subprocess.run(["make"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^\s+make (\S+)", listed, re.MULTILINE))


def test_the_first_command_stands_within_twenty_lines() -> None:
    assert "make run" in README.splitlines()[:20]


def test_every_make_command_of_the_readme_is_listed_by_make() -> None:
    code = "\n".join(block or inline for block, inline in re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", README, re.DOTALL))
    named = set(re.findall(r"\bmake ([a-z]+)\b", code))
    assert named
    assert named <= make_targets()


def test_every_setting_of_the_readme_exists() -> None:
    assert set(re.findall(r"ROLLCALL_[A-Z_]+", README)) <= set(DEFAULTS)


def test_the_example_file_names_all_settings_with_their_defaults() -> None:
    assert dict(re.findall(r"^#?\s*(ROLLCALL_[A-Z_]+)=(\S*)", ENV_EXAMPLE, re.MULTILINE)) == dict(DEFAULTS)


def test_every_file_that_the_readme_links_to_exists() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (REPOSITORY / target).exists(), target


def test_every_silver_and_gold_model_is_in_the_readme() -> None:
    for model in (REPOSITORY / "include" / "dbt" / "models").rglob("*.sql"):
        assert f"`{model.stem}`" in README, model.stem


def test_every_ops_table_is_in_the_readme() -> None:
    migrations = (REPOSITORY / "include" / "warehouse" / "migrations").glob("*.sql")
    tables = {name for path in migrations for name in re.findall(r"create table ops\.(\w+)", path.read_text())}
    for table in tables:
        assert f"`{table}`" in README, table
