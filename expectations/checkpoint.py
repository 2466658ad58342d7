"""The checkpoint of a layer: looks at what is new, reports, and remembers what it has let pass."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import URL

from expectations.report import CheckpointError, CheckpointReport, Finding
from expectations.table import Layer, tables_of
from expectations.window import Outcome, Window, open_windows, record_runs
from include.warehouse.connection import connect
from include.warehouse.publish import candidate_as_of


def run_checkpoint(
    layer: Layer,
    *,
    url: URL,
    home: Path,
    dag_run_id: str | None = None,
    as_of: date | None = None,
    sources: Collection[str] | None = None,
) -> CheckpointReport:
    """The outcome of one run over the tables of a layer; `ops.checkpoint_runs` and the data docs keep it.

    `as_of` is the day that gold was made for; without it, that of the candidate there is. With `sources` only the
    tables that are made of nothing else are looked at. A failed batch is looked at again by the next run.

    Raises:
        CheckpointError: the run could not be carried out, or no table is made of the sources; it leaves no record.
        WarehouseError: the warehouse cannot be reached.
    """
    checkpoint = f"checkpoint_{layer}"
    with silence(), connect(url, autocommit=True) as connection:
        from expectations.gx.validation import Validation  # noqa: PLC0415 - costs seconds, so only a run pays

        as_of = as_of or (candidate_as_of(connection) if layer == "gold" else None)
        windows = open_windows(connection, checkpoint, tables_of(layer, sources))
        if not windows:
            raise CheckpointError(f"{checkpoint}: no table is made of {', '.join(sources or ())} alone")
        findings = _missing_tables(windows)
        present = [window for window in windows if window.exists]
        if present:
            run_name = dag_run_id or f"by_hand_{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
            findings += Validation(url, home, as_of).run(checkpoint, present, run_name)
        outcomes = [(window, _outcome(window, findings), _named(window, findings)) for window in windows]
        record_runs(connection, checkpoint, outcomes, dag_run_id)
    return CheckpointReport(
        layer=layer,
        failed=any(outcome == "failed" for _, outcome, _ in outcomes),
        findings=tuple(findings),
        index=home / "data_docs" / "index.html",
    )


@contextmanager
def silence() -> Iterator[None]:
    """While it lasts Great Expectations logs nothing: it would log each of its classes, and quote rows in errors."""
    logger = logging.getLogger("great_expectations")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _missing_tables(windows: Iterable[Window]) -> list[Finding]:
    return [
        Finding(window.table.name, "expect_table_to_exist", "critical", None, "there is no such table")
        for window in windows
        if not window.exists
    ]


def _outcome(window: Window, findings: Iterable[Finding]) -> Outcome:
    severities = {finding.severity for finding in findings if finding.table == window.table.name}
    if "critical" in severities:
        return "failed"
    return "warned" if severities else "passed"


def _named(window: Window, findings: Iterable[Finding]) -> list[str]:
    of_table = [finding for finding in findings if finding.table == window.table.name]
    return [finding.explanation for finding in of_table if finding.names_something]
