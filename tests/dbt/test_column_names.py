"""What docs/names.md says of columns, held against the tables that ingestion, migrations and dbt make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from expectations.table import tables_of
from include.ingestion.event_sources import EVENT_SOURCES
from include.warehouse.connection import connect
from tests.dbt.conftest import School

TYPES = {
    r".*_at": {"timestamp with time zone"},
    r".*_date|.*_until|.*_start|.*_end|cohort_month": {"date"},
    r"(is|has)_.*": {"boolean"},
    r".*_count|total_.*|(?!avg_).*_days|.*_absences": {"bigint", "integer"},
    r"days_.*": {"bigint", "numeric"},
    r".*_rate|.*_coverage|.*_share|share(_of_.*)?|.*_percentage|.*_pct": {"numeric"},
}
BOUNDS = {
    r".*_rate(_.*)?|.*_coverage|.*_share|share(_of_.*)?": (0, 1),
    # The least and the most of a column are within the bounds of that column.
    r"(?!min_|max_).*_percentage|avg_score": (0, 100),
}


class Column(NamedTuple):
    schema: str
    table: str
    name: str
    type: str


@pytest.fixture(scope="module")
def columns(school: School, steps: object) -> list[Column]:
    with connect(school.url) as connection:
        rows = connection.execute(
            "select table_schema, table_name, column_name, data_type from information_schema.columns"
            " where table_schema in ('bronze', 'silver', 'gold_candidate', 'ops')"
        ).fetchall()
    assert steps
    assert rows
    return [Column(*row) for row in rows]


@pytest.mark.parametrize("name", TYPES)
def test_a_column_has_the_type_that_its_name_says(columns: list[Column], name: str) -> None:
    assert not [column for column in columns if re.fullmatch(name, column.name) and column.type not in TYPES[name]]


def test_the_dbt_docs_give_each_column_the_type_that_it_has(columns: list[Column], school: School) -> None:
    nodes = json.loads((school.target / "manifest.json").read_text())["nodes"].values()
    described = {
        (node["schema"], node["name"], column["name"], column["data_type"])
        for node in nodes
        if node["resource_type"] in ("model", "seed")
        for column in node["columns"].values()
    }
    tables = {(schema, table) for schema, table, _, _ in described}
    assert described == {tuple(column) for column in columns if (column.schema, column.table) in tables}


def test_every_timestamp_has_a_zone_and_says_at(columns: list[Column]) -> None:
    moments = [column for column in columns if column.type.startswith("timestamp")]
    assert moments
    assert not [column for column in moments if "with time" not in column.type]
    # Bronze keeps the names that stand in the files.
    of_files = {(source.table, column.name) for source in EVENT_SOURCES for column in source.columns}
    ours = [column for column in moments if column.schema != "bronze" or column[1:3] not in of_files]
    assert not [column for column in ours if not column.name.endswith("_at")]


def bounded(school: School) -> Iterator[tuple[str, str, tuple[float | None, float | None]]]:
    for layer in ("silver", "gold"):
        for table in tables_of(layer):
            for expectation in table.expectations:
                if hasattr(expectation, "min_value"):
                    yield table.table, expectation.column, (expectation.min_value, expectation.max_value)
    for node in json.loads((school.target / "manifest.json").read_text())["nodes"].values():
        if node.get("test_metadata", {}).get("name") == "accepted_range":
            bounds = node["test_metadata"]["kwargs"]
            model = node["attached_node"].rpartition(".")[2]
            yield model, node["column_name"], (bounds.get("min_value"), bounds.get("max_value"))


@pytest.mark.parametrize("name", BOUNDS)
def test_a_share_or_percentage_is_held_to_its_bounds(columns: list[Column], school: School, name: str) -> None:
    held = set(bounded(school))
    of_models = [column for column in columns if column.schema in ("silver", "gold_candidate")]
    shares = {(column.table, column.name, BOUNDS[name]) for column in of_models if re.fullmatch(name, column.name)}
    assert shares
    assert not shares - held
