"""What must hold of the candidate for school_daily_attendance, and whose attendance has not come."""

from expectations.gx.rules import coverage, no_days_after_as_of, no_rows, no_rows_by_name, no_sudden_drop, rate
from expectations.table import CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="school_daily_attendance",
    sources=("students", "attendance"),
    row_floor=0,
    expectations=(
        rate("attendance_rate"),
        coverage("attendance_coverage"),
        no_days_after_as_of(),
        no_rows(
            "records_of_silver",
            """
            select generate_series(1, abs(gold.records - silver.records))
            from (
                select coalesce(sum(recorded_count + records_on_non_school_days), 0)::bigint as records from {batch}
            ) as gold
            cross join (
                -- A school that has had no school day yet has no row.
                select coalesce(sum(students_with_attendance), 0)::bigint as records
                from silver.class_days
                where calendar_date <= current_setting('rollcall.as_of')::date
                and exists (
                    select from silver.dim_school_days as day
                    where day.school_id = class_days.school_id and day.is_school_day
                    and day.calendar_date <= current_setting('rollcall.as_of')::date
                )
            ) as silver
            """,
            "critical",
            "attendance records of gold and of silver differ by that many",
        ),
        no_rows_by_name(
            "schools_without_attendance",
            """
            select school_id as name from {batch}
            where calendar_date = current_setting('rollcall.as_of')::date and membership > 0 and recorded_count = 0
            """,
            "no attendance has arrived for the day of the report (as_of), a school day, from these schools",
        ),
        no_rows_by_name(
            "classes_without_attendance",
            """
            select distinct member.class_id || ' of ' || member.school_id as name
            from silver.student_memberships as member
            inner join {batch} as day on member.school_id = day.school_id
            where day.calendar_date = current_setting('rollcall.as_of')::date and day.recorded_count > 0
            and member.enrollment_status = 'ACTIVE'
            and day.calendar_date >= member.member_from and day.calendar_date < member.member_until
            and not exists (
                select from silver.class_days as recorded
                where recorded.calendar_date = day.calendar_date and recorded.students_with_attendance > 0
                and recorded.class_id = member.class_id and recorded.school_id = member.school_id
            )
            """,
            "their school has sent attendance for as_of, these classes have not",
        ),
        no_sudden_drop("school_daily_attendance"),
    ),
)
