"""The data docs: a page per table and run, and an index that lists the runs, newest first.

The pages are ours rather than the site that Great Expectations builds: that one loads its scripts, styles and icons
from other hosts, and its index is empty without them. These load nothing.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from expectations.gx.stored_runs import StoredRun, beyond, stored_runs

RUNS_KEPT = 60
"""Per table. The index reads every result that is kept."""

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def build_data_docs(home: Path) -> None:
    """Write the index anew, and the page of each stored run that has none.

    Of each table the newest `RUNS_KEPT` runs are kept. Checkpoints that run at the same time take turns.
    """
    with _turn(home):
        runs = stored_runs(home / "validation_results")
        old = beyond(runs, RUNS_KEPT)
        for run in old:
            _forget(home, run)
        kept = [run for run in runs if run not in old]
        for run in kept:
            _write_page(home, run)
        links = [(run, quote(_page(home, run).relative_to(_site(home)).as_posix())) for run in kept]
        _write(_site(home) / "index.html", "index.html", links=links, runs_kept=RUNS_KEPT)


def page_of(home: Path, result: tuple[str, ...]) -> Path:
    """The page of a result, by the parts of its key in the validation results store."""
    *folders, name = result
    return _site(home).joinpath("validations", *folders, f"{name}.html")


def _page(home: Path, run: StoredRun) -> Path:
    return page_of(home, run.file.relative_to(home / "validation_results").with_suffix("").parts)


def _site(home: Path) -> Path:
    return home / "data_docs"


def _write_page(home: Path, run: StoredRun) -> None:
    page = _page(home, run)
    if not page.exists():
        index = "../" * len(page.relative_to(_site(home)).parent.parts) + "index.html"
        _write(page, "run.html", run=run, index=index)


def _write(page: Path, template: str, **values: object) -> None:
    """In one step, so that nobody ever reads half a page."""
    page.parent.mkdir(parents=True, exist_ok=True)
    unfinished = page.with_name("unfinished")
    unfinished.write_text(TEMPLATES.get_template(template).render(values), encoding="utf-8")
    unfinished.replace(page)


def _forget(home: Path, run: StoredRun) -> None:
    for file in (run.file, _page(home, run)):
        file.unlink(missing_ok=True)
        with suppress(OSError):  # a folder that still holds another run stays
            file.parent.rmdir()
            file.parent.parent.rmdir()


@contextmanager
def _turn(home: Path) -> Iterator[None]:
    # Beside the results: of a home in containers, their folder is what all workers share.
    folder = home / "validation_results"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
