"""What must hold of the candidate for student_attendance_status, beside silver."""

from great_expectations.expectations import ExpectColumnPairValuesAToBeGreaterThanB

from expectations.gx.rules import no_rows, no_sudden_drop, rate
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="student_attendance_status",
    sources=("students", "attendance"),
    row_floor=0,
    expectations=(
        rate("absence_rate"),
        ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="days_enrolled",
            column_B="days_recorded",
            or_equal=True,
            severity="warning",
            description="more days recorded than enrolled: students have records who are not enrolled",
        ),
        no_rows(
            "days_of_silver",
            """
            select 1 from (
                select student_id, sum(days_recorded)::bigint as days, sum(days_absent) as days_absent
                from {batch} group by student_id
            ) as gold
            full join (
                select
                    student_id,
                    sum(days_recorded)::bigint as days,
                    sum(days_absent) as days_absent,
                    bool_or(last_record_date > current_setting('rollcall.as_of')::date) as is_cut
                from silver.student_months inner join silver.dim_students using (student_id)
                where month_start <= current_setting('rollcall.as_of')::date
                group by student_id
            ) as silver using (student_id)
            -- What of a month was recorded by as_of, silver does not say.
            where silver.is_cut is not true
            and (coalesce(gold.days, 0), coalesce(gold.days_absent, 0))
            <> (coalesce(silver.days, 0), coalesce(silver.days_absent, 0))
            """,
            "critical",
            "students of whom gold and silver have other recorded or absent days",
        ),
        no_sudden_drop("student_attendance_status"),
    ),
)
