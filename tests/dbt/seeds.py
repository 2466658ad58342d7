"""The seeds of the project as the reference takes them."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

from include.dbt_command import PROJECT
from tests.dbt.reference.bronze import Row, Rows
from tests.dbt.reference.layers import Seeds

CHRONIC_ABSENCE_RULE = "federal"


def seeds() -> Seeds:
    return Seeds(
        codes={row["code"]: code(row) for row in _rows("attendance_codes")},
        holidays={date.fromisoformat(row["holiday_date"]) for row in _rows("holidays")},
        chronic_absence_rules=[
            chronic_absence_rule(row)
            for row in _rows("chronic_absence_rules")
            if row["rule_id"] == CHRONIC_ABSENCE_RULE
        ],
        early_warning_rules=_rows("early_warning_rules"),
        event_types={(row["source"], row["raw_type"]): event_type(row) for row in _rows("event_types")},
        product_names={row["product"]: row["product_name"] for row in _rows("products")},
    )


def _rows(seed: str) -> Rows:
    with (PROJECT / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def code(row: Row) -> Row:
    return {
        "is_present": row["is_present"] == "true",
        "day_fraction_absent": Decimal(row["day_fraction_absent"]),
        "is_excused": {"true": True, "false": False, "": None}[row["is_excused"]],
    }


def chronic_absence_rule(row: Row) -> Row:
    numbers = {name: Decimal(row[name]) for name in ("threshold", "at_risk_from", "severe_from")}
    return {
        "rule_id": row["rule_id"],
        "school_year_from": int(row["school_year_from"]),
        "minimum_days_recorded": int(row["minimum_days_recorded"]),
        "is_inclusive": row["is_inclusive"] == "true",
        **numbers,
    }


def event_type(row: Row) -> Row:
    flags = {name: row[name] == "true" for name in ("is_active", "is_learning", "is_completion")}
    return {"event_type": row["event_type"], **flags}
