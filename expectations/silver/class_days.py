"""What must hold of the daily sums of classes, beside the facts that they are made of."""

from expectations.gx.rules import no_rows
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="silver",
    table="class_days",
    sources=("attendance", "assessments"),
    row_floor=0,
    expectations=(
        no_rows(
            "attendance_of_facts",
            """
            select generate_series(1, abs(summed.records - facts.records))
            from (select date_trunc('month', max(attendance_date))::date as first_day from silver.fact_attendance)
                as newest
            cross join lateral (
                select coalesce(sum(students_with_attendance), 0)::bigint as records
                from {batch} where calendar_date >= newest.first_day
            ) as summed
            cross join lateral (
                select count(*) as records from silver.fact_attendance
                where attendance_date >= newest.first_day and class_id is not null
            ) as facts
            """,
            "critical",
            "attendance records of the newest month differ by that many from the facts: run with full_refresh",
        ),
        no_rows(
            "assessments_of_facts",
            """
            select generate_series(1, abs(summed.records - facts.records))
            from (select date_trunc('month', max(assessment_date))::date as first_day from silver.fact_assessments)
                as newest
            cross join lateral (
                select coalesce(sum(assessment_count), 0)::bigint as records
                from {batch} where calendar_date >= newest.first_day
            ) as summed
            cross join lateral (
                select count(*) as records from silver.fact_assessments
                where assessment_date >= newest.first_day and class_id is not null
            ) as facts
            """,
            "critical",
            "assessments of the newest month differ by that many from the facts: run with full_refresh",
        ),
    ),
)
