"""What the growth section of the page says beside who is active: miles, segments, contents, places, first steps."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from include.analytics.drawings import AMBER, BLUE, COLORS, GREY, TEAL, Axis, Series, bars, columns, lines
from include.analytics.growth import (
    show_completion_by_type,
    show_dach_mobile,
    show_experiments,
    show_miles,
    show_onboarding,
    show_regions,
    show_segments,
)
from include.analytics.page import Chart
from include.analytics.spelling import day, p_value, share, text, whole, words, yes_or_no

COUNTRIES_DRAWN = 12


def subjects() -> tuple[Chart, ...]:
    """The charts of what users do, and of what it does to them."""
    return _miles(), _segments(), _contents(), _regions(), _onboarding(), _experiments()


def _miles() -> Chart:
    miles = show_miles(limit=None)[::-1]
    newest = f" Outstanding on the last day: {whole(miles['cumulative_net'].iloc[-1])}." if len(miles) else ""
    return Chart(
        "Miles earned and redeemed",
        f"The mean of the 7 days up to each day.{newest}",
        miles,
        {
            "calendar_date": ("Day", day),
            "miles_earned": ("Earned", whole),
            "miles_redeemed": ("Redeemed", whole),
            "cumulative_net": ("Outstanding", whole),
            "users_earning": ("Users earning", whole),
            "users_redeeming": ("Users redeeming", whole),
            "economy_health": ("Economy", text),
        },
        lambda frame: lines(
            frame["calendar_date"],
            [
                Series("Earned", frame["miles_earned_avg_7"], TEAL),
                Series("Redeemed", frame["miles_redeemed_avg_7"], AMBER),
            ],
            Axis("Day", "date"),
            Axis("Miles a day", "number"),
        ),
        "No miles have been earned or redeemed.",
    )


def _segments() -> Chart:
    return Chart(
        "Users by segment",
        "By their active days in the last 28 days, and in the 28 before, as the seed segment_rules says.",
        show_segments(),
        {"segment": ("Segment", words), "users": ("Users", whole), "share": ("Share", share)},
        lambda frame: bars(
            frame["segment"].map(words),
            [Series("Users", frame["users"])],
            Axis("Segment", "name"),
            Axis("Users", "number"),
        ),
        "Nobody has been active up to this day.",
    )


def _contents() -> Chart:
    return Chart(
        "Content completion",
        "Users who started a content, and those of them who finished it, added up over the contents of each type.",
        show_completion_by_type(),
        {
            "content_type": ("Type", words),
            "platform": ("Platform", text),
            "contents": ("Contents", whole),
            "started": ("Started", whole),
            "finished": ("Finished", whole),
            "completion_rate": ("Completion", share),
        },
        lambda frame: bars(
            frame["content_type"].map(words) + ", " + frame["platform"].map(text),
            [
                Series("Finished", frame["finished"], TEAL),
                Series("Started only", frame["started"] - frame["finished"], GREY),
            ],
            Axis("Type, platform", "name"),
            Axis("Users and contents", "number"),
        ),
        "No content has been started.",
    )


def _regions() -> Chart:
    dach = show_dach_mobile()
    on_mobile = whole(dach["users"].iloc[0]) if len(dach) else "nobody"
    return Chart(
        "Activity by country and platform",
        "Active users of each of the last 30 days, added up: one user active on ten days counts ten."
        f" Drawn are the {COUNTRIES_DRAWN} countries with most. Different users on mobile in Germany, Austria and"
        f" Switzerland in these days: {on_mobile}.",
        show_regions(),
        {
            "country": ("Country", text),
            "platform": ("Platform", text),
            "user_days": ("Active days of users", whole),
            "learner_days": ("Days with learning", whole),
            "completions": ("Completions", whole),
            "is_dach": ("DACH", yes_or_no),
        },
        _countries,
        "Nobody has been active in the last 30 days.",
    )


def _countries(regions: pd.DataFrame) -> go.Figure:
    countries = regions.groupby("country")["user_days"].sum().sort_values(ascending=False, kind="stable")
    most = list(countries.index[:COUNTRIES_DRAWN])
    by_platform = {platform: rows.set_index("country")["user_days"] for platform, rows in regions.groupby("platform")}
    return bars(
        most,
        [
            Series(str(platform), days.reindex(most, fill_value=0), color)
            for (platform, days), color in zip(by_platform.items(), COLORS, strict=False)
        ],
        Axis("Country", "name"),
        Axis("Active days of users, last 30 days", "number"),
    )


def _onboarding() -> Chart:
    return Chart(
        "First steps of new users",
        "Users who have taken each step after the one before it, of all months together.",
        show_onboarding(),
        {"step": ("Step", words), "users": ("Users", whole), "share_of_first": ("Of the first step", share)},
        lambda frame: bars(
            frame["step"].map(words),
            [Series("Users", frame["users"], BLUE)],
            Axis("Step", "name"),
            Axis("Users", "number"),
        ),
        "Nobody has completed the onboarding.",
    )


def _experiments() -> Chart:
    return Chart(
        "Experiments",
        "Users who completed a content within 7 days of the first variant that they saw, of those for whom the 7 days"
        " are over. A difference is statistically significant at 5 % when its p-value is below 0.05.",
        show_experiments(),
        {
            "experiment": ("Experiment", text),
            "variant": ("Variant", text),
            "users": ("Users", whole),
            "conversions": ("Conversions", whole),
            "conversion_rate": ("Rate", share),
            "lift": ("Lift", share),
            "p_value": ("p-value", p_value),
        },
        lambda frame: columns(
            frame["experiment"] + ", " + frame["variant"],
            [Series("Conversion rate", frame["conversion_rate"])],
            Axis("Experiment, variant", "name"),
            Axis("Users who convert, %", "share"),
        ),
        "No user has been exposed to an experiment.",
    )
