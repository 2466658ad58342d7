from __future__ import annotations

import pytest

from include.orchestration.bronze_operations_tasks import OperationError, check_params


@pytest.mark.parametrize(
    ("operation", "source", "load_id", "told"),
    [
        pytest.param("unload", "all", None, "unload needs a load_id", id="no load"),
        pytest.param("unload", "students", 7, "leave source at all", id="a source to unload"),
        pytest.param("replay", "all", 7, "replay goes by source: leave load_id empty", id="a load to replay"),
    ],
)
def test_params_that_do_not_belong_together_are_told_at_once(
    operation: str, source: str, load_id: int | None, told: str
) -> None:
    with pytest.raises(OperationError, match=told):
        check_params(operation, source, load_id)


@pytest.mark.parametrize(
    ("operation", "source", "load_id"), [("unload", "all", 7), ("replay", "attendance", None), ("rejects", "all", None)]
)
def test_params_that_belong_together_are_taken(operation: str, source: str, load_id: int | None) -> None:
    check_params(operation, source, load_id)
