"""What must hold of the candidate for student_performance_summary, beside silver."""

from expectations.gx.rules import no_row_where, no_rows, no_sudden_drop, percentage, rate
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="student_performance_summary",
    sources=("students",),
    row_floor=0,
    expectations=(
        rate("attendance_rate"),
        percentage("avg_score"),
        no_row_where(
            "present_and_absent",
            "present_days + absent_days <> total_attendance_days",
            "critical",
            "present and absent days do not add up to the days recorded",
        ),
        no_row_where(
            "score_order",
            "avg_score not between min_score_percentage and max_score_percentage",
            "critical",
            "the mean score is not between the least and the greatest",
        ),
        no_rows(
            "after_as_of",
            """
            select 1 from {batch}
            where greatest(last_attendance_date, last_assessment_date) > current_setting('rollcall.as_of')::date
            """,
            "critical",
            "records after as_of are counted",
        ),
        no_rows(
            "students_of_silver",
            """
            select generate_series(1, abs(gold.students - silver.students))
            from (select count(*) as students from {batch}) as gold
            cross join (
                select count(distinct student_id) as students from silver.dim_student_versions
                where valid_from <= current_setting('rollcall.as_of')::date
            ) as silver
            """,
            "critical",
            "students of gold, and students of silver with a version by as_of, differ by that many",
        ),
        no_rows(
            "student_days_of_silver",
            """
            select generate_series(1, abs(gold.student_days - silver.student_days))
            from (select coalesce(sum(total_attendance_days), 0)::bigint as student_days from {batch}) as gold
            cross join (
                select (
                    select coalesce(sum(attendance_days), 0)::bigint
                    from silver.student_months inner join {batch} as student using (student_id)
                    where last_record_date <= current_setting('rollcall.as_of')::date
                ) + (
                    -- Of the months that as_of cuts.
                    select count(*)
                    from silver.student_months as month
                    inner join {batch} as student using (student_id)
                    inner join silver.fact_attendance as fact
                        on month.student_id = fact.student_id
                        and fact.attendance_date between month_start and current_setting('rollcall.as_of')::date
                    where month_start <= current_setting('rollcall.as_of')::date
                    and last_record_date > current_setting('rollcall.as_of')::date
                ) as student_days
            ) as silver
            """,
            "critical",
            "attendance days of gold and of silver differ by that many",
        ),
        no_sudden_drop("student_performance_summary"),
    ),
)
