from __future__ import annotations

import io
import os
import re
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL

import show_analytics
from include.settings import load_settings


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


@pytest.mark.usefixtures("gold")
def test_the_rate_of_the_district_is_that_of_all_students_together_and_unrecorded_schools_do_not_count() -> None:
    frame = show_analytics.show_district_attendance()
    assert list(frame["ada_rate"]) == [1.0, 0.875]
    assert list(frame["is_complete"]) == [False, True]


@pytest.mark.usefixtures("gold")
def test_active_users_are_those_of_all_sources_and_the_newest_day_comes_first() -> None:
    frame = show_analytics.show_daily_engagement()
    assert frame[["dau", "mau_30"]].to_numpy().tolist() == [[0, 4], [2, 4]]


@pytest.mark.usefixtures("gold")
def test_growth_is_accounted_by_the_period_that_is_asked_for() -> None:
    assert list(show_analytics.show_growth_accounting()["active_users"]) == [4, 5]
    assert list(show_analytics.show_growth_accounting("week")["active_users"]) == [3]


@pytest.mark.usefixtures("gold")
def test_a_cohort_counts_on_the_retention_curve_as_far_as_it_has_come() -> None:
    frame = show_analytics.show_retention_curve()
    assert frame.to_numpy().tolist() == [[0, 4, 4, 1.0], [1, 4, 2, 0.5], [2, 3, 1, 0.3333]]


@pytest.mark.usefixtures("gold")
def test_the_milestones_are_those_of_all_users_together() -> None:
    assert list(show_analytics.show_retention_milestones()["n"]) == [1, 7, 90]


@pytest.mark.usefixtures("gold")
def test_users_are_counted_by_segment_in_the_order_of_engagement_and_a_rule_of_ones_own_comes_last() -> None:
    assert show_analytics.show_segments().to_numpy().tolist() == [
        ["highly_engaged", 1, 0.25],
        ["casual", 2, 0.5],
        ["a_rule_of_ours", 1, 0.25],
    ]


@pytest.mark.usefixtures("gold")
def test_completion_is_that_of_all_contents_of_a_type_together() -> None:
    frame = show_analytics.show_completion_by_type()
    assert frame.to_numpy()[0].tolist() == ["lesson", "web", 2, 5, 4, 0.8]
    assert frame["completion_rate"].isna().tolist() == [False, True]


@pytest.mark.usefixtures("gold")
def test_regions_are_those_of_the_newest_30_days_with_anybody_active() -> None:
    columns = ["country", "platform", "user_days", "completions"]
    assert show_analytics.show_regions()[columns].to_numpy().tolist() == [
        ["US", "web", 4, 2],
        ["DE", "mobile", 3, 3],
        ["<b>", "web", 1, 0],
    ]


@pytest.mark.usefixtures("gold")
def test_the_first_steps_are_of_all_cohorts_and_shares_of_the_first() -> None:
    frame = show_analytics.show_onboarding()
    assert frame[["users", "share_of_first"]].to_numpy().tolist() == [[4, 1.0], [2, 0.5]]


@pytest.mark.usefixtures("gold")
def test_without_a_limit_there_are_all_rows() -> None:
    assert len(show_analytics.show_school_attendance(limit=None)) == 4


@pytest.mark.usefixtures("gold")
def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 or more"):
        show_analytics.show_class_daily_performance(limit=-1)


@pytest.mark.usefixtures("gold")
def test_the_script_prints_the_sections_with_their_curves_and_where_the_page_is_and_names_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert show_analytics.main() == 0
    printed = capsys.readouterr().out
    assert not re.search(r"\bS-\d|guest-7|Doe|Roe", printed)
    assert printed.startswith("Gold as of 2025-01-08, published 2025-01-09 06:10 UTC")
    for title in (
        *("Attendance\n=", "Class daily performance", "Class statistics", "Chronic absence by school"),
        *("Attendance by school and month", "Early warnings by indicator"),
        *("Learning\n=", "Student progress in the learning products", "Learning products", "Sessions going on"),
        *("Mastery by day", "Activation by school and month", "Growth\n=", "Active users by day (DAU)\n        2 │"),
        *("Growth accounting by month", "CRITICAL: Quick Ratio Below 1.0", "Users by segment", "Miles (newest 10"),
    ):
        assert title in printed
    assert "–" in printed
    page = load_settings().home / "analytics" / "index.html"
    assert page.as_uri() in printed
    assert page.exists()


@pytest.mark.usefixtures("empty_gold")
def test_of_a_school_that_has_recorded_nothing_the_script_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_analytics.main() == 0
    assert "Active users (newest 10 days)\nnothing up to this day" in capsys.readouterr().out


@pytest.mark.usefixtures("gold")
def test_without_utf_8_the_tables_are_printed_and_the_curves_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert show_analytics.main() == 0
    printed = terminal.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]
    assert "Class statistics" in printed
    assert "(DAU)" not in printed


@pytest.mark.usefixtures("gold")
def test_who_closes_the_pipe_early_sees_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        assert show_analytics.main() == 0


@pytest.mark.usefixtures("gold")
def test_a_page_that_cannot_be_written_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    home = load_settings().home
    home.write_text("a file where the folder belongs")
    assert show_analytics.main() == 1
    assert f"the page {home / 'analytics' / 'index.html'} cannot be written" in capsys.readouterr().err


def test_before_the_first_publication_it_says_what_to_do(
    warehouse_url: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROLLCALL_WAREHOUSE_URL", warehouse_url.render_as_string(hide_password=False))
    monkeypatch.setenv("ROLLCALL_HOME", str(tmp_path))
    assert show_analytics.main() == 1
    assert "`make run`" in capsys.readouterr().err
