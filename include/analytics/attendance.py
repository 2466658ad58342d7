"""Gold about attendance, and about the students whom it worries."""

from __future__ import annotations

import pandas as pd

from include.analytics.reading import DEFAULT_LIMIT, read

DISTRICT_ATTENDANCE = """
    select
        month_start,
        round(sum(average_daily_attendance), 2) as average_daily_attendance,
        round(sum(average_daily_membership), 2) as average_daily_membership,
        round(sum(average_daily_attendance) / nullif(sum(average_daily_membership), 0), 4) as ada_rate,
        bool_and(is_complete) as is_complete
    from gold.school_attendance_monthly
    group by month_start
    order by month_start desc
    limit %(limit)s
"""
STUDENT_PERFORMANCE = """
    select * from gold.student_performance_summary
    order by attendance_rate nulls last, student_id
    limit %(limit)s
"""
CHRONIC_ABSENCE = """
    select
        students.school_id,
        statuses.school_year,
        count(*) as students,
        count(*) filter (where statuses.band = 'satisfactory') as satisfactory,
        count(*) filter (where statuses.band = 'at_risk') as at_risk,
        count(*) filter (where statuses.band = 'chronic') as chronic,
        count(*) filter (where statuses.band = 'severe') as severe,
        count(*) filter (where statuses.band = 'not_enough_data') as not_enough_data,
        round(avg(statuses.is_chronically_absent::int), 4) as chronic_share
    from gold.student_attendance_status as statuses
    left join gold.student_performance_summary as students using (student_id)
    where statuses.school_year = (select max(school_year) from gold.student_attendance_status)
    group by students.school_id, statuses.school_year
    order by students.school_id
"""
EARLY_WARNING_COUNTS = """
    select indicator, severity, rule_id, count(*) as students
    from gold.early_warning
    group by indicator, severity, rule_id
    order by indicator, array_position(array['warning', 'watch', 'none', 'not_enough_data'], severity), rule_id
"""
EARLY_WARNINGS = """
    select students.class_id, raised.student_id, raised.indicator, raised.severity, raised.reason
    from (
        select
            *,
            count(*) filter (where severity = 'warning') over (partition by student_id) as warning_count,
            count(*) over (partition by student_id) as raised_count
        from gold.early_warning
        where severity in ('warning', 'watch')
    ) as raised
    left join gold.student_performance_summary as students using (student_id)
    order by raised.warning_count desc, raised.raised_count desc, raised.student_id, raised.indicator
    limit %(limit)s
"""


def show_class_daily_performance(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """Attendance and assessments of each class and date, newest date first. Rates are 0..1, scores in percent."""
    return read(
        "select * from gold.class_daily_performance order by calendar_date desc, class_id limit %(limit)s", limit=limit
    )


def show_student_performance_summary(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """Attendance and assessments of each student, lowest attendance rate first. Holds names: for authorised eyes."""
    return read(STUDENT_PERFORMANCE, limit=limit)


def show_class_statistics() -> pd.DataFrame:
    """One row for each class: students, attendance rate (0..1), mean score (percent), number of assessments."""
    return read("select * from gold.class_summary order by class_id")


def show_school_attendance(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """Attendance of each school and month, newest month first: ADA, ADM and the rates (0..1) made of them."""
    return read(
        "select * from gold.school_attendance_monthly order by month_start desc, school_id limit %(limit)s", limit=limit
    )


def show_district_attendance(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """ADA and ADM of all schools together by month, newest first, and their quotient, `ada_rate`.

    ADA and ADM are in students. A month is complete when it is so at every school.
    """
    return read(DISTRICT_ATTENDANCE, limit=limit)


def show_chronic_absence() -> pd.DataFrame:
    """Students of each school by the band of their absence, in the newest school year.

    A student counts at the school of the day of the report, with the absences at all schools of the year.
    `chronic_share` is 0..1, of the students that have enough days recorded.
    """
    return read(CHRONIC_ABSENCE)


def show_early_warning_counts() -> pd.DataFrame:
    """How many students each indicator warns of, and by which rule, the most severe first."""
    return read(EARLY_WARNING_COUNTS)


def show_early_warnings(limit: int | None = DEFAULT_LIMIT) -> pd.DataFrame:
    """Whom to look at today and why, who has the most warnings first. Holds ids of students: for authorised eyes."""
    return read(EARLY_WARNINGS, limit=limit)
