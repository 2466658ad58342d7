"""What a checkpoint found, in counts and words; no value of any row but names, as of schools and types of events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from expectations.table import Layer, Severity
from include.errors import ToldError


class CheckpointError(ToldError):
    """A checkpoint could not be carried out; the message says what kind of error stood in the way."""


@dataclass(frozen=True)
class Finding:
    """One expectation that did not hold. `count` is the number of rows concerned, None when it could not be counted.

    `names_something`: whether the explanation names schools, classes, products or types of events.
    """

    table: str
    expectation: str
    severity: Severity
    count: int | None
    explanation: str
    names_something: bool = False
    page: Path | None = None

    def line(self, address: Callable[[Path], str] = str) -> str:
        """One line for a person: severity, table, expectation, count, meaning, and the `address` of the page."""
        count = "not counted" if self.count is None else f"{self.count} row{'' if self.count == 1 else 's'}"
        where = f" See {address(self.page)}" if self.page else ""
        return f"{self.severity.upper()} {self.table} {self.expectation}: {count}. {self.explanation}.{where}"


@dataclass(frozen=True)
class CheckpointReport:
    """The outcome of one checkpoint run; `failed` is true when a finding is critical."""

    layer: Layer
    failed: bool
    findings: tuple[Finding, ...]
    index: Path
    """The start page of the data docs."""

    def lines(self, address: Callable[[Path], str] = str) -> list[str]:
        """The outcome first, then one line per finding, critical ones first; pages are told by their `address`."""
        outcome = "failed" if self.failed else "passed with warnings" if self.findings else "passed"
        ordered = sorted(self.findings, key=lambda finding: (finding.severity, finding.table, finding.expectation))
        told = (finding.line(address) for finding in ordered)
        return [f"checkpoint_{self.layer} {outcome}. Data docs: {address(self.index)}", *told]
