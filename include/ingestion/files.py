"""The raw folder: which file belongs to which source, and what is known of a file before it is read."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO

from include.errors import ToldError
from include.ingestion.content import open_content, open_regular
from include.ingestion.records import FileRefusedError, too_large
from include.ingestion.spec import Source
from include.settings import DEFAULT_LIMITS, Limits

UNFINISHED = (".part", ".tmp")
BLOCK = 1 << 16
FOLDER = "a folder"
CLOSED = "a folder that cannot be opened"
DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
UTF8_BOM = b"\xef\xbb\xbf"

State = tuple[int, int, int, int]
"""Inode, size, time of writing and of change: what differs when a file was written to or replaced."""


class RawFolderError(ToldError):
    """The raw folder is not there, or cannot be opened; the message says where it was looked for."""


@dataclass(frozen=True)
class RawFile:
    """One file of the raw folder as it was when it was inspected.

    `name`: path below the raw folder. `sha256`: of the bytes as they stand there; None when they cannot be read.
    `fault`: why the file is refused before it is read. `is_empty`: it holds blank lines at most.
    `arrived_at`: when the file was last written. `is_dated`: its name holds a date. `snapshot_at`: midnight of that
    date in the school's zone, else `arrived_at`.
    """

    path: Path
    name: str
    sha256: str | None
    fault: str | None
    bytes: int
    is_empty: bool
    has_bom: bool
    arrived_at: datetime
    is_dated: bool
    snapshot_at: datetime
    limits: Limits
    state: State

    def open(self) -> BinaryIO:
        """The bytes of the file, decompressed, after a byte order mark.

        Reading raises FileRefusedError where a compressed file turns out to be cut off, damaged, or beyond a limit.
        """
        stream = open_content(self.path, self.limits)
        if self.has_bom:
            stream.read(len(UTF8_BOM))
        return stream

    def has_changed(self) -> bool:
        """Whether the file was written to, or replaced, since it was inspected."""
        return _state(self.path.stat()) != self.state


def files_of(source: Source, raw_dir: Path) -> list[Path]:
    """The files of one source below the raw folder, in the order of their names."""
    return [path for path in raw_files(raw_dir) if claims(source, path)]


def claims(source: Source, path: Path) -> bool:
    """Whether the name of a file matches a pattern of the source, case ignored; but for Parquet also with `.gz`."""
    whole = path.name.lower()
    name = whole.removesuffix(".gz")
    return any(fnmatch(whole if pattern.endswith(".parquet") else name, pattern) for pattern in source.files)


def raw_files(raw_dir: Path) -> list[Path]:
    """Every finished file below the raw folder; a symlink that leads out of the folder is not followed.

    Raises:
        RawFolderError: there is no such folder, or it cannot be opened, which is another thing than a folder without
            new files.
    """
    return sorted(path for path, obstacle in entries(raw_dir) if not obstacle)


def closed_folders(raw_dir: Path) -> dict[str, str]:
    """The folders below the raw folder that cannot be looked into: name → what keeps them closed."""
    return {
        name_of(path, raw_dir): f"it is {obstacle}: what lies in it is not loaded"
        for path, obstacle in sorted(entries(raw_dir))
        if obstacle and obstacle.startswith(CLOSED)
    }


def entries(raw_dir: Path) -> Iterator[tuple[Path, str | None]]:
    """What is below the raw folder, neither hidden nor unfinished; each with what keeps it from being a file."""
    if not raw_dir.is_dir():
        raise RawFolderError(
            f"there is no raw folder at {raw_dir}: make it, or set ROLLCALL_RAW_DIR to where files land"
        )
    root = raw_dir.resolve()
    closed: list[OSError] = []
    for folder, folders, files in os.walk(raw_dir, onerror=closed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in [*folders, *files]:
            if not name.startswith(".") and not name.lower().endswith(UNFINISHED):
                path = Path(folder, name)
                with suppress(FileNotFoundError):  # It was moved away meanwhile.
                    yield path, _obstacle(path, root)
    for error in closed:
        if Path(error.filename) == raw_dir:
            raise RawFolderError(f"the raw folder {raw_dir} cannot be opened: {error.strerror}")
        yield Path(error.filename), f"{CLOSED} ({type(error).__name__})"


def _obstacle(path: Path, root: Path) -> str | None:
    """What a path is that is not a file below the root, by symlinks or without; None when it is one."""
    is_link = stat.S_ISLNK(path.lstat().st_mode)
    try:
        target = path.resolve(strict=True) if is_link else path
        kind = stat.S_IFMT(target.stat().st_mode)
    except (OSError, RuntimeError) as error:
        if is_link:
            return "a symlink that leads nowhere"
        if isinstance(error, FileNotFoundError):
            raise
        return f"something that cannot be looked at ({type(error).__name__})"
    if is_link and not target.is_relative_to(root):
        return "a symlink out of the raw folder, which is not followed"
    if kind == stat.S_IFDIR:
        return "a symlink to a folder, which is not followed" if is_link else FOLDER
    return None if kind == stat.S_IFREG else "a pipe, a socket or a device"


def name_of(path: Path, raw_dir: Path) -> str:
    """The path of a file below the raw folder as a text of one line that can be stored and shown.

    Bytes that are not UTF-8 are escaped, and characters that cannot be seen: a line ending, say.
    """
    name = path.relative_to(raw_dir) if path.is_relative_to(raw_dir) else path.name
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def inspect(path: Path, raw_dir: Path, zone: tzinfo = UTC, limits: Limits = DEFAULT_LIMITS) -> RawFile | None:
    """What is known of a file before it is loaded, or None while it is still being written, or moved away."""
    try:
        before = _state(path.stat())
        sha256, beginning, fault = _look_at(path, limits)
        after = path.stat()
    except FileNotFoundError:
        return None
    if before != _state(after):
        return None
    arrived_at = datetime.fromtimestamp(after.st_mtime, UTC)
    named_at = _date_in(path.name, zone)
    return RawFile(
        path=path,
        name=name_of(path, raw_dir),
        sha256=sha256,
        fault=fault,
        bytes=after.st_size,
        is_empty=not beginning.removeprefix(UTF8_BOM).strip(),
        has_bom=beginning.startswith(UTF8_BOM),
        arrived_at=arrived_at,
        is_dated=named_at is not None,
        snapshot_at=named_at or arrived_at,
        limits=limits,
        state=before,
    )


def _state(status: os.stat_result) -> State:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _look_at(path: Path, limits: Limits) -> tuple[str | None, bytes, str | None]:
    """The SHA-256 of a file, the beginning of its content, and why one of them could not be had."""
    sha256, beginning = None, b""
    try:
        sha256 = sha256_of(path)
        if path.stat().st_size > limits.max_file_bytes:
            raise too_large(limits, "it has")
        with open_content(path, limits) as stream:
            beginning = _beginning(stream)
    except FileNotFoundError:
        raise
    except FileRefusedError as refusal:
        return sha256, beginning, str(refusal)
    except OSError as error:
        return sha256, beginning, _unreadable(error)
    return sha256, beginning, None


def _unreadable(error: OSError) -> str:
    advice = ": let the user that Rollcall runs as read it" if isinstance(error, PermissionError) else ""
    return f"it cannot be read ({type(error).__name__}){advice}"


def _beginning(stream: BinaryIO) -> bytes:
    """The first bytes of a content: a byte order mark, and what follows the blank lines of its beginning."""
    mark = stream.read(len(UTF8_BOM))
    if mark != UTF8_BOM and mark.strip():
        return mark
    block = b""
    while not block.strip() and (block := stream.read(BLOCK)):
        pass
    return mark + block


def sha256_of(path: Path) -> str:
    """The SHA-256 of the bytes of a file as they stand there."""
    with open_regular(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _date_in(name: str, zone: tzinfo) -> datetime | None:
    for year, month, day in DATE_IN_NAME.findall(name):
        try:
            return datetime(int(year), int(month), int(day), tzinfo=zone)
        except ValueError:
            continue
    return None
