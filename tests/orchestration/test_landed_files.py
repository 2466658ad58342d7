from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from include.orchestration.landed_files import LandedFiles, LandedFileTrigger


@pytest.fixture
def news(raw_dir: Path) -> Callable[[], list[str]]:
    """Asks what has landed since it was asked before, of a folder in which one file lay at the beginning."""
    (raw_dir / "platform_events_1.jsonl").write_text("{}\n")
    files = LandedFiles(raw_dir)
    return lambda: [path.name for path in files.news()]


def test_a_file_that_lay_there_at_the_beginning_is_no_news(news: Callable) -> None:
    assert [news(), news()] == [[], []]


def test_a_new_file_is_news_once_when_it_has_stayed_as_it_was(raw_dir: Path, news: Callable) -> None:
    (raw_dir / "app").mkdir()
    (raw_dir / "app" / "Mobile_Events_2.csv.gz").write_text("x")
    assert [news(), news(), news()] == [[], ["Mobile_Events_2.csv.gz"], []]


def test_a_file_that_grows_is_news_when_it_is_whole(raw_dir: Path, news: Callable) -> None:
    path = raw_dir / "web_events.csv"
    found = []
    for text in ("a", "ab", "abc", "abc", "abc"):
        # Within the clock's resolution a file may grow without another time.
        path.write_text(text)
        os.utime(path, ns=(0, 0))
        found.append(news())
    assert found == [[], [], [], ["web_events.csv"], []]


def test_a_file_that_is_written_again_is_news_again(raw_dir: Path, news: Callable) -> None:
    path = raw_dir / "platform_events_1.jsonl"
    os.utime(path, ns=(0, 0))
    assert [news(), news()] == [[], ["platform_events_1.jsonl"]]
    path.unlink()
    assert news() == []
    path.write_text("{}\n")
    assert [news(), news()] == [[], ["platform_events_1.jsonl"]]


def test_other_sources_and_unfinished_and_hidden_files_are_no_news(raw_dir: Path, news: Callable) -> None:
    for name in ("attendance.csv", "web_events.csv.part", ".web_events.csv", "notes.txt"):
        (raw_dir / name).write_text("x")
    assert [news(), news(), news()] == [[], [], []]


def test_a_raw_folder_that_is_not_there_yet_holds_no_files(tmp_path: Path) -> None:
    files = LandedFiles(tmp_path / "raw")
    assert files.news() == []
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "web_events.csv").write_text("x")
    assert [len(files.news()), len(files.news())] == [0, 1]


def test_the_trigger_that_airflow_makes_again_fires(raw_dir: Path) -> None:
    path, arguments = LandedFileTrigger(str(raw_dir), poll_seconds=0.01).serialize()
    module, _, name = path.rpartition(".")
    trigger: BaseEventTrigger = getattr(import_module(module), name)(**arguments)

    async def first_event() -> TriggerEvent:
        event = asyncio.ensure_future(anext(aiter(trigger.run())))
        while not event.done():
            # Whenever it begins to look, there is a later file.
            (raw_dir / f"web_events_{len(list(raw_dir.iterdir()))}.csv").write_text("x")
            await asyncio.sleep(0.05)
        return event.result()

    assert asyncio.run(first_event()).payload["files"] >= 1
