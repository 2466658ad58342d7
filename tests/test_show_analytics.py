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
    """Gold tables of two classes, two days and three students, one of whom nobody has recorded."""
    warehouse.execute(
        """create table gold.class_daily_performance as
        select class_id, calendar_date, 0.9::numeric as attendance_rate
        from unnest(array['CLASS-01', 'CLASS-02']) as class_id,
            unnest(array[date '2025-01-07', date '2025-01-08']) as calendar_date"""
    )
    warehouse.execute(
        "create table gold.student_performance_summary as select * from (values"
        " ('S-1', 0.95), ('S-2', null), ('S-3', 0.70)) as students (student_id, attendance_rate)"
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
    assert list(show_analytics.show_student_performance_summary(limit=9)["student_id"]) == ["S-3", "S-1", "S-2"]


@pytest.mark.usefixtures("gold")
def test_class_statistics_hold_every_class() -> None:
    assert list(show_analytics.show_class_statistics()["class_id"]) == ["CLASS-1", "CLASS-2"]


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 or more"):
        show_analytics.show_class_daily_performance(limit=-1)


@pytest.mark.usefixtures("gold")
def test_the_script_prints_the_three_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_analytics.main() == 0
    printed = capsys.readouterr().out
    for title in ("Class daily performance", "Student performance summary", "Class statistics"):
        assert title in printed
    assert "–" in printed


def test_before_the_first_publication_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_analytics.main() == 1
    assert "make run" in capsys.readouterr().err
