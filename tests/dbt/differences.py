"""How two versions of a table differ, as lines that a person can read."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

NOT_JUDGED = {
    # What the model keeps for itself.
    "fact_attendance": {"_other_ids"},
    # The sentence, and where it comes from, have tests of their own.
    "early_warning": {"reason", "threshold", "rule_id", "chronic_absence_rule_id"},
    "user_segments": {"reason"},
    "churn_signals": {"reasons"},
}

Rows = list[dict[str, Any]]


def differences(table: str, expected: Rows, found: Rows) -> str:
    """The first rows that only one side has, a row a line; nothing when both have the same."""
    if not expected or not found:
        return f"{len(expected)} expected, {len(found)} found" if expected or found else ""
    columns = sorted(set(expected[0]) | (set(found[0]) - NOT_JUDGED.get(table, set())))
    sides = [Counter(tuple(comparable(row[name]) for name in columns) for row in rows) for rows in (expected, found)]
    only = [
        (row, side)
        for row, side in [
            *((row, "expected") for row in sides[0] - sides[1]),
            *((row, "found") for row in sides[1] - sides[0]),
        ]
    ]
    return "\n".join(
        f"{side}: {dict(zip(columns, map(str, row), strict=True))}" for row, side in sorted(only, key=repr)[:8]
    )


def comparable(value: object) -> object:
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    return tuple(value) if isinstance(value, list) else value
