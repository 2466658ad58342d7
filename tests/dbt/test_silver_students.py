from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.dbt.conftest import Steps, Tables, of_world
from tests.dbt.world import day, morning

FOREVER = date(9999, 12, 31)


def columns(rows: list[dict[str, object]], *names: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in names) for row in of_world(rows)]


def test_dim_students_holds_the_newest_version_of_each_student(built: Tables) -> None:
    shown = ("student_id", "student_name", "school_id", "class_id", "enrollment_status", "is_active", "is_missing")
    assert columns(built["dim_students"], *shown, "missing_since", "updated_at") == [
        ("S1", "Ada", "SCH1", "C2", "ACTIVE", True, False, None, morning("01-13")),
        ("S2", "Unknown", "UNKNOWN", "C1", "ACTIVE", True, False, None, morning("01-06")),
        ("S3", "Cy", "SCH1", "C1", "SUSPENDED", False, False, None, morning("01-06")),
        ("S4", "Dan", "SCH2", "C2", "ACTIVE", True, False, None, morning("01-14")),
        ("S5", "Eve", "SCH1", "C1", "ACTIVE", True, False, None, morning("01-06")),
    ]


def test_dim_student_versions_holds_the_days_of_each_version(built: Tables) -> None:
    versions = sorted(built["dim_student_versions"], key=lambda row: (row["student_id"], row["version_number"]))
    shown = ("student_id", "version_number", "student_name", "school_id", "class_id", "valid_from", "valid_to")
    assert columns(versions, *shown, "is_current") == [
        ("S1", 1, "Ada", "SCH1", "C1", day("01-06"), day("01-10"), False),
        ("S1", 2, "Ada", "SCH1", "C2", day("01-10"), FOREVER, True),
        ("S2", 1, None, "UNKNOWN", "C1", day("01-06"), day("01-09"), False),
        ("S2", 2, None, "UNKNOWN", "C1", day("01-13"), FOREVER, True),
        ("S3", 1, "Cy", "SCH1", "C1", day("01-06"), FOREVER, True),
        ("S4", 1, "Dan", "SCH2", "C2", day("01-14"), FOREVER, True),
        ("S5", 1, "Eve", "SCH1", "C1", day("01-06"), FOREVER, True),
    ]


def test_fact_attendance_holds_the_record_that_stands(built: Tables) -> None:
    one, half, none = Decimal(1), Decimal("0.5"), Decimal(0)
    shown = ("attendance_id", "student_id", "attendance_date", "class_id", "status", "is_present")
    more = ("day_fraction_absent", "is_excused", "is_orphan", "conflict_count", "_load_id")
    assert columns(built["fact_attendance"], *shown, *more) == [
        ("A01", "S1", day("01-03"), "C1", "PRESENT", True, none, None, False, 0, 1),
        ("A02", "S1", day("01-09"), "C1", "TARDY", True, none, None, False, 0, 2),
        ("A03", "S1", day("01-10"), "C2", "PRESENT", True, none, None, False, 0, 1),
        ("A04", "S2", day("01-09"), None, "ABSENT", False, one, False, False, 0, 1),
        ("A06", "S2", day("01-13"), "C1", "HALF_DAY", True, half, False, False, 1, 1),
        ("A07", "S3", day("01-09"), "C1", "EXCUSED", False, one, True, False, 0, 1),
        ("A08", "S9", day("01-09"), None, "PRESENT", True, none, None, True, 0, 1),
        ("A09", "S4", day("01-13"), "C2", "PRESENT", True, none, None, False, 0, 1),
        ("A10", "S1", day("02-03"), "C2", "ABSENT", False, one, False, False, 0, 1),
    ]


def test_fact_assessments_holds_the_newest_version_of_each(built: Tables) -> None:
    shown = ("assessment_id", "student_id", "class_id", "score_percentage", "is_orphan")
    assert columns(built["fact_assessments"], *shown) == [
        ("X1", "S1", "C1", Decimal("75.00"), False),
        ("X2", "S3", "C1", Decimal("33.33"), False),
        ("X3", "S2", None, Decimal("80.00"), False),
        ("X4", "S5", "C1", Decimal("0.00"), False),
        ("X5", "S9", None, Decimal("50.00"), True),
        ("X6", "S1", "C2", Decimal("50.00"), False),
    ]


def test_a_run_reads_nothing_beyond_its_last_load(steps: Steps) -> None:
    after_first_load = steps.after_first_load
    assert columns(after_first_load["dim_students"], "student_id", "class_id", "is_missing") == [
        ("S1", "C1", False),
        ("S2", "C1", False),
        ("S3", "C1", False),
        ("S5", "C1", False),
    ]
    assert len(of_world(after_first_load["dim_student_versions"])) == 4
    facts = {row["attendance_id"]: row for row in after_first_load["fact_attendance"]}
    assert (facts["A02"]["status"], facts["A04"]["class_id"]) == ("ABSENT", "C1")


def test_an_orphan_heals_when_the_student_arrives(steps: Steps) -> None:
    before, after = (
        next(row for row in step["fact_attendance"] if row["attendance_id"] == "A09")
        for step in (steps.after_first_load, steps.built)
    )
    assert (before["is_orphan"], before["class_id"]) == (True, None)
    assert (after["is_orphan"], after["class_id"]) == (False, "C2")
