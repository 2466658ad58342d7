"""What the readers give: the records of a raw file, each with its first physical line and its bytes as they stood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Problem = Literal["ragged_row", "bad_quote", "bad_encoding", "bad_character", "bad_json", "too_long"]

FORBIDDEN_BYTES = (b"\x00", b"\x1a")
MAX_RECORD_BYTES = 1 << 20
"""A quoted cell that is still open after this many bytes is taken as broken."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a raw file.

    `cells`: one text or None for each column of the raw table. `problem`: why the record cannot be read; it then stands
    alone.
    """

    line: int
    raw: bytes
    cells: Sequence[str | None]
    problem: str | None = None


class FileRefusedError(ValueError):
    """A file is refused whole; the message says why, without a value of any row."""


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
