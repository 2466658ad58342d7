from __future__ import annotations

from decimal import Decimal

from tests.dbt.conftest import Steps, Tables
from tests.dbt.world import day


def rows(table: list[dict[str, object]]) -> list[tuple[object, ...]]:
    """Every row in the order of the columns, numbers as they print: rounding is part of the answer."""
    return [tuple(str(cell) if isinstance(cell, Decimal) else cell for cell in row.values()) for row in table]


def test_class_daily_performance(built: Tables) -> None:
    assert rows(built["class_daily_performance"]) == [
        ("C1", day("01-03"), 1, 1, 1, 0, "1.0000", "1.0000", "1.0000", 0, 0, None),
        # S1 and S5 are members, S3 is suspended but recorded, S2 is missing from the roster.
        ("C1", day("01-09"), 3, 2, 1, 1, "0.5000", "0.3333", "0.6667", 2, 2, "54.17"),
        ("C1", day("01-13"), 2, 1, 1, 0, "1.0000", "0.5000", "0.5000", 0, 0, None),
        # Assessments alone: no attendance was taken.
        ("C1", day("01-14"), 2, 0, 0, 0, None, None, "0.0000", 1, 1, "0.00"),
        ("C2", day("01-10"), 1, 1, 1, 0, "1.0000", "1.0000", "1.0000", 0, 0, None),
        # S4's roster row is of the 14th, the first record of the 13th.
        ("C2", day("01-13"), 2, 1, 1, 0, "1.0000", "0.5000", "0.5000", 0, 0, None),
    ]


def test_student_performance_summary(built: Tables) -> None:
    s1, s2, s3, s4, s5 = rows(built["student_performance_summary"])
    assert s1[:7] == ("S1", "Ada", "SCH1", "C2", 5, "ACTIVE", True)
    assert s1[7:15] == (3, 3, 0, "1.0000", 1, "75.00", "75.00", "75.00")
    assert s1[15:] == (day("01-03"), day("01-10"), day("01-09"))
    assert s2[:7] == ("S2", "Unknown", "UNKNOWN", "C1", 5, "ACTIVE", True)
    # What was recorded while S2 was missing from the roster counts for S2.
    assert s2[7:15] == (2, 1, 1, "0.5000", 1, "80.00", "80.00", "80.00")
    assert s3[6:15] == (False, 1, 0, 1, "0.0000", 1, "33.33", "33.33", "33.33")
    assert s4[6:] == (True, 1, 1, 0, "1.0000", 0, None, None, None, day("01-13"), day("01-13"), None)
    assert s5[6:] == (True, 0, 0, 0, None, 1, "0.00", "0.00", "0.00", None, None, day("01-14"))


def test_class_summary(built: Tables) -> None:
    assert rows(built["class_summary"]) == [
        ("C1", 3, 2, "0.7500", "36.11", 3),
        ("C2", 2, 2, "1.0000", None, 0),
    ]


def test_as_of_cuts_gold(steps: Steps) -> None:
    built, cut = steps.built, steps.cut
    assert rows(cut["class_daily_performance"]) == rows(built["class_daily_performance"])[:2]
    assert [row[:9] for row in rows(cut["student_performance_summary"])] == [
        ("S1", "Ada", "SCH1", "C1", 5, "ACTIVE", True, 2, 2),
        # Missing from the roster since that day.
        ("S2", "Unknown", "UNKNOWN", "C1", 5, "ACTIVE", False, 1, 0),
        ("S3", "Cy", "SCH1", "C1", 5, "SUSPENDED", False, 1, 0),
        ("S5", "Eve", "SCH1", "C1", 5, "ACTIVE", True, 0, 0),
    ]
    assert rows(cut["class_summary"]) == [("C1", 3, 2, "0.6667", "54.17", 2)]
    assert cut["fact_attendance"] == built["fact_attendance"]
