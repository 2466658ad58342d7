from __future__ import annotations

from datetime import date

import pytest

from include.ingestion.spec import Column, Source, SpecError


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"name": "Student ID", "type": "text"}, id="name that is no identifier"),
        pytest.param({"name": "a", "type": "text", "required": True, "optional": True}, id="required and optional"),
        pytest.param({"name": "a", "type": "int", "upper": True}, id="upper of a number"),
        pytest.param({"name": "a", "type": "text", "above": 0}, id="number bound of a text"),
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
    ],
)
def test_a_source_refuses_nonsense(changes: dict) -> None:
    with pytest.raises(SpecError):
        source(**changes)
