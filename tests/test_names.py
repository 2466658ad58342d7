"""What docs/names.md says of schemas, tables and Python names; of columns see tests/dbt/test_column_names.py."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from include.settings import REPOSITORY

PAGE = (REPOSITORY / "docs" / "names.md").read_text(encoding="utf-8")
MODELS = REPOSITORY / "include" / "dbt" / "models"
FOLDERS = ("include", "expectations", "dags", "plugins", "bench", "tests", "docker")
NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def banned_words() -> set[str]:
    sentence = re.search(r"they say nothing: (.+?)\.", PAGE)
    assert sentence
    return set(sentence[1].split(", "))


def words(name: str) -> set[str]:
    return set(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_"))


def modules() -> list[Path]:
    return [path for folder in FOLDERS for path in sorted((REPOSITORY / folder).rglob("*.py"))]


def names_of(module: Path) -> Iterator[str]:
    yield module.parent.name
    yield module.stem
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, NAMED):
            yield node.name


def test_no_module_function_or_class_is_called_by_a_banned_word() -> None:
    banned = banned_words()
    assert {"utils", "v2"} <= banned
    found = {(path.name, name) for path in modules() for name in names_of(path) if words(name) & banned}
    assert not found


def test_a_test_is_named_by_a_sentence() -> None:
    tests = {name for path in modules() if path.stem.startswith("test_") for name in names_of(path)}
    short = {name for name in tests if name.startswith("test_") and "." not in name and len(name.split("_")) < 3}
    assert not short - {path.stem for path in modules()}


def test_the_page_names_just_the_schemas_that_there_are(warehouse: psycopg.Connection) -> None:
    section = PAGE.partition("## Schemas")[2].partition("\n## ")[0]
    rows = warehouse.execute(
        "select nspname from pg_namespace where nspname !~ '^(pg_|information_schema$|public$)'"
    ).fetchall()
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == {name for (name,) in rows}


def test_a_silver_model_is_a_dimension_or_a_fact_or_says_what_it_adds_up() -> None:
    silver = [path.stem for path in (MODELS / "silver").rglob("*.sql")]
    assert silver
    adds_up = re.compile(
        r"(class|student|roster|minute|session|mastery|progress|product_user|user|user_day|miles)"
        r"_(days|months|periods|places|gaps|memberships|metrics|attempts|deltas)"
    )
    assert not [name for name in silver if not (name.startswith(("dim_", "fact_")) or adds_up.fullmatch(name))]


def test_a_gold_model_has_no_prefix_of_a_layer() -> None:
    gold = [path.stem for path in (MODELS / "gold").rglob("*.sql")]
    assert gold
    assert not [name for name in gold if name.startswith(("dim_", "fact_", "gold_"))]


@pytest.mark.parametrize("layer", ["bronze", "silver", "gold"])
def test_a_layer_is_called_the_same_in_every_folder(layer: str) -> None:
    assert (REPOSITORY / "expectations" / layer).is_dir()
    assert layer == "bronze" or (MODELS / layer).is_dir()
