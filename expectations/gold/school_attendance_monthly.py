"""What must hold of the candidate for school_attendance_monthly, beside that for school_daily_attendance."""

from expectations.gx.rules import coverage, no_rows, no_sudden_drop, rate
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="school_attendance_monthly",
    sources=("students", "attendance"),
    row_floor=0,
    expectations=(
        rate("attendance_rate"),
        coverage("ada_rate"),
        coverage("attendance_coverage"),
        no_rows(
            "missing_months",
            """
            select generate_series(1, months - row_count) from (
                select
                    count(*)::int as row_count,
                    extract(year from age(max(month_start), min(month_start)))::int * 12
                    + extract(month from age(max(month_start), min(month_start)))::int + 1 as months
                from {batch}
                group by school_id
            ) as by_school
            """,
            "critical",
            "months between a school's first and last have no row",
        ),
        no_rows(
            "school_days_of_each_day",
            """
            select generate_series(1, abs(monthly.school_days - daily.school_days))
            from (select coalesce(sum(school_days), 0)::bigint as school_days from {batch}) as monthly
            cross join (
                select count(*) as school_days from gold_candidate.school_daily_attendance where recorded_count > 0
            ) as daily
            """,
            "critical",
            "school days with records differ from those of school_daily_attendance by that many",
        ),
        no_sudden_drop("school_attendance_monthly"),
    ),
)
