"""The limits on files, lines, records and archives: what is beyond one is refused or rejected, naming the setting."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from include.ingestion.files import inspect
from include.ingestion.json_reader import json_records
from include.ingestion.records import FileRefusedError, Record
from include.ingestion.spec import Layout
from include.settings import DEFAULT_LIMITS, Settings
from tests.ingestion.conftest import ATTENDANCE_HEADER, Load, attendance, write

ROWS = [f"A-{number},S-1,2025-01-07,PRESENT,2025-01-07T15:00:00" for number in range(3)]
BIG = 200_000


def limited(settings: Settings, **limits: Any) -> Settings:
    return replace(settings, limits=replace(settings.limits, **limits))


def read_json(folder: Path, content: str, name: str = "assessments.json", **limits: Any) -> list[Record]:
    path = write(folder, name, content)
    file = inspect(path, folder, limits=replace(DEFAULT_LIMITS, **limits))
    assert file is not None
    return list(json_records(file, Layout("json", ["a"], 0), set()))


def nested(levels: int) -> str:
    return '{"a":' * levels + "1" + "}" * levels


@pytest.mark.parametrize("name", ["attendance.csv", "attendance.csv.gz"])
def test_a_file_or_its_content_may_not_be_larger_than_the_limit(
    raw_dir: Path, load: Load, settings: Settings, name: str
) -> None:
    content = "\n".join([ATTENDANCE_HEADER, *ROWS * 1000]).encode()
    (raw_dir / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    (result,) = load("attendance", limited(settings, max_file_bytes=len(content) - 1)).results
    assert result.status == "refused"
    assert f"more than {len(content) - 1:,} bytes; deliver it in parts, or raise ROLLCALL_MAX_FILE_BYTES" in str(
        result.message
    )
    (result,) = load("attendance", limited(settings, max_file_bytes=len(content))).results
    assert result.status == "loaded"


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_a_line_may_not_be_longer_than_the_limit(raw_dir: Path, load: Load, settings: Settings, ending: str) -> None:
    longest = ROWS[2].replace("S-1", "S-" + "1" * 5000)
    (raw_dir / "attendance.csv").write_text("\n".join([ATTENDANCE_HEADER, *ROWS, longest]) + ending, newline="")
    (result,) = load("attendance", limited(settings, max_line_bytes=len(longest) - 1)).results
    assert result.status == "refused"
    assert str(result.message).startswith(f"line 5 is longer than {len(longest) - 1:,} bytes")
    assert "ROLLCALL_MAX_LINE_BYTES" in str(result.message)
    # Room for the line ending, which may or may not be counted.
    (result,) = load("attendance", limited(settings, max_line_bytes=len(longest) + 2)).results
    assert result.status == "loaded"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_line_that_is_good_may_be_just_as_long_as_the_limit(
    raw_dir: Path, load: Load, settings: Settings, ending: str
) -> None:
    longest = ROWS[1].replace("S-1", "S-" + "1" * 50)
    (raw_dir / "attendance.csv").write_text(ending.join([ATTENDANCE_HEADER, ROWS[0], longest, ROWS[2], ""]), newline="")
    (result,) = load("attendance", limited(settings, max_line_bytes=len(longest) - 1)).results
    assert str(result.message).startswith(f"line 3 is longer than {len(longest) - 1} bytes")
    assert load("attendance", limited(settings, max_line_bytes=len(longest))).rows_read == 3


def test_a_header_may_not_be_longer_than_the_limit(raw_dir: Path, load: Load, settings: Settings) -> None:
    attendance(raw_dir, "attendance.csv", *ROWS)
    (result,) = load("attendance", limited(settings, max_line_bytes=len(ATTENDANCE_HEADER) - 1)).results
    assert str(result.message).startswith(f"line 1 is longer than {len(ATTENDANCE_HEADER) - 1} bytes")
    assert load("attendance", limited(settings, max_line_bytes=len(ATTENDANCE_HEADER))).rows_read == 3


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_a_line_of_json_may_be_as_long_as_the_limit(tmp_path: Path, ending: str) -> None:
    line = json.dumps({"a": "x" * 100})
    path = tmp_path / "assessments.jsonl"
    path.write_text("{}" + (ending or "\n") + line + ending, newline="")
    for most, is_read in ((len(line), True), (len(line) - 1, False)):
        file = inspect(path, tmp_path, limits=replace(DEFAULT_LIMITS, max_line_bytes=most))
        assert file is not None
        if is_read:
            assert [record.line for record in json_records(file, Layout("json", ["a"], 0), set())] == [1, 2]
            continue
        with pytest.raises(FileRefusedError, match=f"^line 2 is longer than {most} bytes.*ROLLCALL_MAX_LINE_BYTES"):
            list(json_records(file, Layout("json", ["a"], 0), set()))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f'[{{}},\n{{"a":"{"x" * 2000}"}},{{}}]', id="element"),
        pytest.param(f'[{{}},\n{{"a":"{"x" * BIG * 3}"}},{{}}]', id="element longer than what is held"),
        pytest.param(f'[{{}},\n{{"a":{"[" * BIG * 3}', id="element without an end"),
        pytest.param(f'\n{{"b":\n"{"x" * BIG * 3}","data":[]}}', id="what stands before the array"),
    ],
)
def test_a_record_of_a_json_file_may_not_be_longer_than_the_limit(tmp_path: Path, content: str) -> None:
    with pytest.raises(FileRefusedError, match="line 2 begins a record that is longer than 1,000 bytes"):
        read_json(tmp_path, content, max_line_bytes=1000)


def test_of_a_json_file_only_the_records_are_limited(tmp_path: Path) -> None:
    content = json.dumps({"meta": {}, "data": [{"a": "x" * 500}] * 2000, "more": {}})
    assert len(read_json(tmp_path, content, max_line_bytes=600)) == 2000


@pytest.mark.parametrize("name", ["assessments.json", "assessments.jsonl"])
def test_a_record_that_is_nested_too_deeply_is_rejected_alone(tmp_path: Path, name: str) -> None:
    records = [
        nested(4),
        '{"a":[[[1]]]}',
        nested(5),
        '{"a":[[[[1]]]]}',
        '{"a":[[[{}]]]}',
        json.dumps({str(number): {} for number in range(9)}),
    ]
    content = "\n".join(records) if name.endswith("l") else f"[{','.join(records)}]"
    problems = [record.problem for record in read_json(tmp_path, content, name, max_json_depth=4)]
    assert problems == [None, None, "bad_json", "bad_json", "bad_json", None]


def test_an_archive_that_unfolds_to_more_than_the_limit_is_refused(
    raw_dir: Path, load: Load, settings: Settings
) -> None:
    content = "\n".join([ATTENDANCE_HEADER, *[ROWS[0]] * 400_000]).encode()
    (raw_dir / "attendance.csv.gz").write_bytes(gzip.compress(content))
    (result,) = load("attendance", settings).results
    assert result.status == "refused"
    assert str(result.message) == (
        "it unfolds to more than 200 times its size; if it is right, raise ROLLCALL_MAX_GZIP_RATIO"
    )


def test_a_small_archive_may_unfold_to_what_it_will(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"\n" * 15_000_000))
    file = inspect(tmp_path / "a.csv.gz", tmp_path)
    assert file is not None
    assert (file.fault, file.is_empty) == (None, True)


def test_a_file_that_a_limit_refused_is_tried_again_when_the_limit_changes(
    raw_dir: Path, load: Load, settings: Settings
) -> None:
    attendance(raw_dir, "attendance.csv", *ROWS)
    tight = limited(settings, max_file_bytes=10)
    statuses = [load("attendance", these).results[0].status for these in (tight, tight, settings)]
    assert statuses == ["refused", "skipped", "loaded"]
