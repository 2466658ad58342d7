"""What must hold of the candidate for class_daily_performance, beside the facts of silver."""

from great_expectations.expectations import ExpectColumnPairValuesAToBeGreaterThanB

from expectations.gx.rules import (
    assessments_of_silver,
    no_days_after_as_of,
    no_row_where,
    no_rows,
    no_sudden_drop,
    percentage,
    rate,
)
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="class_daily_performance",
    sources=("attendance", "assessments"),
    row_floor=0,
    expectations=(
        rate("attendance_rate"),
        rate("attendance_rate_enrolled"),
        rate("attendance_coverage"),
        percentage("avg_score"),
        ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="total_students",
            column_B="students_with_attendance",
            or_equal=True,
            severity="critical",
            description="more students with a record than students in the class",
        ),
        no_row_where(
            "present_and_absent",
            "present_count + absent_count <> students_with_attendance",
            "critical",
            "present and absent students do not add up to those with attendance",
        ),
        no_days_after_as_of(),
        no_rows(
            "student_days_of_silver",
            """
            select generate_series(1, abs(gold.student_days - silver.student_days))
            from (select coalesce(sum(students_with_attendance), 0)::bigint as student_days from {batch}) as gold
            cross join (
                select coalesce(sum(students_with_attendance), 0)::bigint as student_days from silver.class_days
                where calendar_date <= current_setting('rollcall.as_of')::date
            ) as silver
            """,
            "critical",
            "student-days of gold and of silver differ by that many",
        ),
        assessments_of_silver(),
        no_sudden_drop("class_daily_performance"),
    ),
)
