"""The files of the raw folder that no source takes, and what those with nearly a right name should be called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

from include.ingestion.files import FOLDER, claims, entries, name_of, raw_files
from include.ingestion.spec import Source

NEARLY = 0.75
"""Share of the letters of two names that must be the same; `attend` and `attendance` have exactly that."""
LONGEST_NAME = 3
"""Words of which a source's name is made at most, and with one that was cut in two."""
PACKED = (".zip", ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst")


def unclaimed_files(raw_dir: Path, sources: Iterable[Source]) -> dict[str, str | None]:
    """The files that no source takes: name below the raw folder → the pattern that was probably meant, if any.

    Behind the pattern stands what more than another name it takes, when the file is packed or of another format.
    """
    sources = list(sources)
    return {
        name_of(path, raw_dir): meant_pattern(path.name, sources)
        for path in raw_files(raw_dir)
        if not any(claims(source, path) for source in sources)
    }


def misspelt_files(raw_dir: Path, sources: Iterable[Source]) -> dict[str, str]:
    """Those of the files that no source takes whose names are nearly right, each with the pattern that was meant."""
    return {name: near for name, near in unclaimed_files(raw_dir, sources).items() if near}


def passed_over(raw_dir: Path, sources: Iterable[Source]) -> dict[str, str]:
    """What in the raw folder cannot be taken for a file: name below the raw folder → what it is.

    Folders are looked into, and named only when they have the name of a source's file.
    """
    sources = list(sources)
    return {
        name_of(path, raw_dir): obstacle
        for path, obstacle in sorted(entries(raw_dir))
        if obstacle and (obstacle != FOLDER or any(claims(source, path) for source in sources))
    }


def meant_pattern(name: str, sources: Iterable[Source]) -> str | None:
    """The pattern that a file name nearly matches, with what else must be done; None when it is like no source's."""
    whole = name.lower()
    name = whole.removesuffix(".gz")
    patterns = [pattern for source in sources for pattern in source.files]
    runs = _runs_of_words(name)
    likeness = {
        beginning: max((_likeness(run, beginning) for run in runs), default=0.0)
        for beginning in (pattern.partition("*")[0] for pattern in patterns)
    }
    nearest = max(likeness, key=lambda beginning: likeness[beginning], default="")
    if likeness.get(nearest, 0) < NEARLY:
        return None
    meant = [pattern for pattern in patterns if pattern.partition("*")[0] == nearest]
    return " or ".join(meant) + _what_else(whole, tuple(pattern.partition("*")[2] for pattern in meant))


def _what_else(name: str, endings: tuple[str, ...]) -> str:
    if name.endswith(".parquet.gz"):
        return ", unpacked"
    name = name.removesuffix(".gz")
    if name.endswith(PACKED):
        return ", unpacked or packed as .gz"
    return "" if name.endswith(endings) else ", saved in that format"


def _runs_of_words(name: str) -> list[str]:
    """What stands before the ending, in words as a source's name is written: each run of one, two or three words."""
    words = re.findall(r"[a-z]+", name.partition(".")[0])
    return ["_".join(words[start : start + size]) for size in range(1, LONGEST_NAME + 1) for start in range(len(words))]


def _likeness(run: str, beginning: str) -> float:
    return SequenceMatcher(None, run, beginning).ratio()
