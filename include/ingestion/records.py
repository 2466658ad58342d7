"""What the readers give: the records of a raw file, each with its first physical line and its bytes as they stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Literal, NamedTuple

from include.errors import ToldError
from include.settings import Limits

Problem = Literal["ragged_row", "bad_quote", "bad_encoding", "bad_character", "bad_json", "too_long"]

FORBIDDEN_BYTES = (b"\x00", b"\x1a")


class Record(NamedTuple):
    """One record of a raw file.

    `cells`: one text or None for each column of the raw table. `problem`: why the record cannot be read; it then stands
    alone.
    """

    line: int
    raw: bytes
    cells: Sequence[str | None]
    problem: Problem | None = None


class FileRefusedError(ToldError):
    """A file is refused whole; the message says why, without a value of any row."""


def too_large(limits: Limits, has: str) -> FileRefusedError:
    """The refusal of a file that has too many bytes; `has` begins the sentence."""
    return FileRefusedError(
        f"{has} more than {limits.max_file_bytes:,} bytes; deliver it in parts, or raise ROLLCALL_MAX_FILE_BYTES"
    )


def too_long(limits: Limits, line: int, what: str = "line") -> FileRefusedError:
    """The refusal of a file with a line, a row, or a record that begins on that line, of too many bytes."""
    begins = f"line {line:,} begins a {what} that" if what == "record" else f"{what} {line:,}"
    return FileRefusedError(
        f"{begins} is longer than {limits.max_line_bytes:,} bytes; if that is right, raise ROLLCALL_MAX_LINE_BYTES"
    )


def limited_lines(stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, bytes]]:
    """The physical lines of a stream with their line endings, numbered from 1: all that JSON lines need, and fast.

    Raises:
        FileRefusedError: a line is longer than the limit, its ending apart.
    """
    with_ending = limits.max_line_bytes + len(b"\r\n")
    for number, line in enumerate(iter(lambda: stream.readline(with_ending), b""), start=1):
        if len(line) >= with_ending - 1 and len(without_ending(line)) > limits.max_line_bytes:
            raise too_long(limits, number)
        yield number, line


def without_ending(line: bytes) -> bytes:
    """A physical line, or several, without the last line ending."""
    return line.removesuffix(b"\n").removesuffix(b"\r")


def text_of(raw: bytes) -> tuple[str, Problem | None]:
    """The text of a record's bytes, or the reason why there is none."""
    if any(byte in raw for byte in FORBIDDEN_BYTES):
        return "", "bad_character"
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError:
        return "", "bad_encoding"
