"""Figures of Plotly, as the page shows them: lines over time, columns, bars. Their numbers are plain lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

# Each stands out from white and from near black by 3 to 1 or more, and from the others for who sees no red or green.
BLUE, AMBER, TEAL, RED, PURPLE, GREY = "#3f7fd9", "#c2851b", "#1d9a8a", "#d2524b", "#8f6fd0", "#7f8a96"
COLORS = (BLUE, AMBER, TEAL, PURPLE, RED, GREY)
ROW_PIXELS, FRAME_PIXELS, USUAL_PIXELS = 30, 130, 320
NUMBERS = {"number": ",", "share": ".0%", "ratio": ".2f"}


@dataclass(frozen=True)
class Axis:
    """What an axis is of, with its unit, and how its values are written. Lines may do without zero, bars may not."""

    title: str
    kind: Literal["date", "name", "number", "share", "ratio"]
    from_zero: bool = True

    def layout(self) -> dict[str, object]:
        """The axis as Plotly takes it; that of names shows each as it stands, also one that looks like a number."""
        title = {"text": self.title, "standoff": 12}
        if self.kind in ("date", "name"):
            return {"title": title, "type": {"date": "date", "name": "category"}[self.kind]}
        range_mode = "tozero" if self.from_zero else "normal"
        return {"title": title, "tickformat": NUMBERS[self.kind], "rangemode": range_mode}


@dataclass(frozen=True)
class Series:
    """One line, or the columns of one color. `faint`: it stands behind the others, for comparison."""

    name: str
    values: Iterable[object]
    color: str = BLUE
    faint: bool = False


def lines(x: Iterable[object], series: Sequence[Series], x_axis: Axis, y_axis: Axis) -> go.Figure:
    """A line for each series, with a gap where a value is not known."""
    figure, places = _figure(x_axis, y_axis, "x unified"), _plain(x)
    for one in series:
        figure.add_scatter(
            x=places,
            y=_plain(one.values),
            name=escape(one.name),
            mode="lines" if len(places) > 40 else "lines+markers",
            line={"color": one.color, "width": 1.2 if one.faint else 2.4, "dash": "dot" if one.faint else "solid"},
            opacity=0.8 if one.faint else 1,
        )
    return figure


def columns(
    x: Iterable[object], series: Sequence[Series], x_axis: Axis, y_axis: Axis, *, stacked: bool = False
) -> go.Figure:
    """Columns beside each other, or on top of each other; negative values hang below the line."""
    figure, places = _figure(x_axis, y_axis, "x unified"), _plain(x)
    for one in series:
        figure.add_bar(x=places, y=_plain(one.values), name=escape(one.name), marker_color=one.color)
    return figure.update_layout(barmode="relative" if stacked else "group")


def bars(names: Iterable[object], series: Sequence[Series], name_axis: Axis, x_axis: Axis) -> go.Figure:
    """Bars from the left, one for each name, the first on top; several series go on behind each other."""
    figure, places = _figure(x_axis, replace(name_axis, kind="name"), "y unified"), _plain(names)
    for one in series:
        figure.add_bar(y=places, x=_plain(one.values), name=escape(one.name), marker_color=one.color, orientation="h")
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(barmode="stack", height=max(220, FRAME_PIXELS + ROW_PIXELS * len(set(places))))


def with_line_at(figure: go.Figure, value: float, words: str) -> go.Figure:
    """The figure with a level that its values are judged by."""
    figure.add_hline(
        y=value,
        line={"color": GREY, "width": 1.5, "dash": "dash"},
        annotation={"text": escape(words), "xanchor": "left", "x": 0, "showarrow": False},
    )
    return figure


def _figure(x_axis: Axis, y_axis: Axis, hovermode: str) -> go.Figure:
    still = {"fixedrange": True, "automargin": True, "zeroline": False, "ticklabelstandoff": 6}
    pointer = {"spikethickness": 1, "spikedash": "dot", "spikecolor": GREY}
    figure = go.Figure()
    figure.update_layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif', "size": 12},
        height=USUAL_PIXELS,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        hovermode=hovermode,
        dragmode=False,
        legend={
            **{"orientation": "h", "traceorder": "normal"},
            **{"x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        },
        xaxis={**x_axis.layout(), **still, **pointer, "showgrid": x_axis.kind not in ("date", "name")},
        yaxis={**y_axis.layout(), **still, **pointer, "showgrid": y_axis.kind != "name"},
    )
    return figure


def _plain(values: Iterable[object]) -> list[object]:
    """Values that JSON knows. Text is escaped: Plotly reads it as HTML."""
    return [_plain_value(value) for value in values]


def _plain_value(value: Any) -> object:
    if pd.isna(value):
        return None
    if isinstance(value, int | float):
        return value
    return escape(value) if isinstance(value, str) else value.isoformat()
