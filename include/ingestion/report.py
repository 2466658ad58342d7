"""What became of the files of a source, in counts, for people and for the task that loaded them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Literal

FileStatus = Literal["loaded", "refused", "skipped", "waiting"]
EarlierStatus = Literal["loaded", "refused", "unloaded"]


@dataclass
class RowCounts:
    """What became of the rows of one file: rows_read is the sum of the six kinds that follow it."""

    rows_read: int = 0
    rows_inserted: int = 0
    rows_updated: int = 0
    rows_unchanged: int = 0
    rows_superseded: int = 0
    rows_duplicate: int = 0
    rows_rejected: int = 0
    tied_versions: int = 0
    missing_ids: int = 0


@dataclass(frozen=True)
class FileResult:
    """What became of one file; `message` says why it was not loaded, `earlier` as what an earlier run left it."""

    file: str
    status: FileStatus
    load_id: int | None = None
    counts: RowCounts = field(default_factory=RowCounts)
    message: str | None = None
    bytes: int = 0
    earlier: EarlierStatus | None = None

    def line(self) -> str:
        """One line for people: counts only, never a value of a row."""
        if self.status != "loaded":
            return f"{self.file}: {self.status}: {self.message}"
        counts = ", ".join(
            f"{count:,} {name.removeprefix('rows_').replace('_', ' ')}"
            for name, count in asdict(self.counts).items()
            if count or name in ("rows_read", "rows_inserted")
        )
        return f"{self.file}: loaded as load {self.load_id}: {counts}"


@dataclass(frozen=True)
class SourceReport:
    """What became of every file of one source, or of those `by_name` that somebody asked for."""

    source: str
    results: tuple[FileResult, ...]
    by_name: bool = False

    @property
    def refused(self) -> tuple[FileResult, ...]:
        """The files that this run refused."""
        return tuple(result for result in self.results if result.status == "refused")

    @property
    def still_refused(self) -> tuple[FileResult, ...]:
        """The files that this run left alone because an earlier one refused them."""
        return tuple(result for result in self.results if result.earlier == "refused")

    @property
    def unloaded(self) -> tuple[FileResult, ...]:
        """The files that this run left alone because they were unloaded."""
        return tuple(result for result in self.results if result.earlier == "unloaded")

    @property
    def rows_read(self) -> int:
        """Rows read in the files that were loaded."""
        return sum(result.counts.rows_read for result in self.results if result.status == "loaded")

    @property
    def rows_rejected(self) -> int:
        """Rows rejected, in loaded and in refused files."""
        return sum(result.counts.rows_rejected for result in self.results)

    @property
    def bytes_loaded(self) -> int:
        """Bytes of the files that were loaded, as they stand in the raw folder."""
        return sum(result.bytes for result in self.results if result.status == "loaded")

    def lines(self) -> list[str]:
        """Lines for people: one for each file of which there is something to say, one that counts the others."""
        told = [result.line() for result in self.results if self.by_name or result.earlier != "loaded"]
        known = len(self.results) - len(told)
        return [*told, *([f"{known:,} files were already loaded"] if known else [])] or ["no file"]
