"""Lines of a CSV that are good beyond doubt: a pattern, strict enough that Postgres takes each of them as it stands.

What does not match is not bad: it is looked at more closely, by the streaming reader and by the SQL of `casting`.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from include.ingestion.casting import MAX_ID_LENGTH
from include.ingestion.latest import Latest
from include.ingestion.spec import Column, Layout, Source

# No quote, comma, line ending or control character, and no backslash, which may stand for NULL; no blank at either end.
TEXT = r'(?![ ])[^",\\\x00-\x1f\x7f]{{1,{longest}}}+(?<![ ])'
QUOTED_TEXT = r'"(?![ ])[^"\\\x00-\x1f\x7f]{{1,{longest}}}+(?<![ ])"'
LONGEST_TEXT = 2000
MONTH_AND_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
)
ANY_DATE = rf"[12]\d{{3}}-{MONTH_AND_DAY}"
CLOCK = r"[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?"
TIME = CLOCK + r"(?:Z|[+-](?:0\d|1[0-3])(?::?[0-5]\d)?)?"


def sure_lines(source: Source, layout: Layout, latest: Latest) -> re.Pattern[bytes] | None:
    """The pattern of any number of such lines of a file with this layout, in UTF-8; None when no pattern can hold the
    rules of the source.

    Of JSON it does not see the cells that hold objects, nor that a number is bounded by another. `latest`: what is
    accepted last in columns that declare `earliest`.
    """
    declared = [source.column(name) for name in layout.header if name in source.column_names]
    if layout.format == "csv" and any(column.type == "json" or isinstance(column.at_most, str) for column in declared):
        return None
    seen = layout.header[: len(layout.header) - layout.objects]
    cells = [_cell(source, name, latest) for name in seen]
    if None in cells:
        return None
    line = ",".join(cell or "" for cell in cells)
    return re.compile(rf"(?:{line}\r?\n)*+".encode())


def _cell(source: Source, name: str, latest: Latest) -> str | None:
    if name not in source.column_names:
        return rf"(?:{TEXT}|{QUOTED_TEXT}|\"\")?".format(longest=LONGEST_TEXT)
    column = source.column(name)
    if column.type == "text" and not column.allowed:
        longest = MAX_ID_LENGTH if source.is_id(name) else LONGEST_TEXT
        plain, quoted = (_upper(pattern, column).format(longest=longest) for pattern in (TEXT, QUOTED_TEXT))
        either = f"{plain}|{quoted}"
    else:
        value = _value(column, latest)
        if value is None:
            return None
        either = f'{value}|"{value}"'
    return f"(?:{either})" if column.required else f'(?:{either}|"")?'


def _upper(pattern: str, column: Column) -> str:
    """Of a column that is upper-cased: a text that is so already, as far as ASCII goes."""
    return pattern.replace(r"\x7f]", r"\x7fa-z\x80-\xff]") if column.upper else pattern


def _value(column: Column, latest: Latest) -> str | None:
    if column.allowed:
        return "(?:" + "|".join(re.escape(code) for code in column.allowed()) + ")"
    if column.type == "date":
        return _dates(column.earliest, latest.day) if column.earliest else ANY_DATE
    if column.type == "timestamp":
        return _times(column.earliest, latest) if column.earliest else ANY_DATE + TIME
    if column.type == "bool":
        return "(?i:true|false|yes|no|1|0)"
    return _number(column)


def _number(column: Column) -> str | None:
    if (column.at_least, column.at_most, column.type) == (0, 1, "numeric"):
        return r"(?:0(?:\.\d{1,15})?|1(?:\.0{1,15})?)"
    bounds = (column.above, column.at_least)
    if isinstance(column.at_most, int) or bounds not in ((None, None), (0, None), (None, 0)):
        return None
    whole = r"[1-9]\d{0,14}" if column.above == 0 else r"\d{1,15}"
    return whole if column.type == "int" else whole + r"(?:\.\d{1,15})?"


def _times(earliest: date, latest: Latest) -> str | None:
    """Times that no zone moves out of the bounds: with `Z` to the day of the file's arrival, else to the day before."""
    first = earliest.replace(year=earliest.year + 1)
    in_utc = _dates(first, latest.day_of_arrival)
    anywhere = _dates(first, latest.day_of_arrival - timedelta(days=1))
    return f"(?:{anywhere}{TIME}|{in_utc}{CLOCK}Z)" if in_utc and anywhere else None


def _dates(first: date, last: date) -> str | None:
    """The dates from the first day of a year to `last`; the leap day is left to the closer look."""
    if (first.month, first.day) != (1, 1) or not first.year < last.year:
        return None
    whole_years = f"{_years(first.year, last.year - 1)}-{MONTH_AND_DAY}"
    months = "|".join(f"{month:02}" for month in range(1, last.month)) or "(?!)"
    days = "|".join(f"{day:02}" for day in range(1, last.day + 1))
    short = rf"{last.year}-(?:(?=(?:{months})-){MONTH_AND_DAY}|{last.month:02}-(?:{days}))"
    return f"(?:{whole_years}|{short})"


def _years(first: int, last: int) -> str:
    decades: dict[int, list[int]] = {}
    for year in range(first, last + 1):
        decades.setdefault(year // 10, []).append(year % 10)
    return "(?:" + "|".join(f"{decade}[{''.join(map(str, digits))}]" for decade, digits in decades.items()) + ")"
