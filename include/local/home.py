"""ROLLCALL_HOME as a folder: made ours on first use, held by one command at a time, removed only when it is ours."""

from __future__ import annotations

import fcntl
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.settings import REPOSITORY

MARKER = ".rollcall-home"
RAW_DIR_RECORD = ".raw-dir"
"""Names the raw folder whose files the embedded warehouse of this home holds."""
OWN = frozenset({"airflow", "analytics", "data_docs", "dbt", "logs", "postgres", "run", "validation_results"})
"""What Rollcall writes there; a command such as `python -m expectations` may have come before `make run`."""


class HomeError(RuntimeError):
    """ROLLCALL_HOME cannot be used or removed; the message says why and what to do."""


def claim(home: Path) -> None:
    """Make the folder, or take one that is empty or holds only what Rollcall writes.

    Raises:
        HomeError: there are other things in it.
    """
    home.mkdir(parents=True, exist_ok=True)
    strangers = sorted({path.name for path in home.iterdir()} - OWN)
    if strangers and not (home / MARKER).exists():
        raise HomeError(
            f"ROLLCALL_HOME is {home}, which already holds {strangers[0]!r}: name a folder that is empty or new"
        )
    (home / MARKER).touch()
    for folder, mode in (("airflow", 0o700), ("run", 0o700), ("logs", 0o755), ("dbt", 0o755)):
        (home / folder).mkdir(mode=mode, exist_ok=True)


def is_ours(home: Path) -> bool:
    """Whether the folder was made by `claim`."""
    return (home / MARKER).exists()


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Hold the folder while the block runs, so that two commands do not start and stop the same stack at once.

    Raises:
        HomeError: another command holds it.
    """
    with (home / MARKER).open("a") as marker:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HomeError(
                f"another command is starting or stopping the stack of {home}: wait until it has ended"
            ) from error
        yield


def note_raw_dir(home: Path, raw_dir: Path) -> str | None:
    """Remember which raw folder the files come from; gives a warning when it is not the one of the run before."""
    recorded = noted_raw_dir(home) or raw_dir
    (home / RAW_DIR_RECORD).write_text(f"{raw_dir}\n")
    if recorded == raw_dir:
        return None
    return (
        f"warning: the warehouse of {home} holds the files of {recorded}; those of {raw_dir} come on top of them.\n"
        f"         Another school belongs in a home of its own:"
        f" ROLLCALL_HOME=.rollcall-other make run RAW_DIR={shlex.quote(str(raw_dir))}"
    )


def noted_raw_dir(home: Path) -> Path | None:
    """The raw folder of the last run, None before the first."""
    record = home / RAW_DIR_RECORD
    return Path(record.read_text().rstrip("\n")) if record.exists() else None


def remove(home: Path, raw_dir: Path) -> None:
    """Remove the folder with all that is in it.

    Raises:
        HomeError: it is not ours, or holds the repository or the raw files.
    """
    if not is_ours(home):
        raise HomeError(f"{home} does not look like a ROLLCALL_HOME (it has no {MARKER}): nothing was removed")
    for precious in (REPOSITORY, raw_dir):
        if precious.is_relative_to(home):
            raise HomeError(f"{home} holds {precious}: nothing was removed")
    shutil.rmtree(home)
