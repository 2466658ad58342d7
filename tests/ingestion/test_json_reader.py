from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from include.ingestion.files import inspect
from include.ingestion.json_reader import json_records
from include.ingestion.records import FileRefusedError
from include.ingestion.spec import Layout


def read(folder: Path, content: str, name: str = "assessments.json") -> list[tuple[int, object]]:
    """Line, and the cells a, b and extra or the problem, of each record."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    file = inspect(path, folder)
    assert file is not None
    return [
        (record.line, record.problem or list(record.cells))
        for record in json_records(file, Layout("json", ["a", "b"], 0), set())
    ]


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
        pytest.param('{"a":1}', [(1, ["1", None, None])], id="one object on one line"),
        pytest.param('{"meta":{"data":[1]},"a":1}', [(1, ["1", None, '{"meta_data": [1]}'])], id="array further in"),
        pytest.param(
            '{"data":[{"a":1}]}\n{"a":2}',
            [(1, [None, None, '{"data": [{"a": 1}]}']), (2, ["2", None, None])],
            id="lines that hold arrays",
        ),
        pytest.param(
            '{"results":[{"a":1}],"next":null,\n"n":1}', [(1, ["1", None, None])], id="members behind the array"
        ),
        pytest.param('{"data":{},"results":[]}', [], id="empty array beside an object"),
        pytest.param("5", [(1, "bad_json")], id="a number"),
        pytest.param("{}", [(1, [None, None, None])], id="empty object"),
        pytest.param('{"a":1}\nnothing', [(1, ["1", None, None]), (2, "bad_json")], id="something behind a line"),
        pytest.param('[{"a":{"x":1,"x":2}}]', [(1, "bad_json")], id="a key twice further in"),
        pytest.param('[{"a":[{"b":{"x":1,"x":2}}]}]', [(1, "bad_json")], id="a key twice in an object of a list"),
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
    ("element", "problem"),
    [
        pytest.param(b'{"a":"\xff"}', "bad_encoding", id="not UTF-8"),
        pytest.param(b'{"a":"\x00"}', "bad_character", id="NUL"),
        pytest.param(b'{"a":"\x1a\xff"}', "bad_character", id="0x1A, and not UTF-8"),
        pytest.param(b'{"a":"1\n2"}', "bad_json", id="a line ending in a text"),
        pytest.param(b'{"a":' + b"[" * 5000 + b'"\\"]{"' + b"]" * 5000 + b"}", "bad_json", id="nested very deeply"),
    ],
)
def test_an_element_whose_end_is_certain_is_rejected_alone(tmp_path: Path, element: bytes, problem: str) -> None:
    path = tmp_path / "assessments.json"
    path.write_bytes(b'[{"a":"\xc3\xbc"},\n' + element + b',\n{"a":3}]')
    file = inspect(path, tmp_path)
    assert file is not None
    records = list(json_records(file, Layout("json", ["a"], 0), set()))
    assert [(record.raw, record.problem) for record in records] == [
        (b'{"a":"\xc3\xbc"}', None),
        (element, problem),
        (b'{"a":3}', None),
    ]
    assert [record.line for record in records] == [1, 2, 3 + element.count(b"\n")]


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("around", ["%s", '{"meta": {"x": [1, 2]}, "data": %s, "next": "\U0001f600"}'])
def test_a_file_larger_than_what_is_held_of_it_is_read_like_a_small_one(
    tmp_path: Path, around: str, indent: int | None
) -> None:
    # Records of all lengths, so that numbers, escapes and letters of several bytes are cut wherever they can be.
    elements = [{"a": 'ü\\"\U0001f600' * (size % 97), "b": -size / 7, "n": [size] * (size % 5)} for size in range(4000)]
    elements[7] = {"a": "x" * 1_000_000}
    texts = [
        json.dumps(element, indent=indent, ensure_ascii=number % 2 == 0) for number, element in enumerate(elements)
    ]
    content = around % f"[\n{' ,'.join(texts)}\r\n]"
    path = tmp_path / "assessments.json.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + content.encode()))
    file = inspect(path, tmp_path)
    assert file is not None
    records = list(json_records(file, Layout("json", ["a"], 0), set()))
    assert [record.raw.decode() for record in records] == texts
    assert [record.line for record in records] == lines_of(content, texts)


def lines_of(content: str, texts: list[str]) -> list[int]:
    """The line on which each of the texts begins, one after the other."""
    found, line, counted = [], 1, 0
    for text in texts:
        position = content.index(text, counted)
        line += content.count("\n", counted, position)
        counted = position
        found.append(line)
    return found


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param('[{"a":1},\n{"a"', "line 2, column 5", id="torn array"),
        pytest.param("[" * 100_000, "nested too deeply", id="nested too deeply"),
        pytest.param('{"data":[],"results":[]}', "more than one array", id="two arrays"),
        pytest.param('{"data":[],\n"data":[]}', "more than one array", id="an array twice"),
        pytest.param('[{"a":1}', "line 1, column 9: Expecting ',' delimiter; is it cut off", id="cut off"),
        pytest.param('[{"a":1},', "line 1, column 10: Expecting value; is it cut off", id="cut off behind a comma"),
        pytest.param('[\n{"a":"ü', "line 2, column 6: Unterminated string.*is it cut off", id="cut off in a text"),
        pytest.param('[{"a":"ü"}\n{"a":2}]', "line 2, column 1: Expecting ',' delimiter$", id="no comma"),
        pytest.param('[{"a":"1},\n{"a":"2"}]', "line 1, column 11: Invalid control character", id="no quote"),
        pytest.param('[{"a":1}]\n\n]', "line 3, column 1: Extra data", id="something behind the array"),
        pytest.param('{"a":1}{"a":2}', "line 1, column 8: Extra data", id="two objects on one line"),
        pytest.param('{"data":[{"a":1}],x:1}', "line 1, column 19: Expecting property name", id="no key"),
        pytest.param('{"data" [{"a":1}]}', "line 1, column 9: Expecting ':' delimiter", id="no colon"),
        pytest.param('[{"a":\x001}]', r"expected UTF-8 text \(line 1, column 7\)", id="NUL between values"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(FileRefusedError, match=message):
        read(tmp_path, content)
