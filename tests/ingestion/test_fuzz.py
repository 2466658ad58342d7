"""Arbitrary and damaged files: nothing but a refusal comes out of the readers, and no byte is passed over in silence.

What a file should give is worked out anew here, without the readers.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from include.ingestion import content as raw_content
from include.ingestion import json_text, lines
from include.ingestion.csv_reader import csv_records, read_header
from include.ingestion.files import inspect
from include.ingestion.json_reader import json_records
from include.ingestion.records import FileRefusedError, Record
from include.ingestion.spec import Layout
from tests.ingestion.damage import BLANK, BOM, CSV_FILES, JSON_FILES, JSON_LINES, NASTY, arbitrary, damaged, fuzzed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("raw")


@pytest.fixture(autouse=True, params=["whole", "in pieces"])
def _pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files, read whole; or in so small pieces that every byte is the last of one sometimes."""
    if request.param == "in pieces":
        for module in (json_text, lines, raw_content):
            monkeypatch.setattr(module, "CHUNK", 41)


def records_of(folder: Path, name: str, content: bytes) -> list[Record] | None:
    """What the readers make of a file; None when it is refused."""
    path = folder / name
    path.write_bytes(content)
    file = inspect(path, folder)
    assert file is not None
    try:
        if file.fault:
            return None
        if ".json" in name:
            return list(json_records(file, Layout("json", ["assessment_id", "score"], 0), set()))
        return list(csv_records(file, len(read_header(file))))
    except FileRefusedError:
        return None


def physical_lines(content: bytes) -> list[bytes]:
    return [line + b"\n" for line in content.removeprefix(BOM).split(b"\n")]


def bare(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")


def check_lines(records: list[Record], content: bytes, first: int) -> None:
    """Every line from the first on is blank, or stands in one record, at its place and with its bytes."""
    lines, passed = physical_lines(content), first - 1
    for record in records:
        end = record.line - 1 + record.raw.count(b"\n") + 1
        assert not b"".join(lines[passed : record.line - 1]).strip()
        assert bare(b"".join(lines[record.line - 1 : end])) == record.raw
        passed = end
    assert not b"".join(lines[passed:]).strip()


def check_cells(record: Record) -> None:
    """The cells are those that Python's own reader finds, where the two mean the same."""
    if record.problem or any(byte in record.raw for byte in b" \t\r\x00"):
        return
    (expected,) = csv.reader(io.StringIO(record.raw.decode(), newline=""), strict=True)
    assert list(record.cells) == expected


@fuzzed(150)
@given(content=st.one_of(arbitrary(), damaged(CSV_FILES)))
def test_every_line_of_a_csv_is_in_one_record(folder: Path, content: bytes) -> None:
    records = records_of(folder, "attendance.csv", content)
    if records is None:
        return
    check_lines(records, content, first=2)
    for record in records:
        check_cells(record)


@fuzzed(150)
@given(content=st.one_of(arbitrary(), damaged(JSON_LINES)))
def test_every_line_of_json_lines_is_a_record(folder: Path, content: bytes) -> None:
    records = records_of(folder, "assessments.jsonl", content)
    assert records is not None
    check_lines(records, content, first=1)
    assert not any(b"\n" in record.raw for record in records)
    for record in records:
        check_json_record(record)


def check_json_record(record: Record) -> None:
    """A record without a problem is an object, as Python's own reader sees it; a flat and plain object has none."""
    try:
        value = json.loads(
            record.raw.decode(), object_pairs_hook=Pairs, parse_float=Decimal, parse_int=Decimal, parse_constant=Decimal
        )
    except (ValueError, ArithmeticError, RecursionError):
        assert record.problem is not None or b"e" in record.raw.lower()
        return
    if not isinstance(value, Pairs) or len(dict(value)) < len(value):
        assert record.problem == "bad_json"
    elif not any(isinstance(leaf, list) for _, leaf in value) and b"\\u" not in record.raw:
        assert record.problem is None
        check_cell(record.cells[0], dict(value).get("assessment_id"))


def check_cell(cell: str | None, leaf: object) -> None:
    if isinstance(leaf, Decimal) and not leaf.is_nan():
        assert Decimal(cell or "") == leaf
    elif isinstance(leaf, bool):
        assert cell == str(leaf).lower()
    elif isinstance(leaf, str | None):
        assert cell == leaf


@fuzzed(300)
@given(content=st.one_of(arbitrary(), damaged(JSON_FILES)))
@example(b'[{"a":"\x00"},{"a":"\xff"},{"a":1}]')
@example(b'{"a":1}\n\n{"a":')
def test_every_element_of_a_json_file_is_a_record(folder: Path, content: bytes) -> None:
    records = records_of(folder, "assessments.json", content)
    values = elements_of(content)
    if records is None:
        assert values is None or is_not_utf8(content)
        return
    text, position = content.removeprefix(BOM), 0
    between = []
    for record in records:
        start = text.index(record.raw, position)
        between.append(text[position:start])
        assert record.line == text.count(b"\n", 0, start) + 1
        position = start + len(record.raw)
    between.append(text[position:])
    check_json_structure(records, values, b"".join(between), text)


def check_json_structure(records: list[Record], values: list[Any] | None, around: bytes, text: bytes) -> None:
    if values is not None:
        assert [as_value(record.raw) for record in records] == values
    elif text.lstrip(BLANK).startswith(b"["):
        assert not around.strip(BLANK + b"[],")
        assert any(record.problem for record in records)
    elif around.strip():
        # An object that is not JSON by the letter: something stands in it, beside the array, that need not be read.
        json.JSONDecoder(strict=False).decode(text.decode(errors="surrogateescape"))
    else:
        assert len(records) == 1 or check_lines(records, text, first=1) is None


def elements_of(content: bytes) -> list[Any] | None:
    """The records of a file that is one JSON value, as Python's own reader finds them; None when it is not."""
    try:
        value = json.loads(content.removeprefix(BOM).decode(), object_pairs_hook=Pairs, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, Pairs):
        return value if isinstance(value, list) else [value]
    arrays = [
        member
        for key, member in value
        if key in ("data", "assessments", "results") and isinstance(member, list) and not isinstance(member, Pairs)
    ]
    return (arrays[0] if arrays else [value]) if len(arrays) < 2 else None


class Pairs(list):
    """An object, with keys that it names twice."""


def as_value(raw: bytes) -> Any:
    return json.loads(raw.decode(), object_pairs_hook=Pairs, parse_constant=str)


def is_not_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return True
    return False


@fuzzed(150)
@given(
    parts=st.lists(st.one_of(arbitrary(), damaged(CSV_FILES)), min_size=1, max_size=3),
    at=st.integers(0, 400),
    put_in=st.sampled_from([b"", *NASTY]),
    taken_out=st.sampled_from([0, 0, 0, 1, 8, 1000]),
)
def test_a_compressed_file_gives_its_content_or_is_refused(
    folder: Path, parts: list[bytes], at: int, put_in: bytes, taken_out: int
) -> None:
    whole = b"".join(map(gzip.compress, parts))
    at = min(at, len(whole))
    stored = whole[:at] + put_in + whole[at + taken_out :]
    path = folder / "attendance.csv.gz"
    path.write_bytes(stored)
    content = content_of(path)
    assert content is not None or stored != whole
    if content is not None:
        # Python's own reader is more lenient: it ignores flags that have no meaning yet.
        assert content == gzip.decompress(stored).removeprefix(BOM)


def content_of(path: Path) -> bytes | None:
    """The decompressed content of a file; None when it is refused."""
    file = inspect(path, path.parent)
    assert file is not None
    try:
        if file.fault:
            return None
        with file.open() as stream:
            return stream.read()
    except FileRefusedError:
        return None
