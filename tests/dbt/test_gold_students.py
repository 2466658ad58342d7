from __future__ import annotations

from decimal import Decimal

from tests.dbt.conftest import Steps, Tables, of_world
from tests.dbt.world import day


def rows(table: list[dict[str, object]]) -> list[tuple[object, ...]]:
    """Every row in the order of the columns, numbers as they print: rounding is part of the answer."""
    return [tuple(str(cell) if isinstance(cell, Decimal) else cell for cell in row.values()) for row in of_world(table)]


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
        # Nobody has enough recorded days to be judged.
        ("C1", 3, 2, None, "0.7500", "36.11", 3),
        ("C2", 2, 2, None, "1.0000", None, 0),
    ]


def test_school_daily_attendance(built: Tables) -> None:
    days = [row for row in rows(built["school_daily_attendance"]) if row[0] == "SCH1"]
    # By no calendar of its own: Monday to Friday, except the holiday on the 20th.
    assert [row[1].day for row in days] == [3, *range(6, 11), *range(13, 18), *range(21, 25), *range(27, 32)]
    assert [row[1:] for row in days if row[3]] == [
        # S1 is a member from the first record on.
        (day("01-03"), 1, 1, 1, 0, 0, "1", "1.0000", "1.0000"),
        (day("01-09"), 3, 2, 1, 1, 0, "1", "0.5000", "0.6667"),
        (day("01-10"), 3, 1, 1, 0, 0, "1", "1.0000", "0.3333"),
    ]
    assert days[-1][2:] == (3, 0, 0, 0, 0, "0", None, "0.0000")


def test_school_attendance_monthly(built: Tables) -> None:
    assert [row for row in rows(built["school_attendance_monthly"]) if row[0].startswith("SCH")] == [
        ("SCH1", day("01-01"), 3, "1.0000", "2.3333", "0.4286", "0.7500", "0.0690", True),
        ("SCH2", day("01-01"), 1, "1.0000", "1.0000", "1.0000", "1.0000", "0.0714", True),
    ]


def test_student_attendance_status(built: Tables) -> None:
    statuses = rows(built["student_attendance_status"])
    assert {row[1] for row in statuses} == {2024}
    assert {row[8:11] for row in statuses} == {("federal", None, "not_enough_data")}
    assert [(row[0], *row[2:8], row[11]) for row in statuses] == [
        ("S1", 20, 3, "0.1500", "0", "0", "0.0000", 0),
        # Absent on the first day of the gap, by half on the day of the return.
        ("S2", 17, 2, "0.1176", "1.5", "0", "0.7500", 1),
        ("S3", 19, 1, "0.0526", "1", "1", "1.0000", 1),
        ("S4", 14, 1, "0.0714", "0", "0", "0.0000", 0),
        ("S5", 19, 0, "0.0000", "0", "0", None, None),
    ]


def test_early_warning(built: Tables) -> None:
    said = {(row[0], row[1]): row[2:6] for row in rows(built["early_warning"])}
    assert len(said) == 15
    assert said["S1", "attendance"] == (
        "not_enough_data",
        "Only 3 school days are recorded this school year; 10 are needed to judge attendance.",
        "0.0000",
        "0.10",
    )
    assert said["S1", "course"] == ("none", "The one assessment so far is 75.0 %, not below 65 %.", "75.00", "65")
    assert said["S3", "course"] == ("warning", "The one assessment so far is 33.3 %, below 65 %.", "33.33", "65")
    assert {said[f"S{number}", "engagement"][0] for number in range(1, 6)} == {"not_enough_data"}


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
    assert rows(cut["class_summary"]) == [("C1", 3, 2, None, "0.6667", "54.17", 2)]
    assert cut["fact_attendance"] == built["fact_attendance"]
