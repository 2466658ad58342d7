"""The raw folder: which file belongs to which source, and what is known of a file before it is read."""

from __future__ import annotations

import codecs
import difflib
import gzip
import hashlib
import os
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO, cast

from include.ingestion.spec import Source

UNFINISHED = (".part", ".tmp")
CHUNK = 1 << 20
DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
UTF8_BOM = b"\xef\xbb\xbf"


class RawFolderError(FileNotFoundError):
    """The raw folder is not there; the message says where it was looked for."""


@dataclass(frozen=True)
class RawFile:
    """One file of the raw folder as it was when it was inspected.

    `name`: path below the raw folder. `sha256`: of the bytes as they stand there; None when they cannot be read.
    `fault`: why the content cannot be read. `is_empty`: it holds blank lines at most. `is_plain`: UTF-8 with one kind
    of line ending, and none of the bytes that Postgres's COPY could read otherwise than as a plain cell, so that COPY
    may read it without a look at each record.
    `arrived_at`: when the file was last written. `snapshot_at`: midnight of the date in its name in the school's zone,
    else `arrived_at`.
    """

    path: Path
    name: str
    sha256: str | None
    fault: str | None
    bytes: int
    is_empty: bool
    is_plain: bool
    has_bom: bool
    arrived_at: datetime
    snapshot_at: datetime

    def open(self) -> BinaryIO:
        """The bytes of the file, decompressed, after a byte order mark."""
        stream = open_raw(self.path)
        if self.has_bom:
            stream.read(len(UTF8_BOM))
        return stream

    def has_changed(self) -> bool:
        """Whether the file was written to since it was inspected."""
        status = self.path.stat()
        return (status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)) != (self.bytes, self.arrived_at)


def open_raw(path: Path) -> BinaryIO:
    """The decompressed bytes of a file; the caller closes it."""
    if path.suffix.lower() == ".gz":
        return cast(BinaryIO, gzip.open(path))
    return path.open("rb")


def files_of(source: Source, raw_dir: Path) -> list[Path]:
    """The files of one source below the raw folder, in the order of their names."""
    return [path for path in raw_files(raw_dir) if claims(source, path)]


def claims(source: Source, path: Path) -> bool:
    """Whether the name of a file matches a pattern of the source, case ignored, with or without `.gz`."""
    name = path.name.lower().removesuffix(".gz")
    return any(fnmatch(name, pattern) for pattern in source.files)


def raw_files(raw_dir: Path) -> list[Path]:
    """Every finished file below the raw folder; a symlink that leads out of the folder is not followed.

    Raises:
        RawFolderError: there is no such folder, which is another thing than a folder without new files.
    """
    if not raw_dir.is_dir():
        raise RawFolderError(
            f"there is no raw folder at {raw_dir}: make it, or set ROLLCALL_RAW_DIR to where files land"
        )
    root = raw_dir.resolve()
    return sorted(
        path
        for path in raw_dir.rglob("*")
        if path.is_file()
        and path.resolve().is_relative_to(root)
        and not path.name.lower().endswith(UNFINISHED)
        and not any(part.startswith(".") for part in path.relative_to(raw_dir).parts)
    )


def unclaimed_files(raw_dir: Path, sources: Iterable[Source]) -> dict[str, str | None]:
    """The files that no source takes: name below the raw folder → the source whose name it nearly has, if any."""
    sources = list(sources)
    tables = [source.table for source in sources]
    found: dict[str, str | None] = {}
    for path in raw_files(raw_dir):
        if not any(claims(source, path) for source in sources):
            stem = re.split(r"[^a-z_]", path.name.lower())[0].strip("_")
            near = difflib.get_close_matches(stem, tables, n=1, cutoff=0.75)
            found[name_of(path, raw_dir)] = near[0] if near else None
    return found


def misspelt_files(raw_dir: Path, sources: Iterable[Source]) -> dict[str, str]:
    """The files that no source takes and whose names are nearly those of a source's files, each with that source."""
    return {name: near for name, near in unclaimed_files(raw_dir, sources).items() if near}


def name_of(path: Path, raw_dir: Path) -> str:
    """The path of a file below the raw folder as a text that can be stored; bytes that are not UTF-8 are escaped."""
    name = path.relative_to(raw_dir) if path.is_relative_to(raw_dir) else path.name
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def inspect(path: Path, raw_dir: Path, zone: tzinfo = UTC) -> RawFile | None:
    """What is known of a file before it is loaded, or None while it is still being written, or moved away."""
    try:
        before = path.stat()
        sha256, shape, fault = _look_through(path)
        after = path.stat()
    except FileNotFoundError:
        return None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return None
    arrived_at = datetime.fromtimestamp(after.st_mtime, UTC)
    return RawFile(
        path=path,
        name=name_of(path, raw_dir),
        sha256=sha256,
        fault=fault,
        bytes=after.st_size,
        is_empty=not shape.has_content,
        is_plain=shape.is_plain(),
        has_bom=shape.start == UTF8_BOM,
        arrived_at=arrived_at,
        snapshot_at=_date_in(path.name, zone) or arrived_at,
    )


def _look_through(path: Path) -> tuple[str | None, _Shape, str | None]:
    """The SHA-256 of a file, the shape of its content, and why one of them could not be had."""
    sha256, shape = None, _Shape()
    try:
        sha256 = sha256_of(path)
        with open_raw(path) as stream:
            for chunk in iter(lambda: stream.read(CHUNK), b""):
                shape.add(chunk)
    except FileNotFoundError:
        raise
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        return sha256, shape, f"it is not a whole gzip file ({type(error).__name__})"
    except OSError as error:
        return sha256, shape, f"it cannot be read ({type(error).__name__})"
    return sha256, shape, None


def sha256_of(path: Path) -> str:
    """The SHA-256 of the bytes of a file as they stand there."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Shape:
    """Looks through the bytes of a file, chunk by chunk, for what keeps COPY from reading it as plain cells."""

    def __init__(self) -> None:
        self.start = b""
        self.has_content = False
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._plain = True
        self._returns = self._newlines = self._pairs = 0
        self._last = b""

    def add(self, chunk: bytes) -> None:
        text = chunk if self.start else chunk.removeprefix(UTF8_BOM)
        self.start = self.start or chunk[: len(UTF8_BOM)]
        self.has_content = self.has_content or bool(text.strip())
        if not self._plain:
            return
        self._plain = not any(byte in chunk for byte in (b'"', b"\\", b"\x00", b"\x1a"))
        self._newlines += chunk.count(b"\n")
        self._returns += chunk.count(b"\r")
        self._pairs += chunk.count(b"\r\n") + (self._last == b"\r" and chunk.startswith(b"\n"))
        self._last = chunk[-1:]
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError:
            self._plain = False

    def is_plain(self) -> bool:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        one_ending = self._returns == 0 or self._returns == self._newlines == self._pairs
        return self._plain and one_ending


def _date_in(name: str, zone: tzinfo) -> datetime | None:
    for year, month, day in DATE_IN_NAME.findall(name):
        try:
            return datetime(int(year), int(month), int(day), tzinfo=zone)
        except ValueError:
            continue
    return None
