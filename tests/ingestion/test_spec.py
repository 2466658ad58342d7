from __future__ import annotations

from datetime import date

import pytest

from include.ingestion.spec import Column, Source, SpecError


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"name": "Student ID", "type": "text"}, id="name that is no identifier"),
        *(
            pytest.param({"name": name, "type": "text"}, id=f"name that loading uses: {name}")
            for name in ("key", "reasons", "is_accepted", "x0", "x12")
        ),
        pytest.param({"name": "a", "type": "text", "required": True, "optional": True}, id="required and optional"),
        pytest.param({"name": "a", "type": "int", "upper": True}, id="upper of a number"),
        pytest.param({"name": "a", "type": "json", "default": "{}"}, id="normal form of no text"),
        pytest.param({"name": "a", "type": "text", "upper": True, "lower": True}, id="two normal forms"),
        pytest.param({"name": "a", "type": "text", "above": 0}, id="number bound of a text"),
        pytest.param({"name": "a", "type": "text", "at_most": 1}, id="upper bound of a text"),
        pytest.param({"name": "a", "type": "numeric", "at_least": 1, "at_most": 0}, id="bounds with nothing between"),
        pytest.param({"name": "a", "type": "int", "above": 1, "at_most": 1}, id="bounds that shut each other out"),
        pytest.param({"name": "a", "type": "text", "earliest": date(2000, 1, 1)}, id="date bound of a text"),
    ],
)
def test_a_column_refuses_nonsense(arguments: dict) -> None:
    with pytest.raises(SpecError):
        Column(**arguments)


def source(**changes: object) -> Source:
    values = {
        "table": "things",
        "files": ("things*.csv",),
        "strategy": "append_dedupe",
        "key": ("id",),
        "newest_by": "seen_at",
        "columns": (Column("id", "text", required=True), Column("seen_at", "timestamp")),
    }
    return Source(**(values | changes))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"table": "Things"}, id="table name"),
        pytest.param({"key": ("nobody",)}, id="unknown key"),
        pytest.param({"key": ()}, id="no key"),
        pytest.param({"newest_by": "nobody"}, id="unknown version"),
        pytest.param({"columns": (Column("id", "text"), Column("seen_at", "timestamp"))}, id="key not required"),
        pytest.param({"columns": (*source().columns, Column("id", "text"))}, id="column twice"),
        pytest.param({"columns": (*source().columns, Column("n", "int", at_most="nobody"))}, id="unknown bound"),
        pytest.param({"columns": (*source().columns, Column("n", "int", at_most="id"))}, id="bound that is no number"),
        pytest.param({"columns": (*source().columns, Column("n", "int", at_most="n"))}, id="bound by itself"),
        pytest.param({"key": ("id", "id")}, id="key column twice"),
        pytest.param({"newest_by": "id"}, id="version that is no time"),
        pytest.param({"files": ()}, id="no files"),
        pytest.param({"files": ("Things*.csv",)}, id="pattern that no lower-cased name can match"),
        pytest.param({"files": ("new/things*.csv",)}, id="pattern of a path"),
        pytest.param({"files": ("things*",)}, id="pattern without an ending"),
        pytest.param({"files": ("things*.csv", "things*.xml")}, id="ending of no format"),
        pytest.param({"newest_by": None, "strategy": "full_load_upsert"}, id="full load without a version"),
        pytest.param({"partition_by": "seen_at"}, id="partitions by what may be NULL"),
        pytest.param({"partition_by": "id"}, id="partitions by a text"),
        pytest.param({"partition_by": "seen_at", "strategy": "full_load_upsert"}, id="partitions of a full load"),
        pytest.param({"covers": "id", "strategy": "full_load_upsert"}, id="span of texts"),
        pytest.param({"covers": "seen_at", "strategy": "full_load_upsert"}, id="span of no key"),
        pytest.param(
            {"covers": "day", "key": ("day",), "columns": (Column("day", "date", required=True), *source().columns)},
            id="span of what is appended",
        ),
    ],
)
def test_a_source_refuses_nonsense(changes: dict) -> None:
    with pytest.raises(SpecError):
        source(**changes)


def test_a_key_of_two_columns_and_a_constant_upper_bound_can_be_declared() -> None:
    columns = (*source().columns, Column("day", "date", required=True), Column("share", "numeric", at_most=1))
    assert source(key=("id", "day"), columns=columns).column("share").at_most == 1
