"""One run of Great Expectations over the tables of a layer, and what it found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.core import RunIdentifier
from great_expectations.exceptions import GreatExpectationsError
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError

from expectations.gx.context import add_warehouse, open_context
from expectations.gx.data_docs import build_data_docs, page_of
from expectations.gx.results_store import describe
from expectations.gx.rules import enough_rows
from expectations.gx.verdict import verdicts_of
from expectations.report import CheckpointError, Finding
from expectations.table import CheckedTable
from expectations.window import Window

COUNTS_ONLY = {"result_format": "BASIC", "exclude_unexpected_values": True, "partial_unexpected_count": 0}


class Validation:
    """The data context of one checkpoint run on one warehouse."""

    def __init__(self, url: URL, home: Path, as_of: date | None) -> None:
        self.url = url
        self.home = home
        self.as_of = as_of
        self.context = open_context(home)
        self.sources: dict[bool, Any] = {}

    def run(self, checkpoint: str, windows: Sequence[Window], run_name: str) -> list[Finding]:
        """Every expectation that did not hold, with the page of the data docs that shows it.

        Raises:
            CheckpointError: the run could not be carried out; the message quotes nothing from the data.
        """
        try:
            return self._run(checkpoint, windows, run_name)
        except (GreatExpectationsError, SQLAlchemyError) as error:
            raise CheckpointError(
                f"{checkpoint} could not run: {describe(f'{type(error).__name__}: {error}')}"
            ) from None
        finally:
            self._close()

    def _run(self, checkpoint: str, windows: Sequence[Window], run_name: str) -> list[Finding]:
        definitions = [self._definition(window) for window in windows]
        run = RunIdentifier(run_name=_as_folder(run_name), run_time=datetime.now(UTC))
        result = self.context.checkpoints.add(
            gx.Checkpoint(name=checkpoint, validation_definitions=definitions, result_format=COUNTS_ONLY)
        ).run(run_id=run)
        build_data_docs(self.home)
        return [
            finding
            for key, suite_result in result.run_results.items()
            for finding in findings_of(suite_result.to_json_dict(), page_of(self.home, key.to_tuple()))
        ]

    def _definition(self, window: Window) -> Any:
        table = window.table
        suite = self.context.suites.add(gx.ExpectationSuite(name=table.name, expectations=_expectations(table)))
        definition = gx.ValidationDefinition(name=table.name, data=self._batch(window), suite=suite)
        return self.context.validation_definitions.add(definition)

    def _batch(self, window: Window) -> Any:
        table = window.table
        source = self._source(table)
        if table.new_rows_by:
            return source.add_query_asset(table.name, query=window.query()).add_batch_definition("new rows")
        asset = source.add_table_asset(table.name, table_name=table.table)
        return asset.add_batch_definition_whole_table("whole table")

    def _source(self, table: CheckedTable) -> Any:
        new_rows = table.new_rows_by is not None
        if new_rows not in self.sources:
            self.sources[new_rows] = add_warehouse(
                self.context, self.url, table.schema, as_of=self.as_of, new_rows=new_rows
            )
        return self.sources[new_rows]

    def _close(self) -> None:
        for source in self.sources.values():
            source.get_engine().dispose()
            source.get_execution_engine().engine.dispose()


def findings_of(suite_result: Mapping[str, Any], page: Path) -> Iterable[Finding]:
    """What of one table did not hold, with the page that shows it."""
    for verdict in verdicts_of(suite_result["results"]):
        if verdict.status != "passed":
            yield Finding(
                table=suite_result["suite_name"],
                expectation=verdict.expectation,
                severity="critical" if verdict.is_critical else "warning",
                count=verdict.count,
                explanation=verdict.error or verdict.explanation,
                names_something=bool(verdict.names),
                page=page,
            )


def _expectations(table: CheckedTable) -> list[Any]:
    # A suite takes its expectations over, so each run has copies of its own.
    floor = [enough_rows(table)] if table.row_floor else []
    return [expectation.copy(deep=True) for expectation in (*floor, *table.expectations)]


def _as_folder(run_name: str) -> str:
    return re.sub(r"[^\w.+:-]", "_", run_name).lstrip(".") or "run"
