from __future__ import annotations

from pathlib import Path

import pytest

from include.ingestion import csv_reader
from include.ingestion.csv_reader import csv_records, read_header, split_cells
from include.ingestion.files import inspect
from include.ingestion.records import FileRefusedError


def read(folder: Path, content: bytes) -> list[tuple[int, object]]:
    """Line, and cells or problem, of each record after the header `a,b`."""
    path = folder / "attendance.csv"
    path.write_bytes(b"a,b\n" + content)
    file = inspect(path, folder)
    assert file is not None
    return [(record.line, record.problem or list(record.cells)) for record in csv_records(file, 2)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"1,2\n3,4", [(2, ["1", "2"]), (3, ["3", "4"])], id="plain, no last newline"),
        pytest.param(b'"1, ""x""", "2" \n', [(2, ['1, "x"', "2"])], id="quoted cells"),
        pytest.param(b'1,"x\r\ny"\r\n3,4\r\n', [(2, ["1", "x\r\ny"]), (4, ["3", "4"])], id="newline in a cell"),
        pytest.param(b'1,6" pipe\n', [(2, ["1", '6" pipe'])], id="quote inside an unquoted cell"),
        pytest.param(b"\n1,2\n \n", [(3, ["1", "2"])], id="blank lines are no records"),
        pytest.param(b"1\n2,3,4\n5,6\n", [(2, "ragged_row"), (3, "ragged_row"), (4, ["5", "6"])], id="ragged"),
        pytest.param(b'1,"open\n3,4\n', [(2, "bad_quote"), (3, ["3", "4"])], id="quote never closed"),
        pytest.param(b'1,"x"y\n3,4\n', [(2, "bad_quote"), (3, ["3", "4"])], id="text after a closing quote"),
        pytest.param(
            b'1,"open\n"3",4\n5,6\n', [(2, "bad_quote"), (3, ["3", "4"]), (4, ["5", "6"])], id="quote closed too late"
        ),
        pytest.param(b'"x\n""y""\n,z",2\n3,4\n', [(2, ['x\n"y"\n,z', "2"]), (5, ["3", "4"])], id="three lines"),
        pytest.param(b'1,2,"x\n3,4"\n5,6\n', [(2, "ragged_row"), (4, ["5", "6"])], id="ragged, over two lines"),
        pytest.param(b'1,"x\n\xff""\ny"\n3,4\n', [(2, "bad_encoding"), (5, ["3", "4"])], id="not UTF-8 in a cell"),
        pytest.param(b"1,\xff\n3,4\n", [(2, "bad_encoding"), (3, ["3", "4"])], id="not UTF-8"),
        pytest.param(b"1,\x00\n3,\x1a\n5,6\n", [(2, "bad_character"), (3, "bad_character"), (4, ["5", "6"])], id="NUL"),
    ],
)
def test_one_bad_record_costs_only_itself(tmp_path: Path, content: bytes, expected: list) -> None:
    assert read(tmp_path, content) == expected


def test_the_raw_text_of_a_record_is_kept_as_it_stood(tmp_path: Path) -> None:
    path = tmp_path / "attendance.csv"
    path.write_bytes(b'a,b\r\n1, "x\r\ny" \r\n')
    file = inspect(path, tmp_path)
    assert file is not None
    assert [record.raw for record in csv_records(file, 2)] == [b'1, "x\r\ny" ']


def test_the_header_is_read_after_a_byte_order_mark_and_trimmed(tmp_path: Path) -> None:
    path = tmp_path / "attendance.csv"
    path.write_bytes(b'\xef\xbb\xbf a ,"b"\r\n')
    file = inspect(path, tmp_path)
    assert file is not None
    assert read_header(file) == ["a", "b"]


@pytest.mark.parametrize("content", [b"", b"\n1,2\n", b'a,"b\n', b"a,\xff\n"])
def test_a_file_without_a_readable_header_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "attendance.csv"
    path.write_bytes(content)
    file = inspect(path, tmp_path)
    assert file is not None
    with pytest.raises(FileRefusedError):
        read_header(file)


@pytest.mark.parametrize(
    ("first", "line"),
    [
        pytest.param(b'"S1,x\n', b'S2,x""\n', id="one open quote before doubled ones"),
        pytest.param(b"", b'a","b\n', id="every line opens a quote"),
    ],
)
def test_the_work_grows_with_the_file_and_not_with_its_square(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bytes, line: bytes
) -> None:
    work = 0

    def counted(text: str) -> list[str]:
        nonlocal work
        work += len(text)
        return split_cells(text)

    monkeypatch.setattr(csv_reader, "split_cells", counted)
    content = first + line * 20_000
    assert next(problem for _, problem in read(tmp_path, content)) == "bad_quote"
    assert work < 16 * len(content)
