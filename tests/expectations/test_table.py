"""The tables that are checked, as they are declared and found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import expectations
from expectations.table import CheckedTable, Layer, TableError, tables_of
from include.dbt_command import PROJECT

LAYERS: tuple[Layer, ...] = ("bronze", "silver", "gold")
SCHEMAS = {"bronze": "bronze", "silver": "silver", "gold": "gold_candidate"}
ONLY_TESTED = {"churn_signals", "content_mastery_trends", "mart_user_event_summary", "regional_activity_dach"}
"""Gold without a checkpoint of its own: of the last weeks, so empty in the holidays; of one row; a view. Its dbt
tests compare it with what it is made of."""


@pytest.mark.parametrize("layer", LAYERS)
def test_each_file_is_named_after_its_table(layer: Layer) -> None:
    files = sorted(path.stem for path in (Path(expectations.__file__).parent / layer).glob("[a-z]*.py"))
    assert [table.table for table in tables_of(layer)] == files


@pytest.mark.parametrize("layer", LAYERS)
def test_the_tables_of_a_layer_are_in_its_schema(layer: Layer) -> None:
    assert {table.schema for table in tables_of(layer)} == {SCHEMAS[layer]}


@pytest.mark.parametrize("layer", LAYERS)
def test_every_expectation_has_a_severity_and_says_what_it_means(layer: Layer) -> None:
    expected = [expectation for table in tables_of(layer) for expectation in table.expectations]
    assert all(expectation.description and expectation.severity in ("critical", "warning") for expectation in expected)


def test_a_table_of_no_source_is_refused() -> None:
    with pytest.raises(TableError, match="names no source"):
        CheckedTable("bronze", "nothing", sources=(), expectations=())


def test_load_ids_of_several_sources_are_no_order() -> None:
    with pytest.raises(TableError, match="one source only"):
        CheckedTable("bronze", "mixed", sources=("a", "b"), expectations=(), new_rows_by="_load_id")


def test_every_table_of_gold_is_checked_but_those_of_which_nothing_can_be_expected() -> None:
    models = {path.stem for path in PROJECT.glob("models/gold/**/*.sql")}
    assert models - {table.table for table in tables_of("gold")} == ONLY_TESTED


def test_great_expectations_is_imported_only_by_a_run() -> None:
    code = "import sys, expectations, expectations.checkpoint, expectations.report, expectations.__main__;"
    code += "sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
