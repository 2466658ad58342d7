"""The files of a source that a run finds: which of them are new, and which belong together."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import psycopg

from include.ingestion.accounts import LoadContext, earlier_verdict, is_snapshot_of_a_day
from include.ingestion.files import RawFile, closed_folders, files_of, inspect, name_of
from include.ingestion.report import FileResult


@dataclass(frozen=True)
class FoundFiles:
    """What a run finds of a source.

    `fresh`: files to be loaded. `known`: files that an earlier run saw to. `results`: what is known of the others.
    """

    fresh: tuple[RawFile, ...]
    known: tuple[tuple[RawFile, FileResult], ...]
    results: tuple[FileResult, ...]

    def groups(self, context: LoadContext) -> Iterator[tuple[list[RawFile], list[RawFile]]]:
        """What is loaded in one transaction: a file, or the files of one snapshot date, oldest first.

        With them the files of the same snapshot that an earlier run refused.
        """
        if context.source.strategy == "append_dedupe":
            yield from (([file], []) for file in self.fresh)
            return

        def day(file: RawFile) -> date:
            return file.snapshot_at.astimezone(context.zone).date()

        refused = [file for file, result in self.known if result.earlier == "refused"]
        by_snapshot = sorted(self.fresh, key=lambda file: (day(file), file.snapshot_at, file.name))
        for snapshot, files in itertools.groupby(by_snapshot, key=day):
            group, parts = list(files), [file for file in refused if day(file) == snapshot]
            # One of them may be named by the day, another known by when it was written.
            taken_at = min((file.snapshot_at for file in group if file.is_dated), default=None)
            taken_at = taken_at or max(file.snapshot_at for file in group)
            yield (
                [replace(file, snapshot_at=taken_at) for file in group],
                [replace(file, snapshot_at=taken_at) for file in parts],
            )

    def left_alone(self, results: Iterable[FileResult]) -> list[FileResult]:
        """What is said of the known files, but for those that were refused and are loaded now."""
        loaded = {result.file for result in results if result.status == "loaded"}
        return [result for _, result in self.known if not (result.earlier == "refused" and result.file in loaded)]


def look_for_files(connection: psycopg.Connection, context: LoadContext, named: list[Path] | None) -> FoundFiles:
    """The files of a source in the raw folder, or just those that somebody named."""
    raw_dir = context.settings.raw_dir
    fresh: list[RawFile] = []
    known: list[tuple[RawFile, FileResult]] = []
    results: list[FileResult] = []
    for path in named if named is not None else files_of(context.source, raw_dir):
        file = inspect(path, raw_dir, context.zone, context.settings.limits)
        if file is None:
            message = "it is still being written; the next run takes it"
            results.append(FileResult(name_of(path, raw_dir), "waiting", message=message))
        elif verdict := earlier_verdict(connection, context, file):
            known.append((file, verdict))
        else:
            fresh.append(file)
    if named is None:
        results += [FileResult(name, "refused", message=why) for name, why in closed_folders(raw_dir).items()]
    fresh, copies = _without_copies(context, fresh)
    return FoundFiles(tuple(fresh), tuple(known), (*results, *copies))


def _without_copies(context: LoadContext, files: list[RawFile]) -> tuple[list[RawFile], list[FileResult]]:
    """The files of different content, and a line for every other one; the same in another snapshot is another file."""
    first: dict[object, str] = {}
    kept: list[RawFile] = []
    copies: list[FileResult] = []
    for file in files:
        of_a_day = (file.sha256, file.snapshot_at.astimezone(context.zone).date())
        identity = of_a_day if is_snapshot_of_a_day(context, file) else file.sha256
        if file.sha256 and identity in first:
            copies.append(FileResult(file.name, "skipped", message=f"same content as {first[identity]}"))
            continue
        first |= {of_a_day: file.name, file.sha256: file.name}
        kept.append(file)
    return kept, copies
