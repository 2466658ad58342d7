"""The page of the analytics: sections of key figures and charts, each chart with its table; it loads nothing."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from plotly.offline import get_plotlyjs

from include.analytics.spelling import Spelling

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class KeyFigure:
    """One number that a section begins with, written out, and what it says in few words."""

    name: str
    value: str
    note: str


@dataclass(frozen=True)
class Chart:
    """One chart and the table of its numbers. `columns`: heading and spelling of each column that the table shows."""

    title: str
    lead: str
    frame: pd.DataFrame
    columns: Mapping[str, tuple[str, Spelling]]
    draw: Callable[[pd.DataFrame], go.Figure]
    nothing: str

    @cached_property
    def figure(self) -> dict[str, object]:
        """What Plotly draws, as JSON."""
        return self.draw(self.frame).to_plotly_json()

    @property
    def headings(self) -> list[str]:
        """The headings of the table."""
        return [heading for heading, _ in self.columns.values()]

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the table, written out."""
        spelled = [self.frame[name].map(spelling) for name, (_, spelling) in self.columns.items()]
        return [list(row) for row in zip(*spelled, strict=True)]


@dataclass(frozen=True)
class Section:
    """A part of the page: a sentence that says what it is about, its key figures, its charts."""

    name: str
    lead: str
    figures: Sequence[KeyFigure]
    charts: Sequence[Chart]


def page_text(as_of: date | None, published_at: datetime | None, sections: Sequence[Section]) -> str:
    """The whole page. Only the two scripts that stand in it may run, so nothing in a name of gold can."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scripts = {"plotly": get_plotlyjs(), "draw": (TEMPLATES / "draw.js").read_text(encoding="utf-8")}
    return templates.get_template("page.html").render(
        as_of=as_of,
        published_at=published_at,
        sections=sections,
        hashes=[_hash(script) for script in scripts.values()],
        style=(TEMPLATES / "style.css").read_text(encoding="utf-8"),
        **scripts,
    )


def write_page(page: Path, text: str) -> None:
    """Write it in one step, so that nobody ever reads half a page."""
    page.parent.mkdir(parents=True, exist_ok=True)
    # A person and a task may write it at the same time.
    unfinished = page.with_name(f"unfinished-{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(page)
    finally:
        unfinished.unlink(missing_ok=True)


def _hash(script: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
