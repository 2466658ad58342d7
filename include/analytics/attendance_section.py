"""The attendance section of the page."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from include.analytics.attendance import (
    show_chronic_absence,
    show_district_attendance,
    show_early_warning_counts,
    show_school_attendance,
)
from include.analytics.drawings import AMBER, COLORS, GREY, PURPLE, RED, TEAL, Axis, Series, bars, lines
from include.analytics.page import Chart, KeyFigure, Section
from include.analytics.spelling import month, months_so_far, share, text, whole, yes_or_no

SCHOOLS_DRAWN = len(COLORS) - 1
BANDS = {
    "satisfactory": ("Satisfactory", TEAL),
    "at_risk": ("At risk", AMBER),
    "chronic": ("Chronic", RED),
    "severe": ("Severe", PURPLE),
    "not_enough_data": ("Not enough data", GREY),
}
NO_ATTENDANCE = "No attendance is recorded up to this day."


def attendance_section() -> Section:
    """Who comes to school: ADA by month, and chronic absence."""
    district, absence = show_district_attendance(limit=None)[::-1], show_chronic_absence()
    return Section(
        "Attendance",
        "Who comes to school. ADA is the average daily attendance, ADM the average daily membership; a student is"
        " chronically absent by the rule that this warehouse is set to.",
        _figures(district, absence),
        (_months(district), _schools(show_school_attendance(limit=None)[::-1]), _bands(absence)),
    )


def _figures(district: pd.DataFrame, absence: pd.DataFrame) -> list[KeyFigure]:
    warnings = show_early_warning_counts()
    raised = warnings[(warnings["indicator"] == "attendance") & (warnings["severity"] == "warning")]
    counted = absence["students"].sum() - absence["not_enough_data"].sum()
    chronic = absence["chronic"].sum() + absence["severe"].sum()
    newest = district.iloc[-1] if len(district) else pd.Series({"ada_rate": None, "month_start": None})
    return [
        KeyFigure("ADA / ADM", share(newest["ada_rate"]), f"of the district, {month(newest['month_start'])}"),
        KeyFigure("Chronically absent", share(chronic / counted if counted else None), f"of {whole(counted)} students"),
        KeyFigure("Attendance warnings", whole(raised["students"].sum()), "students with a warning on attendance"),
    ]


def _months(district: pd.DataFrame) -> Chart:
    return Chart(
        "ADA rate of the district, by month",
        "ADA / ADM of all schools together. The axis does not begin at zero. * The month is not over.",
        district,
        {
            "month_start": ("Month", month),
            "ada_rate": ("ADA / ADM", share),
            "average_daily_attendance": ("ADA (students)", whole),
            "average_daily_membership": ("ADM (students)", whole),
            "is_complete": ("Month is over", yes_or_no),
        },
        lambda frame: lines(
            months_so_far(frame["month_start"], frame["is_complete"]),
            [Series("ADA / ADM", frame["ada_rate"])],
            Axis("Month", "name"),
            Axis("ADA / ADM, %", "share", from_zero=False),
        ),
        NO_ATTENDANCE,
    )


def _schools(by_school: pd.DataFrame) -> Chart:
    """The schools with the lowest rates of the newest month, when there are more than can be told apart."""
    newest = by_school[by_school["month_start"] == by_school["month_start"].max()]
    lowest = newest.sort_values(["ada_rate", "school_id"])["school_id"].head(SCHOOLS_DRAWN)
    some = f" Drawn are the {SCHOOLS_DRAWN} that were lowest in the last month." if len(newest) > len(lowest) else ""
    return Chart(
        "ADA rate by school and month",
        f"ADA / ADM of each school.{some} The axis does not begin at zero.",
        by_school[by_school["school_id"].isin(lowest)].sort_values(["month_start", "school_id"]),
        {
            "month_start": ("Month", month),
            "school_id": ("School", text),
            "ada_rate": ("ADA / ADM", share),
            "school_days": ("School days", whole),
            "is_complete": ("Month is over", yes_or_no),
        },
        _school_lines,
        NO_ATTENDANCE,
    )


def _school_lines(frame: pd.DataFrame) -> go.Figure:
    rates = frame.pivot(index="month_start", columns="school_id", values="ada_rate")
    return lines(
        [month(start) for start in rates.index],
        [Series(school, rates[school], color) for school, color in zip(rates.columns, COLORS, strict=False)],
        Axis("Month", "name"),
        Axis("ADA / ADM, %", "share", from_zero=False),
    )


def _bands(absence: pd.DataFrame) -> Chart:
    year = f", school year from August {absence['school_year'].iloc[0]}" if len(absence) else ""
    return Chart(
        f"Chronic absence by school{year}",
        "Students by the band of their absence so far in the school year.",
        absence,
        {
            "school_id": ("School", text),
            "students": ("Students", whole),
            **{band: (name, whole) for band, (name, _) in BANDS.items()},
            "chronic_share": ("Chronically absent", share),
        },
        lambda frame: bars(
            frame["school_id"].fillna("no school"),
            [Series(name, frame[band], color) for band, (name, color) in BANDS.items()],
            Axis("School", "name"),
            Axis("Students", "number"),
        ),
        NO_ATTENDANCE,
    )
