"""The physical lines of a raw file: many at a time where they match a pattern, one by one where they do not."""

from __future__ import annotations

import re
from typing import BinaryIO

from include.ingestion.records import too_long, without_ending
from include.settings import Limits

CHUNK = 1 << 16

Line = tuple[int, bytes]


class Lines:
    """The lines of a stream, numbered from 1; those that were read can be handed back until `take` or `has_more`.

    `number`: of the next line. A last line without an ending is given one.
    """

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self.number = 1
        self._stream = stream
        self.limits = limits
        self._bytes = b""
        self._at = 0
        self._sure_to = 0
        """Up to here the lines are known to match: one that is not UTF-8 among them is no reason to look again."""
        self._is_read = False

    def has_more(self) -> bool:
        """Whether a line follows."""
        self._let_go()
        return self._at < len(self._bytes) or self._fill()

    def next(self) -> Line | None:
        """The next line with its number and its ending; None at the end.

        Raises:
            FileRefusedError: it is longer than the limit.
        """
        end = self._end_of_line()
        line = self.number, self._bytes[self._at : end]
        if len(without_ending(line[1])) > self.limits.max_line_bytes:
            raise too_long(self.limits, self.number)
        if not line[1]:
            return None
        self._at = end
        self.number += 1
        return line

    def take(self, sure: re.Pattern[bytes]) -> str:
        """The text of the lines from here that match a pattern of any number of them; empty when the next does not.

        Raises:
            FileRefusedError: one of them is longer than the limit.
        """
        if self._bytes.find(b"\n", self._at) < 0:
            self._let_go()
            self._fill()
        if self._at >= self._sure_to:
            match = sure.match(self._bytes, self._at)
            self._sure_to = match.end() if match else self._at
        lines = _utf8(self._bytes[self._at : self._sure_to])
        if len(lines) > self.limits.max_line_bytes:
            self._check_length(lines)
        self._at += len(lines)
        self.number += lines.count(b"\n")
        return lines.decode()

    def place(self) -> tuple[int, int]:
        """Where the next line begins."""
        return self._at, self.number

    def go_back(self, place: tuple[int, int]) -> None:
        """Hand back the lines since a place."""
        self._at, self.number = place

    def _let_go(self) -> None:
        """Forget what is read, when it is worth the copying of the rest."""
        if self._at > CHUNK // 2:
            self._sure_to = max(0, self._sure_to - self._at)
            self._bytes, self._at = self._bytes[self._at :], 0

    def _check_length(self, lines: bytes) -> None:
        for number, line in enumerate(lines.split(b"\n"), start=self.number):
            if len(line.removesuffix(b"\r")) > self.limits.max_line_bytes:
                raise too_long(self.limits, number)

    def _end_of_line(self) -> int:
        searched = self._at
        while True:
            end = self._bytes.find(b"\n", searched)
            if end >= 0:
                return end + 1
            searched = len(self._bytes)
            if searched - self._at > self.limits.max_line_bytes + len(b"\r\n") or not self._fill():
                return len(self._bytes)

    def _fill(self) -> bool:
        """Read on; False at the end of the stream."""
        if self._is_read:
            return False
        more = self._stream.read(CHUNK)
        self._is_read = not more
        if self._is_read and self._at < len(self._bytes) and not self._bytes.endswith(b"\n"):
            more = b"\n"
        self._bytes += more
        return bool(more)


def _utf8(lines: bytes) -> bytes:
    """The lines before the first that is not UTF-8."""
    if lines.isascii():
        return lines
    try:
        lines.decode()
    except UnicodeDecodeError as error:
        return lines[: lines.rfind(b"\n", 0, error.start) + 1]
    return lines
