"""The learning section of the page."""

from __future__ import annotations

import pandas as pd

from include.analytics.drawings import AMBER, BLUE, GREY, RED, TEAL, Axis, Series, bars, lines
from include.analytics.learning import show_mastery_trends, show_products, show_student_progress
from include.analytics.page import Chart, KeyFigure, Section
from include.analytics.spelling import day, decimal, share, text, whole

PROGRESS = {
    "on_track": ("On track", TEAL),
    "needs_support": ("Needs support", AMBER),
    "at_risk": ("At risk", RED),
    "not_started": ("Not started", GREY),
}


def learning_section() -> Section:
    """How far the students have come in the learning products."""
    progress, mastery, products = show_student_progress(), show_mastery_trends(limit=None)[::-1], show_products()
    return Section(
        "Learning",
        "How far the students have come in the learning products. On track are those who have mastered 80 % or more of"
        " the units that they have attempted; from 50 % on they need support, below they are at risk.",
        _figures(progress, products),
        (_progress(progress), _mastery(mastery), _products(products)),
    )


def _figures(progress: pd.DataFrame, products: pd.DataFrame) -> list[KeyFigure]:
    students, attempted = progress["students"].sum(), progress["units_attempted"].sum()
    on_track, mastered = progress["on_track"].sum(), progress["units_mastered"].sum()
    return [
        KeyFigure("On track", share(on_track / students if students else None), f"of {whole(students)} students"),
        KeyFigure("Mastery", share(mastered / attempted if attempted else None), "of the units that were attempted"),
        KeyFigure("Active last week", whole(progress["active_last_7"].sum()), "students, in the last 7 days"),
        KeyFigure("Events in products", whole(products["event_count"].sum()), "in the last 30 days"),
    ]


def _progress(progress: pd.DataFrame) -> Chart:
    return Chart(
        "Progress by school",
        "Students of each school by the share of their units that they have mastered.",
        progress,
        {
            "school_id": ("School", text),
            "students": ("Students", whole),
            **{status: (name, whole) for status, (name, _) in PROGRESS.items()},
            "mastery_rate": ("Mastery rate", share),
            "active_last_7": ("Active in 7 days", whole),
        },
        lambda frame: bars(
            frame["school_id"].fillna("no school"),
            [Series(name, frame[status], color) for status, (name, color) in PROGRESS.items()],
            Axis("School", "name"),
            Axis("Students", "number"),
        ),
        "No student is known up to this day.",
    )


def _mastery(mastery: pd.DataFrame) -> Chart:
    return Chart(
        "Mastery by day",
        "Mean mastery of those whose mastery changed on a day of the last 30, each counted once for each content.",
        mastery,
        {
            "calendar_date": ("Day", day),
            "avg_current_mastery": ("Mastery", share),
            "avg_mastery_change": ("Change", decimal),
            "learners_affected": ("Learners", whole),
            "contents": ("Contents", whole),
        },
        lambda frame: lines(
            frame["calendar_date"],
            [Series("Mastery", frame["avg_current_mastery"])],
            Axis("Day", "date"),
            Axis("Mean mastery, %", "share"),
        ),
        "No mastery has changed in the last 30 days.",
    )


def _products(products: pd.DataFrame) -> Chart:
    return Chart(
        "Learning products",
        "Events in each product in the last 30 days.",
        products,
        {
            "product_name": ("Product", text),
            "event_count": ("Events", whole),
            "active_users": ("Active users", whole),
            "schools": ("Schools", whole),
        },
        lambda frame: bars(
            frame["product_name"],
            [Series("Events", frame["event_count"], BLUE)],
            Axis("Product", "name"),
            Axis("Events in 30 days", "number"),
        ),
        "No event of a learning product in the last 30 days.",
    )
