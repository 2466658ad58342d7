"""Cells that hold a JSON object: read and written anew, so that the same object has the same text from every format."""

from __future__ import annotations

from collections.abc import Sequence

from include.ingestion.flattening import is_deeper, names_a_key_twice, object_text, text_problem
from include.ingestion.json_text import decoder
from include.ingestion.records import Record
from include.ingestion.spec import Layout, Source
from include.settings import Limits

BLANKS = " \t\r\n"
NOT_AN_OBJECT = "no object"
"""Stands for a cell that holds something else: no column takes it."""
_WHOLE = decoder(strict=True)


def object_cell(text: str | None, limits: Limits) -> str | None:
    """The cell with the object that a text holds; an empty one, and one that stands for NULL, as it is."""
    bare = text.strip(BLANKS) if text else ""
    if bare in ("", "\\N"):
        return text
    try:
        content = _WHOLE.decode(bare)
    except (ValueError, RecursionError):
        return NOT_AN_OBJECT
    if not isinstance(content, dict) or _is_odd(content, bare, limits.max_json_depth):
        return NOT_AN_OBJECT
    return object_text(content)


def _is_odd(content: dict[str, object], text: str, max_depth: int) -> bool:
    """Whether no jsonb can hold an object, or it is deeper than the limit."""
    # There are at least as many brackets as levels, and a character that no text can hold stands there as an escape.
    if text.count("{") + text.count("[") > max_depth and is_deeper(content, max_depth):
        return True
    return names_a_key_twice(content) or ("\\u" in text and text_problem(content) is not None)


def object_places(source: Source, layout: Layout) -> list[int]:
    """Where the cells of a CSV stand that hold objects."""
    objects = [column.name for column in source.columns if column.type == "json"]
    return [place for place, name in enumerate(layout.header) if name in objects]


def with_object_cells(record: Record, places: Sequence[int], limits: Limits) -> Record:
    """A record of a CSV in which those cells are read."""
    if not places or record.problem:
        return record
    cells = list(record.cells)
    for place in places:
        cells[place] = object_cell(cells[place], limits)
    return record._replace(cells=cells)
