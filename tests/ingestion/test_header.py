"""Which names of columns a refusal repeats: the contract's, and those that are another spelling of one."""

from __future__ import annotations

import pytest

from include.ingestion.header import check_header
from include.ingestion.records import FileRefusedError
from include.ingestion.sources import ASSESSMENTS, ATTENDANCE
from include.ingestion.spec import Source


def refusal(source: Source, *header: str) -> str:
    with pytest.raises(FileRefusedError) as refused:
        check_header(source, header, source.layout_of(source.files[0]).format)
    return str(refused.value)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        (["Student ID", "attendance_id", "attendance_date", "state", "created_at"], "Student ID, state"),
        (["student_id", "attendance_id", "attendance_date", "Status", "Created At"], "Status, Created At"),
    ],
)
def test_a_column_that_is_another_spelling_of_a_missing_one_is_named(header: list[str], told: str) -> None:
    assert refusal(ATTENDANCE, *header).endswith(f"; unexpected: {told}")


@pytest.mark.parametrize("names", [["S00001", "S00002"], ["Ada Lovelace", "Stan"], ["Titus", "student_001"]])
def test_a_register_with_a_column_for_each_student_is_refused_without_naming_one(names: list[str]) -> None:
    assert refusal(ATTENDANCE, "attendance_date", *names) == (
        "missing: attendance_id, student_id, status, created_at;"
        " unexpected: 2 not repeated here (they stand in the first line of the file)"
    )


def test_json_with_a_key_for_each_student_is_refused_without_naming_one() -> None:
    told = refusal(ASSESSMENTS, "student_id", "subject", "scores_Ada Lovelace", "scores_Al")
    assert told.endswith("; unexpected: 2 not repeated here (they are keys of its records)")


def test_json_without_any_key_of_the_contract_is_not_said_to_have_a_first_line() -> None:
    told = refusal(ASSESSMENTS, "Ada", "Grace")
    assert told.startswith("none of its keys is a column of the contract; expected: assessment_id, student_id")


def test_of_columns_that_are_there_twice_only_the_contracts_are_named() -> None:
    header = [*ATTENDANCE.column_names, "status", "Ada", "Ada"]
    assert refusal(ATTENDANCE, *header) == (
        "duplicate columns in the header: status, 1 not repeated here (they stand in the first line of the file)"
    )
