"""What `make analytics` prints: of each section the main curves and the tables, without name or id of a student."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from include.analytics import attendance, growth, learning
from include.analytics.curves import Curve, drawn
from include.analytics.reading import DEFAULT_LIMIT
from include.analytics.spelling import Spelling, day, decimal, month, share, whole

ENGAGEMENT = ["calendar_date", "dau", "wau_7", "mau_30", "stickiness_dau_mau", "sessions", "dau_trend_7d"]
ACCOUNTING = [
    *("period_start", "is_complete", "active_users", "new_users", "retained_users", "resurrected_users"),
    *("churned_users", "quick_ratio", "gross_retention_rate"),
]
RATIOS = ["month_start", "quick_ratio", "quick_ratio_3mo_avg", "alert_level", "strategic_recommendation"]
RETENTION = ["n", "eligible_users", "classic_rate", "rolling_rate", "cumulative_rate"]
MILES = [
    *("calendar_date", "miles_earned", "miles_redeemed", "cumulative_net", "users_earning", "users_redeeming"),
    "economy_health",
]
LOWEST_RATE = 0.8
"""Where the curve of attendance begins: from zero on it would be a block."""


@dataclass(frozen=True)
class Part:
    """A section of what is printed."""

    name: str
    curves: Sequence[Curve]
    tables: dict[str, pd.DataFrame]

    def text(self, columns: int, *, curves: bool) -> str:
        """The section as text, its curves in so many columns, or without them."""
        drawings = [drawn(curve, columns) for curve in self.curves] if curves else []
        tables = [_table(title, frame) for title, frame in self.tables.items()]
        return "\n\n".join([f"{self.name}\n{'=' * len(self.name)}", *filter(None, drawings), *tables])


def parts() -> tuple[Part, ...]:
    """Attendance, learning and growth."""
    return _attendance(), _learning(), _growth()


def _table(title: str, frame: pd.DataFrame) -> str:
    if frame.empty:
        return f"{title}\nnothing up to this day"
    shown = frame.astype(object).where(frame.notna(), None)
    return f"{title}\n{shown.to_markdown(index=False, tablefmt='simple', missingval='–')}"


def _curve(title: str, frame: pd.DataFrame, column: str, ends: tuple[str, Spelling], spelling: Spelling) -> Curve:
    """The column of a frame whose newest row comes first, from the oldest on."""
    oldest_first = frame[::-1]
    values = [None if pd.isna(value) else float(value) for value in oldest_first[column]]
    name, spelled = ends
    first_and_last = [spelled(oldest_first[name].iloc[place]) for place in (0, -1)] if len(frame) else ["", ""]
    low = min([0.0, *(value for value in values if value is not None)])
    return Curve(title, values, (first_and_last[0], first_and_last[1]), spelling, low)


def _attendance() -> Part:
    district = attendance.show_district_attendance(limit=None)
    curve = _curve("ADA rate of the district, by month", district, "ada_rate", ("month_start", month), share)
    low = min([LOWEST_RATE, *(value for value in curve.values if value is not None)])
    return Part(
        "Attendance",
        [Curve(curve.title, curve.values, curve.ends, curve.spelling, low)],
        {
            f"Attendance by school and month (newest {DEFAULT_LIMIT})": attendance.show_school_attendance(),
            "Chronic absence by school": attendance.show_chronic_absence(),
            "Early warnings by indicator": attendance.show_early_warning_counts(),
            "Class statistics": attendance.show_class_statistics(),
            f"Class daily performance (newest {DEFAULT_LIMIT})": attendance.show_class_daily_performance(),
        },
    )


def _learning() -> Part:
    trends = learning.show_mastery_trends(limit=None)
    return Part(
        "Learning",
        [_curve("Mean mastery by day", trends, "avg_current_mastery", ("calendar_date", day), share)],
        {
            "Student progress in the learning products, by school": learning.show_student_progress(),
            "Learning products (30 days)": learning.show_products(),
            "Sessions going on when the day ended": learning.show_current_sessions(),
            f"Mastery by day (newest {DEFAULT_LIMIT})": trends.head(DEFAULT_LIMIT),
            f"Activation by school and month (newest {DEFAULT_LIMIT})": learning.show_activation(),
        },
    )


def _growth() -> Part:
    days, ratios = growth.show_daily_engagement(limit=None), growth.show_quick_ratio(limit=None)
    curve = growth.show_retention_curve()
    later = curve[curve["period_number"] > 0][::-1]
    miles = growth.show_miles(limit=None)
    by_day = ("calendar_date", day)
    return Part(
        "Growth",
        [
            _curve("Active users by day (DAU)", days, "dau", by_day, whole),
            _curve("Active users in 30 days (MAU)", days, "mau_30", by_day, whole),
            _curve("Retention by days since the first", later, "retention_rate", ("period_number", whole), share),
            _curve("Quick ratio by month", ratios, "quick_ratio", ("month_start", month), decimal),
            _curve("Miles outstanding", miles, "cumulative_net", by_day, whole),
        ],
        {
            f"Active users (newest {DEFAULT_LIMIT} days)": days.head(DEFAULT_LIMIT)[ENGAGEMENT],
            "Growth accounting by month": growth.show_growth_accounting()[ACCOUNTING],
            "Quick ratio by month": ratios.head(DEFAULT_LIMIT)[RATIOS],
            "Retention on days 1, 7, 30 and 90": growth.show_retention_milestones()[RETENTION],
            "Users by segment": growth.show_segments(),
            "Content completion by type": growth.show_completion_by_type(),
            f"Content completion (most started, {DEFAULT_LIMIT})": growth.show_content_completion(),
            "Activity by country and platform (30 days)": growth.show_regions(),
            "DACH on mobile (30 days)": growth.show_dach_mobile(),
            f"Miles (newest {DEFAULT_LIMIT} days)": miles.head(DEFAULT_LIMIT)[MILES],
            "First steps of new users": growth.show_onboarding(),
            "Experiments": growth.show_experiments(),
        },
    )
