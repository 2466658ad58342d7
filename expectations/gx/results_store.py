"""Validation results as they may be kept: counts, names of schools and the like, and errors without what they quote."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psycopg.errors
from great_expectations.data_context import store

from expectations.gx.rules import NAMES

BY_NAME = "expect_no_rows_by_name"
"""The expectation whose result may also hold names: those of schools, classes, products and types of events."""
COUNTS = frozenset(
    {
        "element_count",
        "missing_count",
        "missing_percent",
        "unexpected_count",
        "unexpected_percent",
        "unexpected_percent_nonmissing",
        "unexpected_percent_total",
    }
)
DATABASE_ERROR = re.compile(r"psycopg2?\.errors\.(\w+)\)?:?\s*([^\n]*)")
ANY_ERROR = re.compile(r"\b[A-Za-z]\w*(?:Error|Exception)\b")


class ValidationResultsStore(store.ValidationResultsStore):
    """Keeps validation results after everything that could quote a row was taken out of them.

    Great Expectations puts a store of its own in the place of one with another class name, so the name is the same.
    """

    def store_validation_results(self, suite_validation_result: Any, *keys: Any, **more_keys: Any) -> Any:
        """The stored reference; the result handed in is stripped in place, so nobody after it sees more."""
        for result in suite_validation_result.results:
            by_name = result.expectation_config.type == BY_NAME
            result.result = {
                name: value
                for name, value in result.result.items()
                if _is_count(name, value) or (by_name and name == NAMES)
            }
            if has_raised(result.exception_info):
                result.exception_info = {
                    "raised_exception": True,
                    "exception_message": describe(_message(result.exception_info)),
                    "exception_traceback": "",
                }
        return super().store_validation_results(suite_validation_result, *keys, **more_keys)


def has_raised(exception_info: Mapping[str, Any] | None) -> bool:
    """Whether the evaluation of an expectation ended in an exception rather than an answer."""
    return any(entry.get("raised_exception") for entry in _entries(exception_info))


def describe(message: str) -> str:
    """What kind of error a message tells of, without its words: those can quote a row.

    Only errors about the statement itself (SQLSTATE class 42) keep their words, for they quote nothing but names.
    """
    database = DATABASE_ERROR.search(message)
    if not database:
        error = ANY_ERROR.search(message)
        return error.group() if error else "an exception"
    name, words = database.groups()
    state = getattr(getattr(psycopg.errors, name, None), "sqlstate", None) or "unknown"
    return f"{name} (SQLSTATE {state})" + (f": {words}" if state.startswith("42") else "")


def _message(information: Mapping[str, Any] | None) -> str:
    return next(
        (str(entry["exception_message"]) for entry in _entries(information) if entry.get("raised_exception")), ""
    )


def _entries(information: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """What is known of an exception: said once, or per metric."""
    whole = information or {}
    return [whole, *(entry for entry in whole.values() if isinstance(entry, Mapping))]


def _is_count(name: str, value: object) -> bool:
    return name in COUNTS or (name == "observed_value" and isinstance(value, int))
