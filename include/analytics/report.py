"""The page of the analytics, of one publication of gold, below ROLLCALL_HOME."""

from __future__ import annotations

from pathlib import Path

import psycopg
from sqlalchemy import URL

from include.analytics.attendance_section import attendance_section
from include.analytics.growth_section import growth_section
from include.analytics.learning_section import learning_section
from include.analytics.page import page_text, write_page
from include.analytics.reading import one_publication, published_as_of
from include.errors import ToldError
from include.warehouse.connection import describe_error


class ReportError(ToldError):
    """The page cannot be made; the message says why and what to do."""


def analytics_page(home: Path) -> Path:
    """Where the page is."""
    return home / "analytics" / "index.html"


def write_report(url: URL, home: Path) -> Path:
    """Write the page of what gold says now; gives its path. Until it is whole, the one before stays.

    Raises:
        ReportError: gold lacks a table or a column, as before the first publication; or the page cannot be written.
    """
    page = analytics_page(home)
    try:
        write_page(page, _text(url))
    except (psycopg.ProgrammingError, KeyError) as error:
        raise ReportError(
            f"gold cannot be read: {describe_error(error)}. Before the first publication, and until the next one"
            " after an update of Rollcall, it lacks a table or a column: `make run` publishes it"
        ) from None
    except OSError as error:
        raise ReportError(
            f"the page {page} cannot be written: {describe_error(error)}. Free disk space, or let the user that"
            " Rollcall runs as write there"
        ) from None
    return page


def _text(url: URL) -> str:
    with one_publication(url):
        published = published_as_of()
        as_of, published_at = published.iloc[0] if len(published) else (None, None)
        return page_text(as_of, published_at, (attendance_section(), learning_section(), growth_section()))
