"""What breaks the data tests of which it cannot be derived: by the name of the test, each statement one break.

The tables are those of the built school of tests/dbt; S1 is a student of tests/dbt/world.py, in C1 and later in C2.
"""

from __future__ import annotations

from tests.dbt.breaks import one, without_one
from tests.dbt.breaks_of_engagement import BREAKS_OF_ENGAGEMENT

ROWS = {"user_id_map": "insert into silver.user_id_map values ('web_events', 'a', 'b')"}
"""A row of each table that is empty in the school, so that there is something to break."""

BREAKS: dict[str, tuple[str, ...]] = {
    **BREAKS_OF_ENGAGEMENT,
    "chronic_absence_rule_is_in_the_seed": (one("gold_candidate.student_attendance_status", "rule_id = null"),),
    "current_versions_are_the_students": (
        "delete from silver.dim_students where student_id = 'S1'",
        *(
            f"update silver.dim_students set {column} = 'other' where student_id = 'S1'"
            for column in ("student_name", "school_id", "class_id", "enrollment_status", "ethnicity")
        ),
        "update silver.dim_students set grade_level = grade_level + 1 where student_id = 'S1'",
        "update silver.dim_students set special_education = special_education is not true where student_id = 'S1'",
    ),
    "dim_dates_whole_school_years": (
        "delete from silver.dim_dates where calendar_date = '2025-01-07'",
        "delete from silver.dim_dates where calendar_date = (select min(calendar_date) from silver.dim_dates)",
        "delete from silver.dim_dates where calendar_date = (select max(calendar_date) from silver.dim_dates)",
    ),
    "dim_school_days_every_day": (without_one("silver.dim_school_days"),),
    "dim_schools_unknown": ("delete from silver.dim_schools where school_id = 'UNKNOWN'",),
    "fact_user_days_count_every_session": (
        one("silver.fact_user_days", "sessions = sessions + 1"),
        one("silver.fact_user_days", "session_seconds = session_seconds + 1"),
        without_one("silver.session_metrics"),
    ),
    # Where no month is without users, only what it says of seconds can break it.
    "mart_user_avg_duration_monthly_values": (
        one("gold_candidate.mart_user_avg_duration_monthly", "users = 1, avg_duration_seconds = null"),
    ),
    "minute_metrics_count_every_event": (
        one("silver.minute_metrics", "total_events = total_events + 1"),
        without_one("silver.minute_metrics"),
        without_one("silver.fact_learning_events"),
    ),
    "present_students_have_one_current_version": (
        "update silver.dim_student_versions set is_current = false where student_id = 'S1'",
        "update silver.dim_student_versions set is_current = true where student_id = 'S1'",
        "insert into silver.roster_gaps values ('S1', '2025-01-20', null)",
    ),
    "session_metrics_have_events": (one("silver.session_metrics", "session_id = 'a ghost'"),),
    "session_metrics_last_as_long_as_their_events": (
        one("silver.session_metrics", "duration_seconds = duration_seconds + 1"),
        one("silver.session_metrics", "total_events = total_events + 1"),
        without_one("silver.session_metrics"),
    ),
    "student_memberships_do_not_overlap": (
        "update silver.student_memberships set member_until = member_until + 1 where student_id = 'S1'",
    ),
    "student_versions_are_numbered": (one("silver.dim_student_versions", "version_number = version_number + 1"),),
    "student_versions_begin_for_a_reason": (one("silver.dim_student_versions", "valid_from = valid_from - 1000"),),
    "student_versions_change_something": (
        "update silver.dim_student_versions set class_id = 'C1' where student_id = 'S1'",
    ),
    "student_versions_leave_only_gaps": (
        "update silver.dim_student_versions set valid_to = valid_to + 1 where student_id = 'S1'",
        "update silver.dim_student_versions set valid_to = valid_to - 1 where student_id = 'S1'",
    ),
    "student_versions_lie_outside_of_gaps": (
        "insert into silver.roster_gaps values ('S1', '2025-01-07', '2025-01-08')",
        "insert into silver.roster_gaps values ('S1', '2025-01-07', null)",
    ),
}
