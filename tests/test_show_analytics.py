from __future__ import annotations

from datetime import date

import psycopg
import pytest
from sqlalchemy import URL

import show_analytics


@pytest.fixture(autouse=True)
def _environment(warehouse_url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", warehouse_url.render_as_string(hide_password=False))


@pytest.fixture
def gold(warehouse: psycopg.Connection) -> None:
    """Gold tables of two schools and classes, two days and four students, one of whom nobody has recorded."""
    warehouse.execute(
        """create table gold.class_daily_performance as
        select class_id, calendar_date, 0.9::numeric as attendance_rate
        from unnest(array['CLASS-01', 'CLASS-02']) as class_id,
            unnest(array[date '2025-01-07', date '2025-01-08']) as calendar_date"""
    )
    warehouse.execute(
        "create table gold.student_performance_summary as select * from (values"
        " ('S-1', 'N', 'CLASS-01', 0.95), ('S-2', 'N', 'CLASS-01', null), ('S-3', 'S', 'CLASS-02', 0.70),"
        " ('S-4', 'N', 'CLASS-01', 0.90)) as students (student_id, school_id, class_id, attendance_rate)"
    )
    warehouse.execute(
        "create table gold.school_attendance_monthly as select school_id, month_start, 0.9::numeric as ada_rate"
        " from unnest(array['N', 'S']) as school_id,"
        " unnest(array[date '2024-12-01', date '2025-01-01']) as month_start"
    )
    warehouse.execute(
        """create table gold.student_attendance_status as select * from (values
        ('S-1', 2024, 'satisfactory', false), ('S-2', 2024, 'not_enough_data', null), ('S-3', 2024, 'severe', true),
        ('S-4', 2024, 'chronic', true), ('S-1', 2023, 'severe', true)
        ) as statuses (student_id, school_year, band, is_chronically_absent)"""
    )
    warehouse.execute(
        """create table gold.early_warning as select * from (values
        ('S-1', 'attendance', 'watch', 'federal', 'Absent on 6 of 90 days.'),
        ('S-1', 'course', 'none', 'last_five', 'Mean 81 %.'),
        ('S-2', 'attendance', 'not_enough_data', 'federal', 'Only 3 days are recorded.'),
        ('S-3', 'attendance', 'warning', 'federal', 'Absent on 27 of 90 days.'),
        ('S-3', 'course', 'warning', 'last_five', 'Mean 52 %.'),
        ('S-4', 'attendance', 'warning', 'federal', 'Absent on 9 of 90 days.')
        ) as warnings (student_id, indicator, severity, rule_id, reason)"""
    )
    warehouse.execute(
        """create table gold.mart_student_progress as select * from (values
        ('S-1', 'N', 'on_track', 4, 4, 2), ('S-2', 'N', 'at_risk', 4, 1, 0), ('S-3', 'S', 'not_started', 0, 0, 0)
        ) as students (
            student_id, school_id, progress_status, units_attempted, units_mastered, days_active_last_7
        )"""
    )
    warehouse.execute(
        "create table gold.mart_product_rank as select * from (values ('Science', 5, 2), ('English', 9, 1))"
        " as products (product_name, event_count, rank)"
    )
    warehouse.execute(
        "create table gold.current_sessions as select 'web_events' as source, learner_id, session_id"
        " from (values ('S-1', 'a'), ('S-1', 'b'), ('S-2', 'c')) as sessions (learner_id, session_id)"
    )
    warehouse.execute(
        """create table gold.content_mastery_trends as select * from (values
        ('a', date '2025-01-08', 3, 0.5, 0.5), ('b', date '2025-01-08', 1, -0.1, 0.9), ('a', date '2025-01-07', 1, 1, 1)
        ) as days (content_id, calendar_date, learners_affected, avg_mastery_change, avg_current_mastery)"""
    )
    warehouse.execute(
        "create table gold.activation_by_cohort as select school_id, month_start, 0.5 as activation_rate"
        " from unnest(array['N', 'S']) as school_id,"
        " unnest(array[date '2024-12-01', date '2025-01-01']) as month_start"
    )
    warehouse.execute(
        "insert into ops.publications (as_of, dag_run_id, candidate_id, published_at)"
        " values ('2025-01-07', 'a', gen_random_uuid(), '2025-01-08T06:10:00Z'),"
        " ('2025-01-08', 'b', gen_random_uuid(), '2025-01-09T06:10:00Z')"
    )
    warehouse.execute(
        "create table gold.class_summary as select 'CLASS-' || n as class_id from generate_series(1, 2) n"
    )


@pytest.mark.usefixtures("gold")
def test_the_newest_class_days_come_first_and_the_limit_holds() -> None:
    frame = show_analytics.show_class_daily_performance(limit=3)
    assert list(zip(frame["calendar_date"], frame["class_id"], strict=True)) == [
        (date(2025, 1, 8), "CLASS-01"),
        (date(2025, 1, 8), "CLASS-02"),
        (date(2025, 1, 7), "CLASS-01"),
    ]


@pytest.mark.usefixtures("gold")
def test_students_with_the_lowest_attendance_come_first_and_unrecorded_ones_last() -> None:
    assert list(show_analytics.show_student_performance_summary(limit=9)["student_id"]) == ["S-3", "S-4", "S-1", "S-2"]


@pytest.mark.usefixtures("gold")
def test_class_statistics_hold_every_class() -> None:
    assert list(show_analytics.show_class_statistics()["class_id"]) == ["CLASS-1", "CLASS-2"]


@pytest.mark.usefixtures("gold")
def test_the_newest_school_months_come_first() -> None:
    frame = show_analytics.show_school_attendance(limit=3)
    assert list(zip(frame["month_start"].map(str), frame["school_id"], strict=True)) == [
        ("2025-01-01", "N"),
        ("2025-01-01", "S"),
        ("2024-12-01", "N"),
    ]


@pytest.mark.usefixtures("gold")
def test_chronic_absence_counts_the_newest_year_and_shares_those_with_enough_data() -> None:
    columns = ["school_id", "students", "satisfactory", "at_risk", "chronic", "severe", "not_enough_data"]
    frame = show_analytics.show_chronic_absence()
    assert frame[columns].to_numpy().tolist() == [["N", 3, 1, 0, 1, 0, 1], ["S", 1, 0, 0, 0, 1, 0]]
    assert list(frame["chronic_share"]) == [0.5, 1.0]


@pytest.mark.usefixtures("gold")
def test_early_warnings_are_counted_by_indicator_with_the_most_severe_first() -> None:
    columns = ["indicator", "severity", "students"]
    assert show_analytics.show_early_warning_counts()[columns].to_numpy().tolist() == [
        ["attendance", "warning", 2],
        ["attendance", "watch", 1],
        ["attendance", "not_enough_data", 1],
        ["course", "warning", 1],
        ["course", "none", 1],
    ]


@pytest.mark.usefixtures("gold")
def test_students_with_the_most_warnings_are_looked_at_first_and_quiet_ones_not_at_all() -> None:
    frame = show_analytics.show_early_warnings(limit=9)
    assert list(zip(frame["student_id"], frame["indicator"], frame["class_id"], strict=True)) == [
        ("S-3", "attendance", "CLASS-02"),
        ("S-3", "course", "CLASS-02"),
        ("S-4", "attendance", "CLASS-01"),
        ("S-1", "attendance", "CLASS-01"),
    ]


@pytest.mark.usefixtures("gold")
def test_student_progress_is_counted_by_school() -> None:
    columns = ["school_id", "students", "on_track", "at_risk", "not_started", "active_last_7"]
    frame = show_analytics.show_student_progress()
    assert frame[columns].to_numpy().tolist() == [["N", 2, 1, 1, 0, 1], ["S", 1, 0, 0, 1, 0]]
    assert frame["mastery_rate"][0] == 0.625


@pytest.mark.usefixtures("gold")
def test_the_product_with_the_most_events_comes_first() -> None:
    assert list(show_analytics.show_products()["product_name"]) == ["English", "Science"]


@pytest.mark.usefixtures("gold")
def test_current_sessions_are_counted_by_source() -> None:
    assert show_analytics.show_current_sessions().to_numpy().tolist() == [["web_events", 3, 2]]


@pytest.mark.usefixtures("gold")
def test_the_mastery_of_a_day_is_weighed_by_learners_and_the_newest_day_comes_first() -> None:
    frame = show_analytics.show_mastery_trends(limit=1)
    assert [str(frame["calendar_date"][0]), *frame.iloc[0, 1:]] == ["2025-01-08", 2, 4, 0.35, 0.6]


@pytest.mark.usefixtures("gold")
def test_the_newest_cohorts_come_first() -> None:
    frame = show_analytics.show_activation(limit=3)
    assert list(zip(frame["month_start"].map(str), frame["school_id"], strict=True)) == [
        ("2025-01-01", "N"),
        ("2025-01-01", "S"),
        ("2024-12-01", "N"),
    ]


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 or more"):
        show_analytics.show_class_daily_performance(limit=-1)


@pytest.mark.usefixtures("gold")
def test_the_script_prints_every_table_and_the_day_that_gold_is_of(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_analytics.main() == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Gold as of 2025-01-08, published 2025-01-09 06:10 UTC")
    for title in (
        *("Class daily performance", "Student performance summary", "Class statistics", "Chronic absence by school"),
        *("Attendance by school and month", "Early warnings by indicator", "Early warnings: whom to look at"),
        *("Student progress in the learning products", "Learning products", "Sessions going on", "Mastery by day"),
        "Activation by school and month",
    ):
        assert title in printed
    assert "–" in printed


def test_before_the_first_publication_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_analytics.main() == 1
    assert "make run" in capsys.readouterr().err
