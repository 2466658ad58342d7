"""Silver and gold as the reference has them: the name of each table and its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.dbt.reference import (
    aggregates,
    calendars,
    facts,
    gold_classes,
    gold_schools,
    gold_students,
    learning_events_gold,
    learning_events_gold_products,
    roster,
)
from tests.dbt.reference.bronze import Bronze, Row, Rows, school_year
from tests.dbt.reference.early_warning import early_warning
from tests.dbt.reference.engagement_periods import end_of
from tests.dbt.reference.engagement_tables import engagement_gold
from tests.dbt.reference.learning_events import fact_learning_events
from tests.dbt.reference.learning_events_tables import learning_tables

Tables = dict[str, Rows]


@dataclass(frozen=True)
class Seeds:
    """The rows of the seeds."""

    codes: dict[str, Row]
    holidays: set[date]
    chronic_absence_rules: Rows
    early_warning_rules: Rows
    event_types: dict[tuple[str, str], Row]
    """By source and raw type."""
    product_names: dict[str, str]


@dataclass(frozen=True)
class Silver:
    """The tables of silver, and the calendars as they are asked."""

    tables: Tables
    calendars: calendars.Calendars
    dates: list[date]
    zone: str


def silver(bronze: Bronze, seeds: Seeds, zone: str) -> Silver:
    """What silver holds when `bronze` is all there is; days begin in the zone."""
    gaps, versions = roster.roster_gaps(bronze), roster.dim_student_versions(bronze, zone)
    attendance = facts.fact_attendance(bronze, seeds.codes, versions)
    assessments = facts.fact_assessments(bronze, versions)
    calendar = calendars.Calendars(bronze, seeds.holidays)
    schools = calendars.dim_schools(bronze, versions, calendar)
    taken_on = [(row["student_id"], row["attendance_date"]) for row in attendance]
    tested_on = [(row["student_id"], row["assessment_date"]) for row in assessments]
    learning = learning_silver(bronze, seeds, zone)
    happened_on = [event["event_date"] for event in learning["fact_learning_events"]]
    known = [day for _, day in taken_on + tested_on] + [day for _, day in calendar.listed] + happened_on
    dates = calendars.dim_dates(known)
    tables = {
        "roster_gaps": gaps,
        "dim_students": roster.dim_students(bronze),
        "dim_student_versions": versions,
        "student_memberships": roster.student_memberships(versions, gaps, taken_on + tested_on),
        "dim_schools": schools,
        "dim_learning_units": calendars.dim_learning_units(bronze),
        "dim_dates": [calendars.date_row(day) for day in dates],
        "dim_school_days": calendars.dim_school_days(calendar, [row["school_id"] for row in schools], dates),
        "fact_attendance": attendance,
        "fact_assessments": assessments,
        "class_days": aggregates.class_days(attendance, assessments),
        "student_months": aggregates.student_months(attendance, assessments, calendar),
        **learning,
    }
    return Silver(tables, calendar, dates, zone)


def learning_silver(bronze: Bronze, seeds: Seeds, zone: str) -> Tables:
    """The tables of the learning events, the days of which begin in the zone."""
    events = fact_learning_events(bronze, seeds.event_types, zone)
    return learning_tables(events, seeds.event_types, seeds.product_names, zone)


def gold(silver: Silver, seeds: Seeds, as_of: date) -> Tables:
    """What gold holds at as_of: nothing of a fact that is later."""
    tables = silver.tables
    attendance = [row for row in tables["fact_attendance"] if row["attendance_date"] <= as_of]
    assessments = [row for row in tables["fact_assessments"] if row["assessment_date"] <= as_of]
    events = [row for row in tables["fact_learning_events"] if row["event_date"] <= as_of]
    made = learning_tables(events, seeds.event_types, seeds.product_names, silver.zone)
    versions, memberships = tables["dim_student_versions"], tables["student_memberships"]
    dates = [day for day in silver.dates if day <= as_of]
    known = [row for row in attendance if not row["is_orphan"]]
    statuses = gold_students.student_attendance_status(
        known, memberships, silver.calendars, seeds.chronic_absence_rules, dates
    )
    is_absent = chronically_absent(statuses, as_of)
    daily = gold_schools.school_daily_attendance(attendance, memberships, silver.calendars, dates, as_of)
    return {
        "class_daily_performance": gold_classes.class_daily_performance(attendance, assessments, memberships),
        "student_performance_summary": gold_students.student_performance_summary(
            attendance, assessments, versions, as_of
        ),
        "class_summary": gold_classes.class_summary(attendance, assessments, memberships, is_absent, as_of),
        "school_daily_attendance": daily,
        "school_attendance_monthly": gold_schools.school_attendance_monthly(daily, as_of),
        "student_attendance_status": statuses,
        "early_warning": early_warning(
            {"fact_assessments": assessments, "fact_user_days": made["fact_user_days"]},
            memberships,
            statuses,
            seeds.early_warning_rules,
            as_of,
        ),
        **learning_gold(silver, seeds, made, as_of),
        **engagement_gold(made, as_of, silver.zone),
    }


def learning_gold(silver: Silver, seeds: Seeds, made: Tables, as_of: date) -> Tables:
    """The tables of the learning events; `made` is what silver makes of the events up to as_of."""
    current = {
        row["student_id"]: row
        for row in silver.tables["dim_student_versions"]
        if row["valid_from"] <= as_of < row["valid_to"]
    }
    events = learning_events_gold_products.named(made["fact_learning_events"], seeds.product_names)
    weekly = learning_events_gold_products.mart_user_product_activity_weekly(events, as_of)
    return {
        "learner_activity_summary": learning_events_gold.learner_activity_summary(made, as_of),
        "current_sessions": learning_events_gold.current_sessions(made, end_of(as_of, silver.zone)),
        "content_mastery_trends": learning_events_gold.content_mastery_trends(made, as_of),
        "mart_student_progress": learning_events_gold.mart_student_progress(
            made, current, silver.tables["dim_schools"], as_of
        ),
        "activation_by_cohort": learning_events_gold.activation_by_cohort(made, current, as_of),
        "mart_user_product_activity_weekly": weekly,
        "mart_user_event_summary": [
            {name: row[name] for name in ("user_id", "product_name", "event_count")} for row in weekly
        ],
        "mart_event_details_monthly": learning_events_gold_products.mart_event_details_monthly(events),
        "mart_user_avg_duration_monthly": learning_events_gold_products.mart_user_avg_duration_monthly(events),
        "mart_product_rank": learning_events_gold_products.mart_product_rank(events, current, as_of),
    }


def chronically_absent(statuses: Rows, as_of: date) -> dict[str, bool]:
    """Whether each student is chronically absent in the school year of as_of; without those that cannot be judged."""
    return {
        row["student_id"]: row["is_chronically_absent"]
        for row in statuses
        if row["school_year"] == school_year(as_of) and row["is_chronically_absent"] is not None
    }
