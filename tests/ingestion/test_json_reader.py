from __future__ import annotations

from pathlib import Path

import pytest

from include.ingestion.files import inspect
from include.ingestion.json_reader import json_records
from include.ingestion.records import FileRefusedError


def read(folder: Path, content: str, name: str = "assessments.json") -> list[tuple[int, object]]:
    """Line, and the cells a, b and extra or the problem, of each record."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    file = inspect(path, folder)
    assert file is not None
    return [(record.line, record.problem or list(record.cells)) for record in json_records(file, ("a", "b"), set())]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param('[{"a":1},\n{"b":"x"}]', [(1, ["1", None, None]), (2, [None, "x", None])], id="array"),
        pytest.param('{"n":[1],\n"data":\n[{"a":1}]}', [(3, ["1", None, None])], id="object that holds an array"),
        pytest.param('\n{"a":1}', [(2, ["1", None, None])], id="one object"),
        pytest.param('{"a":1}\n\n{"a":2}\n', [(1, ["1", None, None]), (3, ["2", None, None])], id="lines"),
        pytest.param("", [], id="empty"),
        pytest.param("[]", [], id="empty array"),
        pytest.param('[{"a":{"x":1},"b":2}]', [(1, [None, "2", '{"a_x": 1}'])], id="nested keys are joined"),
        pytest.param('[{"a":1.50,"b":1e3}]', [(1, ["1.50", "1000", None])], id="numbers as plain decimals"),
        pytest.param(
            '[{"a":0.1,"c":12345678901234567890.5}]',
            [(1, ["0.1", None, '{"c": "12345678901234567890.5"}'])],
            id="no digit is lost",
        ),
        pytest.param('[{"a":1e999,"b":NaN}]', [(1, ["1E+999", "NaN", None])], id="numbers no column accepts"),
        pytest.param('[{"a":true,"b":null}]', [(1, ["true", None, None])], id="booleans and nulls"),
        pytest.param('[5,{"a":1}]', [(1, "bad_json"), (1, ["1", None, None])], id="element that is no object"),
        pytest.param('[{"a":1,"a":2}]', [(1, "bad_json")], id="a key twice"),
        pytest.param(
            '[{"a":[{"x":1,"x":2}]},{"c":[[{"x":1,"x":2}]]}]', [(1, "bad_json")] * 2, id="a key twice in a list"
        ),
        pytest.param('[{"a":1e9999999999999999999}]', [(1, ["1e9999999999999999999", None, None])], id="vast number"),
        pytest.param('[{"a":' * 400 + "1" + "}]" * 400, [(1, "bad_json")], id="record nested too deeply"),
        pytest.param('[{"a_x":1,"a":{"x":2}}]', [(1, "bad_json")], id="two leaves of one name"),
        pytest.param('[{"a":"\\u0000"},{"c":["\\ud800"]}]', [(1, "bad_character"), (1, "bad_encoding")], id="escapes"),
    ],
)
def test_records_are_flattened_without_losing_a_value(tmp_path: Path, content: str, expected: list) -> None:
    assert read(tmp_path, content) == expected


def test_a_torn_line_is_rejected_alone(tmp_path: Path) -> None:
    assert read(tmp_path, '{"a":1}\n{"a":\n{"a":3}\n', "assessments.jsonl") == [
        (1, ["1", None, None]),
        (2, "bad_json"),
        (3, ["3", None, None]),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param('[{"a":1},\n{"a"', "line 2, column 5", id="torn array"),
        pytest.param("[" * 100_000, "nested too deeply", id="nested too deeply"),
        pytest.param('{"data":[],"results":[]}', "more than one array", id="two arrays"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(FileRefusedError, match=message):
        read(tmp_path, content)
