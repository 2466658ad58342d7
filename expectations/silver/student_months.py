"""What must hold of the monthly sums of students, beside the facts that they are made of."""

from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="student_months",
    sources=("attendance", "assessments"),
    row_floor=0,
    expectations=(
        no_rows(
            "attendance_of_facts",
            """
            select 1
            from (
                select month_start, student_id, attendance_days, present_days from {batch}
                where month_start = (
                    select date_trunc('month', max(attendance_date)) from silver.fact_attendance
                ) and attendance_days > 0
            ) as summed
            full outer join (
                select student_id, count(*) as attendance_days, count(*) filter (where is_present) as present_days
                from silver.fact_attendance
                where attendance_date >= (
                    select date_trunc('month', max(attendance_date)) from silver.fact_attendance
                )
                group by student_id
            ) as facts using (student_id)
            where (summed.attendance_days, summed.present_days)
            is distinct from (facts.attendance_days, facts.present_days)
            """,
            "critical",
            "students whose attendance of the newest month is not that of their facts: run with full_refresh",
        ),
    ),
)
