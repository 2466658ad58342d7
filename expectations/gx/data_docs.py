"""The data docs: a page per table and run, and an index that lists the runs, newest first."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

RUNS_KEPT = 60
"""Per table. The index reads every result that is kept: about 0.7 ms for each."""


def build_data_docs(context: Any, home: Path, results: Sequence[Any]) -> dict[Any, Path]:
    """Render the pages of the results and the index anew; gives the page of each result.

    Of each table the newest `RUNS_KEPT` runs are kept. Checkpoints that run at the same time take turns.
    """
    with _turn(home):
        old = _forget_old_runs(context.validation_results_store)
        context.build_data_docs(resource_identifiers=list(results))
        for run in old:
            _remove_empty_folders(home / "validation_results" / run, home / "data_docs" / "validations" / run)
    return {result: _page(context, result) for result in results}


def _forget_old_runs(store: Any) -> list[Path]:
    old = []
    newest_first = sorted(store.list_keys(), key=lambda key: key.run_id.run_time, reverse=True)
    for _, keys in groupby(sorted(newest_first, key=_suite), key=_suite):
        for key in list(keys)[RUNS_KEPT:]:
            store.remove_key(key)
            old.append(Path(*key.to_tuple()).parent)
    return old


def _remove_empty_folders(*runs: Path) -> None:
    for run in runs:
        with suppress(OSError):
            run.rmdir()
            run.parent.rmdir()


def _suite(key: Any) -> str:
    return str(key.expectation_suite_identifier.name)


def _page(context: Any, result: Any) -> Path:
    (site,) = context.get_docs_sites_urls(resource_identifier=result, only_if_exists=False)
    return Path(unquote(urlparse(site["site_url"]).path))


@contextmanager
def _turn(home: Path) -> Iterator[None]:
    with (home / "data_docs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
