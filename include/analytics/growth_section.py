"""The growth section of the page."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from include.analytics.drawings import AMBER, BLUE, GREY, PURPLE, RED, TEAL, Axis, Series, columns, lines, with_line_at
from include.analytics.growth import (
    show_daily_engagement,
    show_growth_accounting,
    show_quick_ratio,
    show_retention_curve,
    show_retention_milestones,
)
from include.analytics.growth_subjects import subjects
from include.analytics.page import Chart, KeyFigure, Section
from include.analytics.spelling import day, decimal, month, months_so_far, share, text, whole, yes_or_no

FLOWS = {
    "retained_users": ("Retained", BLUE),
    "new_users": ("New", TEAL),
    "resurrected_users": ("Resurrected", PURPLE),
    "churned_users": ("Churned", RED),
}
RETENTION_KINDS = {"classic_rate": "On the day", "rolling_rate": "On the day or later", "cumulative_rate": "By the day"}
NOBODY = "Nobody has been active up to this day."


def growth_section() -> Section:
    """Who is active, who stays, and what makes them stay."""
    days, months = show_daily_engagement(limit=None)[::-1], show_growth_accounting(limit=None)[::-1]
    ratios = show_quick_ratio(limit=None)[::-1]
    return Section(
        "Growth",
        "Who is active, who stays, and what makes them stay, in all learning events together. A user is active in a"
        " period with at least one event of theirs in it that counts as activity.",
        _figures(days, ratios),
        (_active(days), _accounting(months), _ratios(ratios), _retention(), _milestones(), *subjects()),
    )


def _figures(days: pd.DataFrame, ratios: pd.DataFrame) -> list[KeyFigure]:
    nobody = pd.Series({"dau": None, "wau_7": None, "mau_30": None, "stickiness_dau_mau": None, "calendar_date": None})
    unknown = pd.Series({"quick_ratio": None, "alert_level": None, "month_start": None})
    newest = days.iloc[-1] if len(days) else nobody
    ratio = ratios.iloc[-1] if len(ratios) else unknown
    return [
        KeyFigure("Active on the day", whole(newest["dau"]), f"users, {day(newest['calendar_date'])} (DAU)"),
        KeyFigure("Active in 7 days", whole(newest["wau_7"]), "users (WAU)"),
        KeyFigure("Active in 30 days", whole(newest["mau_30"]), "users (MAU)"),
        KeyFigure("Stickiness", share(newest["stickiness_dau_mau"]), "DAU / MAU"),
        KeyFigure(
            f"Quick ratio, {month(ratio['month_start'])}", decimal(ratio["quick_ratio"]), text(ratio["alert_level"])
        ),
    ]


def _active(days: pd.DataFrame) -> Chart:
    return Chart(
        "Active users by day",
        "Users active on the day (DAU), in the 7 days up to it (WAU), and in the 30 days up to it (MAU).",
        days,
        {
            "calendar_date": ("Day", day),
            "dau": ("DAU", whole),
            "wau_7": ("WAU", whole),
            "mau_30": ("MAU", whole),
            "stickiness_dau_mau": ("DAU / MAU", share),
            "sessions": ("Sessions", whole),
            "avg_session_minutes": ("Minutes a session", decimal),
        },
        lambda frame: lines(
            frame["calendar_date"],
            [
                Series("MAU", frame["mau_30"], PURPLE),
                Series("WAU", frame["wau_7"], TEAL),
                Series("DAU", frame["dau"], BLUE),
            ],
            Axis("Day", "date"),
            Axis("Active users", "number"),
        ),
        NOBODY,
    )


def _accounting(months: pd.DataFrame) -> Chart:
    return Chart(
        "Growth accounting by month",
        "Active users are new, retained from the month before, or resurrected from an earlier one. Below the line: the"
        " active users of the month before who have not come back. * The month is not over.",
        months,
        {
            "period_start": ("Month", month),
            "active_users": ("Active", whole),
            **{flow: (name, whole) for flow, (name, _) in FLOWS.items()},
            "quick_ratio": ("Quick ratio", decimal),
            "gross_retention_rate": ("Retention", share),
            "is_complete": ("Month is over", yes_or_no),
        },
        _flows,
        NOBODY,
    )


def _flows(months: pd.DataFrame) -> go.Figure:
    signed = months.assign(churned_users=-months["churned_users"])
    return columns(
        months_so_far(months["period_start"], months["is_complete"]),
        [Series(name, signed[flow], color) for flow, (name, color) in FLOWS.items()],
        Axis("Month", "name"),
        Axis("Users", "number"),
        stacked=True,
    )


def _ratios(ratios: pd.DataFrame) -> Chart:
    advice = (
        f" {month(ratios['month_start'].iloc[-1])}: {ratios['strategic_recommendation'].iloc[-1]}."
        if len(ratios)
        else ""
    )
    return Chart(
        "Quick ratio by month",
        f"(New + resurrected) / churned users of each month that is over. Below 1 more users leave than come.{advice}",
        ratios,
        {
            "month_start": ("Month", month),
            "quick_ratio": ("Quick ratio", decimal),
            "quick_ratio_3mo_avg": ("Mean of 3 months", decimal),
            "gross_retention_rate": ("Retention", share),
            "alert_level": ("Alert level", text),
        },
        lambda frame: with_line_at(
            lines(
                frame["month_start"].map(month),
                [
                    Series("Quick ratio", frame["quick_ratio"]),
                    Series("Mean of 3 months", frame["quick_ratio_3mo_avg"], AMBER, faint=True),
                ],
                Axis("Month", "name"),
                Axis("Ratio", "ratio"),
            ),
            1,
            "as many come as leave",
        ),
        "No month is over yet.",
    )


def _retention() -> Chart:
    return Chart(
        "Retention by day",
        "The share of users who were active again exactly so many days after their first active day, of those for whom"
        " that day has come.",
        show_retention_curve(),
        {
            "period_number": ("Days since the first", whole),
            "retention_rate": ("Active", share),
            "users_active": ("Users", whole),
            "cohort_size": ("Of", whole),
        },
        # Day 0 is everybody: beside it the others could not be told apart.
        lambda frame: lines(
            frame["period_number"][frame["period_number"] > 0],
            [Series("Active", frame["retention_rate"][frame["period_number"] > 0])],
            Axis("Days since the first active day", "number"),
            Axis("Users active, %", "share"),
        ),
        NOBODY,
    )


def _milestones() -> Chart:
    milestones = show_retention_milestones()
    colors = (BLUE, TEAL, GREY)
    return Chart(
        "Retention on days 1, 7, 30 and 90",
        "Active exactly on that day after the first (classic), on it or later (rolling), on any day up to it"
        " (cumulative); of the users for whom the day has come.",
        milestones[milestones["eligible_users"] > 0],
        {
            "n": ("Day", whole),
            "eligible_users": ("Users", whole),
            **{rate: (name, share) for rate, name in RETENTION_KINDS.items()},
        },
        lambda frame: columns(
            frame["n"].map("Day {:.0f}".format),
            [
                Series(name, frame[rate], color)
                for (rate, name), color in zip(RETENTION_KINDS.items(), colors, strict=True)
            ],
            Axis("Days since the first active day", "name"),
            Axis("Users, %", "share"),
        ),
        NOBODY,
    )
