"""What must hold of the candidate for daily_engagement, and whether nobody came on a school day."""

from expectations.gx.rules import no_rows_by_name, no_sudden_drop
from expectations.table import EVENT_SOURCES, CheckedTable

TABLE = CheckedTable(
    schema="gold_candidate",
    table="daily_engagement",
    sources=EVENT_SOURCES,
    row_floor=0,
    expectations=(
        no_rows_by_name(
            "no_active_user_on_a_school_day",
            """
            select calendar_date::text as name from {batch}
            where source = 'all' and calendar_date = current_setting('rollcall.as_of')::date and dau = 0
            and exists (
                -- Of a school without a student no calendar counts.
                select from silver.dim_school_days as day
                inner join silver.student_memberships as member on day.school_id = member.school_id
                where day.calendar_date = current_setting('rollcall.as_of')::date and day.is_school_day
                and member.is_enrolled
                and day.calendar_date >= member.member_from and day.calendar_date < member.member_until
            )
            """,
            "nobody was active on the day of the report (as_of), a school day: have its events not come?",
        ),
        no_sudden_drop("daily_engagement"),
    ),
)
