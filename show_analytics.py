"""Prints the gold tables; its functions return them as DataFrames. `make analytics`, or import it in a notebook."""

from __future__ import annotations

import sys

import pandas as pd
from sqlalchemy import create_engine, text

from include.settings import SettingsError, load_settings
from include.warehouse.connection import WarehouseError, connect, warehouse_url

DEFAULT_LIMIT = 10

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
    limit :limit
"""

STUDENT_PROGRESS = """
    select
        school_id,
        count(*) as students,
        count(*) filter (where progress_status = 'on_track') as on_track,
        count(*) filter (where progress_status = 'needs_support') as needs_support,
        count(*) filter (where progress_status = 'at_risk') as at_risk,
        count(*) filter (where progress_status = 'not_started') as not_started,
        round(sum(units_mastered)::numeric / nullif(sum(units_attempted), 0), 4) as mastery_rate,
        count(*) filter (where days_active_last_7 > 0) as active_last_7
    from gold.mart_student_progress
    group by school_id
    order by school_id
"""
CURRENT_SESSIONS = """
    select source, count(*) as sessions, count(distinct learner_id) as learners
    from gold.current_sessions
    group by source
    order by source
"""
MASTERY_TRENDS = """
    select
        calendar_date,
        count(*) as contents,
        sum(learners_affected)::bigint as learners_affected,
        round(sum(avg_mastery_change * learners_affected) / sum(learners_affected), 4) as avg_mastery_change,
        round(sum(avg_current_mastery * learners_affected) / sum(learners_affected), 4) as avg_current_mastery
    from gold.content_mastery_trends
    group by calendar_date
    order by calendar_date desc
    limit :limit
"""


def show_class_daily_performance(limit: int = DEFAULT_LIMIT) -> pd.DataFrame:
    """Attendance and assessments of each class and date, newest date first. Rates are 0..1, scores in percent."""
    return _read("select * from gold.class_daily_performance order by calendar_date desc, class_id limit :limit", limit)


def show_student_performance_summary(limit: int = DEFAULT_LIMIT) -> pd.DataFrame:
    """Attendance and assessments of each student, lowest attendance rate first. Holds names: for authorised eyes."""
    return _read(
        "select * from gold.student_performance_summary order by attendance_rate nulls last, student_id limit :limit",
        limit,
    )


def show_class_statistics() -> pd.DataFrame:
    """One row for each class: students, attendance rate (0..1), mean score (percent), number of assessments."""
    return _read("select * from gold.class_summary order by class_id", None)


def show_school_attendance(limit: int = DEFAULT_LIMIT) -> pd.DataFrame:
    """Attendance of each school and month, newest month first: ADA, ADM and the rates (0..1) made of them."""
    return _read(
        "select * from gold.school_attendance_monthly order by month_start desc, school_id limit :limit", limit
    )


def show_chronic_absence() -> pd.DataFrame:
    """Students of each school by the band of their absence, in the newest school year.

    A student counts at the school of the day of the report, with the absences at all schools of the year.
    `chronic_share` is 0..1, of the students that have enough days recorded.
    """
    return _read(CHRONIC_ABSENCE, None)


def show_early_warning_counts() -> pd.DataFrame:
    """How many students each indicator warns of, and by which rule, the most severe first."""
    return _read(EARLY_WARNING_COUNTS, None)


def show_early_warnings(limit: int = DEFAULT_LIMIT) -> pd.DataFrame:
    """Whom to look at today and why, who has the most warnings first. Holds ids of students: for authorised eyes."""
    return _read(EARLY_WARNINGS, limit)


def show_student_progress() -> pd.DataFrame:
    """Students of each school by how far they have come in the learning products; rates are 0..1."""
    return _read(STUDENT_PROGRESS, None)


def show_products() -> pd.DataFrame:
    """The learning products by their events of the last 30 days."""
    return _read("select * from gold.mart_product_rank order by rank, product_name", None)


def show_current_sessions() -> pd.DataFrame:
    """How many sessions were going on when as_of ended, by source; empty as of a day that is not over."""
    return _read(CURRENT_SESSIONS, None)


def show_mastery_trends(limit: int = DEFAULT_LIMIT) -> pd.DataFrame:
    """How mastery changed, of all contents together, newest day first. A learner counts once for each content."""
    return _read(MASTERY_TRENDS, limit)


def show_activation(limit: int = DEFAULT_LIMIT) -> pd.DataFrame:
    """How many of the users who were first active in a month have completed a lesson, newest month first."""
    return _read("select * from gold.activation_by_cohort order by month_start desc, school_id limit :limit", limit)


def published_as_of() -> pd.DataFrame:
    """The day up to which gold counts, `as_of`, and when it was published; no row before the first publication, nor
    for a reader, who sees gold alone.
    """
    may_see = _read("select has_schema_privilege('ops', 'usage') as may_see", None)
    if not may_see["may_see"].all():
        return pd.DataFrame(columns=["as_of", "published_at"])
    return _read("select as_of, published_at from ops.publications order by publication_id desc limit 1", None)


def _read(query: str, limit: int | None) -> pd.DataFrame:
    if limit is not None and limit < 0:
        raise ValueError(f"limit is {limit}; expected 0 or more rows")
    url = warehouse_url(load_settings())
    engine = create_engine("postgresql+psycopg://", creator=lambda: connect(url))
    try:
        with engine.connect() as connection:
            return pd.read_sql(text(query), connection, params={} if limit is None else {"limit": limit})
    finally:
        engine.dispose()


def main() -> int:
    """Print the tables. Exit status 1 when there is nothing to print yet."""
    try:
        published, tables = published_as_of(), _tables()
    except (SettingsError, WarehouseError) as error:
        print(error, file=sys.stderr)
        return 1
    except pd.errors.DatabaseError:
        print("There is no gold yet: `make run` publishes it.", file=sys.stderr)
        return 1
    for as_of, published_at in published.itertuples(index=False):
        print(f"Gold as of {as_of}, published {published_at:%Y-%m-%d %H:%M} UTC: nothing later than this day counts.")
    for title, table in tables.items():
        shown = table.astype(object).where(table.notna(), None)
        print(f"\n{title}\n{shown.to_markdown(index=False, tablefmt='simple', missingval='–')}")
    return 0


def _tables() -> dict[str, pd.DataFrame]:
    return {
        f"Attendance by school and month (newest {DEFAULT_LIMIT})": show_school_attendance(),
        "Chronic absence by school": show_chronic_absence(),
        "Early warnings by indicator": show_early_warning_counts(),
        f"Early warnings: whom to look at (most warnings, {DEFAULT_LIMIT})": show_early_warnings(),
        "Class statistics": show_class_statistics(),
        f"Class daily performance (newest {DEFAULT_LIMIT})": show_class_daily_performance(),
        f"Student performance summary (lowest attendance, {DEFAULT_LIMIT})": show_student_performance_summary(),
        "Student progress in the learning products, by school": show_student_progress(),
        "Learning products (30 days)": show_products(),
        "Sessions going on when the day ended": show_current_sessions(),
        f"Mastery by day (newest {DEFAULT_LIMIT})": show_mastery_trends(),
        f"Activation by school and month (newest {DEFAULT_LIMIT})": show_activation(),
    }


if __name__ == "__main__":
    raise SystemExit(main())
