"""What became of each expectation of a validation result, as the report and the data docs tell it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from expectations.gx.results_store import has_raised
from expectations.gx.rules import NAMES
from expectations.table import Severity
from expectations.window import Outcome

Status = Literal["passed", "warning", "failed", "error"]
COLUMNS = ("column", "column_A", "column_B", "column_list")


@dataclass(frozen=True)
class Verdict:
    """What became of one expectation.

    `subject`: its columns, or the name of its rule. `count`: the rows concerned, None when they were not counted.
    `names`: the first of the schools, classes, products or types of events concerned, if they are named.
    `error`: why it could not be evaluated; such an expectation counts as failed, whatever its severity.
    """

    status: Status
    severity: Severity
    expectation_type: str
    subject: str
    count: int | None
    meaning: str
    names: tuple[str, ...]
    error: str | None

    @property
    def expectation(self) -> str:
        """The expectation as a person would write it."""
        return f"{self.expectation_type}({self.subject})"

    @property
    def explanation(self) -> str:
        """What is wrong, with the names in question."""
        if not self.names:
            return self.meaning
        more = (self.count or 0) - len(self.names)
        return f"{self.meaning}: {', '.join(self.names)}{f' and {more} more' if more > 0 else ''}"

    @property
    def is_critical(self) -> bool:
        """Whether it stops the pipeline."""
        return self.status in {"failed", "error"}


def verdicts_of(results: Iterable[Mapping[str, Any]]) -> tuple[Verdict, ...]:
    """The verdicts on the expectations of one table, from their stored results."""
    return tuple(_verdict(result) for result in results)


def outcome_of(verdicts: Iterable[Verdict]) -> Outcome:
    """What the verdicts come to for their table."""
    verdicts = tuple(verdicts)
    if any(verdict.is_critical for verdict in verdicts):
        return "failed"
    return "passed" if all(verdict.status == "passed" for verdict in verdicts) else "warned"


def _verdict(result: Mapping[str, Any]) -> Verdict:
    configuration, counts, exception = result["expectation_config"], result["result"], result["exception_info"]
    severity: Severity = "critical" if configuration["severity"] == "critical" else "warning"
    raised = has_raised(exception)
    return Verdict(
        status=_status(result["success"], severity, raised=raised),
        severity=severity,
        expectation_type=configuration["type"],
        subject=_subject(configuration),
        count=None if raised else counts.get("unexpected_count", counts.get("observed_value")),
        meaning=configuration.get("description") or "does not hold",
        names=tuple(counts.get(NAMES, ())),
        error=f"could not be evaluated: {exception['exception_message']}" if raised else None,
    )


def _status(success: bool, severity: Severity, *, raised: bool) -> Status:
    if raised:
        return "error"
    if success:
        return "passed"
    return "failed" if severity == "critical" else "warning"


def _subject(configuration: Mapping[str, Any]) -> str:
    kwargs = configuration["kwargs"]
    columns = [str(kwargs[name]) for name in COLUMNS if name in kwargs]
    return ", ".join(columns) if columns else str(configuration["meta"]["rule"])
