"""The trigger that waits, in Airflow's triggerer, for files of learning events to land in the raw folder."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from include.ingestion.event_sources import EVENT_SOURCES
from include.ingestion.files import RawFolderError, claims, raw_files

log = logging.getLogger(__name__)
POLL_SECONDS = 10.0

Files = dict[Path, tuple[int, int]]
"""Size and time of writing, in nanoseconds, of each file."""


class LandedFiles:
    """The files of event sources below a raw folder; those that lie there at the beginning have landed."""

    def __init__(self, raw_dir: Path) -> None:
        self.raw_dir = raw_dir
        self.landed = self.before = self._look()

    def news(self) -> list[Path]:
        """The files that are new, or have changed, and are as they were when this was asked before."""
        now = self._look()
        news = [path for path, state in now.items() if self.landed.get(path) != state == self.before.get(path)]
        # One that was moved away is new when it comes back.
        kept = {path: state for path, state in self.landed.items() if path in now}
        self.landed, self.before = {**kept, **{path: now[path] for path in news}}, now
        return news

    def _look(self) -> Files:
        """The files as they are; none while there is no raw folder. Only names, sizes and times are looked at."""
        found: Files = {}
        try:
            paths = raw_files(self.raw_dir)
        except RawFolderError as error:
            log.warning("%s", error)
            return found
        for path in paths:
            if any(claims(source, path) for source in EVENT_SOURCES):
                with suppress(OSError):  # It was moved away meanwhile, or can be looked at the next time.
                    status = path.stat()
                    found[path] = status.st_size, status.st_mtime_ns
        return found


class LandedFileTrigger(BaseEventTrigger):
    """Fires, with their number, when files have landed that an event source takes.

    A file has landed when it has stayed as it was for a poll. What came while the trigger did not run is loaded with
    the next quarter of an hour.
    """

    def __init__(self, raw_dir: str, poll_seconds: float = POLL_SECONDS) -> None:
        super().__init__()
        self.raw_dir = raw_dir
        self.poll_seconds = poll_seconds

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """What Airflow makes the trigger again from, in the triggerer."""
        arguments = {"raw_dir": self.raw_dir, "poll_seconds": self.poll_seconds}
        return f"{type(self).__module__}.{type(self).__qualname__}", arguments

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """An event whenever files have landed."""
        # In threads: the folder may lie on a server that is slow to answer, and the triggerer has more to do.
        files = await asyncio.to_thread(LandedFiles, Path(self.raw_dir))
        while True:
            await asyncio.sleep(self.poll_seconds)
            news = await asyncio.to_thread(files.news)
            if news:
                yield TriggerEvent({"files": len(news)})
