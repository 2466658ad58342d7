"""The bytes of a raw file, decompressed: a stream that refuses what is cut off, damaged, or beyond the limits."""

from __future__ import annotations

import io
import os
import stat
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from include.ingestion.records import FileRefusedError, too_large
from include.settings import Limits

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 1 << 20
BLOCK = 1 << 17
GZIP = 31
"""What zlib is told, so that it reads gzip with its checksum."""
RATIO_COUNTS_FROM = 16 << 20
"""Bytes of content: a small file that repeats one line is no bomb."""


class NotAFileError(OSError):
    """A folder, pipe, socket or device stands where a file was expected."""


def open_content(path: Path, limits: Limits) -> io.BufferedReader:
    """The decompressed bytes of a file; the caller closes it."""
    file = open_regular(path)
    if path.suffix.lower() != ".gz":
        return file
    return io.BufferedReader(GunzipStream(file, limits), CHUNK)


def open_regular(path: Path) -> io.BufferedReader:
    """The bytes of a file as they stand; the caller closes it.

    Raises:
        NotAFileError: something else has the name. To open a named pipe would wait until somebody writes to it.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotAFileError
    return io.BufferedReader(io.FileIO(descriptor), CHUNK)


class GunzipStream(io.RawIOBase):
    """The decompressed bytes of the members of a gzip file, one after the other; reading may raise FileRefusedError."""

    def __init__(self, compressed: io.BufferedReader, limits: Limits) -> None:
        self._compressed = compressed
        self._limits = limits
        self._member = zlib.decompressobj(GZIP)
        self._waiting = b""
        self._taken = self._given = 0

    def readable(self) -> bool:
        """Always, as BufferedReader wants to know."""
        return True

    def close(self) -> None:
        """Close the file below too."""
        self._compressed.close()
        super().close()

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Put the next bytes of the content into the buffer; returns how many, 0 at the end."""
        view = memoryview(buffer).cast("B")
        content = b""
        while not content and self._goes_on():
            content = self._decompress(len(view))
        view[: len(content)] = content
        self._given += len(content)
        self._check_limits()
        return len(content)

    def _goes_on(self) -> bool:
        """Whether there is more to decompress; members may be followed by zero bytes, which say nothing."""
        self._read_more()
        while self._member.eof:
            self._waiting = self._waiting.lstrip(b"\x00")
            if self._waiting:
                self._member = zlib.decompressobj(GZIP)
            elif not self._read_more():
                return False
        return True

    def _read_more(self) -> bool:
        if not self._waiting:
            self._waiting = self._compressed.read(BLOCK)
            self._taken += len(self._waiting)
        return bool(self._waiting)

    def _decompress(self, most: int) -> bytes:
        try:
            content = self._member.decompress(self._waiting, most)
        except zlib.error:
            raise self._not_whole("damaged") from None
        if not self._waiting and not content and not self._member.eof:
            raise self._not_whole("cut off")
        self._waiting = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return content

    def _not_whole(self, how: str) -> FileRefusedError:
        place = f"after {self._given:,} bytes of content" if self._given else "at its beginning"
        return FileRefusedError(
            f"it is not a whole gzip file: it is {how} {place}; deliver it again, or without .gz if it is no gzip"
        )

    def _check_limits(self) -> None:
        if self._given > self._limits.max_file_bytes:
            raise too_large(self._limits, "its content has")
        if self._given > max(RATIO_COUNTS_FROM, self._taken * self._limits.max_gzip_ratio):
            raise FileRefusedError(
                f"it unfolds to more than {self._limits.max_gzip_ratio:,} times its size; if it is right, raise"
                " ROLLCALL_MAX_GZIP_RATIO"
            )
