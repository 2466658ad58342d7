"""Prints the gold tables and writes the page of the analytics: `make analytics`. In a notebook its functions give
DataFrames; only those that say so hold names or ids.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from include.analytics.attendance import (
    show_chronic_absence,
    show_class_daily_performance,
    show_class_statistics,
    show_district_attendance,
    show_early_warning_counts,
    show_early_warnings,
    show_school_attendance,
    show_student_performance_summary,
)
from include.analytics.curves import can_draw
from include.analytics.growth import (
    show_completion_by_type,
    show_content_completion,
    show_dach_mobile,
    show_daily_engagement,
    show_experiments,
    show_growth_accounting,
    show_miles,
    show_onboarding,
    show_quick_ratio,
    show_regions,
    show_retention_curve,
    show_retention_milestones,
    show_segments,
)
from include.analytics.learning import (
    show_activation,
    show_current_sessions,
    show_mastery_trends,
    show_products,
    show_student_progress,
)
from include.analytics.reading import one_publication, published_as_of
from include.analytics.report import ReportError, write_report
from include.analytics.terminal import parts
from include.settings import Settings, SettingsError, load_settings
from include.warehouse.connection import WarehouseError, warehouse_url

__all__ = [
    "published_as_of",
    "show_activation",
    "show_chronic_absence",
    "show_class_daily_performance",
    "show_class_statistics",
    "show_completion_by_type",
    "show_content_completion",
    "show_current_sessions",
    "show_dach_mobile",
    "show_daily_engagement",
    "show_district_attendance",
    "show_early_warning_counts",
    "show_early_warnings",
    "show_experiments",
    "show_growth_accounting",
    "show_mastery_trends",
    "show_miles",
    "show_onboarding",
    "show_products",
    "show_quick_ratio",
    "show_regions",
    "show_retention_curve",
    "show_retention_milestones",
    "show_school_attendance",
    "show_segments",
    "show_student_performance_summary",
    "show_student_progress",
]

WHO = (
    "Who the students are is not printed: show_early_warnings() and show_student_performance_summary() of"
    " show_analytics give it in Python, to authorised eyes."
)


def main() -> int:
    """Write the page and print the tables. Exit status 1 when there is no gold yet, or the page cannot be written."""
    try:
        settings = load_settings()
        # The page first: whoever reads what is printed may close the pipe.
        page = write_report(warehouse_url(settings), settings.home)
        text = _text(settings)
    except (SettingsError, WarehouseError, ReportError) as error:
        print(error, file=sys.stderr)
        return 1
    _tell(f"{text}\n\n{WHO}\nThe same with charts: {page.as_uri()}, in Airflow under Analytics.")
    return 0


def _tell(text: str) -> None:
    # A terminal of another encoding shows ? for what it does not have.
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # Whoever read it has seen enough; Python would complain once more when it flushes at its end.
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), sys.stdout.fileno())


def _text(settings: Settings) -> str:
    columns = shutil.get_terminal_size().columns
    with one_publication(warehouse_url(settings)):
        heads = [
            f"Gold as of {as_of}, published {published_at:%Y-%m-%d %H:%M} UTC: nothing later than this day counts."
            for as_of, published_at in published_as_of().itertuples(index=False)
        ]
        return "\n\n".join([*heads, *(part.text(columns, curves=can_draw(sys.stdout)) for part in parts())])


if __name__ == "__main__":
    raise SystemExit(main())
