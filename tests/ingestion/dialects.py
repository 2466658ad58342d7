"""Made-up files of every source: dialects of CSV and JSON, and cells at the edge of what is accepted."""

# ruff: noqa: SIM905 - cells side by side are easier to look over than cells below each other

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from include.ingestion.spec import Column, Source
from tests.ingestion.damage import BOM

Row = dict[str, str]

ARRIVALS = tuple(
    datetime(*day, 12, tzinfo=UTC) for day in ((2025, 6, 15), (2024, 2, 28), (2024, 12, 31), (2025, 1, 30))
)
"""When a file arrives: each with another last date that is accepted, the day after."""
DAYS = [f"{arrival + timedelta(days):%Y-%m-%d}" for arrival in ARRIVALS for days in (0, 1, 2)]
BLANKS = ("", " ", "\t", " \t ", "\r")
FOREIGN = ("é", "ß", "İ", "ǆ", "😀", "\u2028", "\x85", "\u00a0", "\ufeff", "٣")
CONTROL_CHARACTERS = ("\x00", "\x1a", "\x7f", "\x01", "\x0b", "\r", "\n")
CONTROLS = [f"{before}{control}{after}" for control in CONTROL_CHARACTERS for before, after in ("ab", "a ", " b")]
NOT_UTF8 = ("\udcff", "a\udcc3", "\udced\udca0\udc80")
TEXTS = (
    *(*BLANKS, *FOREIGN, *CONTROLS, *NOT_UTF8),
    *(*r"\N \ a\ \. \n NULL null '' %s $$ # ! |".split(), " \\N ", " a", "a ", " a ", "'; drop table x; --"),
    *("a,b", ",", 'a "b"', '"', '""', 'a"', "a\r\nb", "a\nK-0001,x,x,x,x"),
    *("a" * 2000, "a" * 2001, "é" * 1000, "a" * 5000),
)
IDS = ("x" * 255, "x" * 256, "é" * 127, "é" * 128, "é" * 255, "é" * 256, "😀" * 255, "😀" * 256, " " + "x" * 255)
DATES = (
    *DAYS,
    *"2024-02-29 2023-02-29 2000-02-29 1900-02-29 1999-12-31 2000-01-01 2023-04-31 2023-12-31".split(),
    *"0000-01-01 0001-01-01 0999-12-31 1000-01-01 2999-12-31 3000-01-01 9999-12-31 10000-01-01".split(),
    *"2023-13-01 2023-00-10 2023-01-00 2023-01-32 2023-1-1 20230101 01/02/2023 now infinity nodate".split(),
    *("2023-01-01 BC", "٢٠٢٣-٠١-٠١", "2023-01-01T00:00:00"),
)
ZONES = (*"Z z +05 +0530 +05:30 -13:59 +14 +15:59 -15:59 +16 +5 +05:60 -00".split(), " UTC", " +05")
CLOCKS = (*"00:00:00 24:00:00 24:00:01 23:59:60 23:60:00 08:30 8:30:00 0830 02:30:00".split(), "08:30:00 PM")
TIMES = (
    *DATES,
    *(f"{day}T{clock}" for day in ("2023-03-12", "2024-02-29", "9999-12-31") for clock in CLOCKS),
    *(f"{day}T12:00:00" for day in DATES),
    *(f"2023-03-12 23:59:59{zone}" for zone in ZONES),
    *(f"2023-03-12T23:59{zone}" for zone in ZONES),
    *(f"2023-03-12T23:59:59.{'9' * digits}{zone}" for digits in range(10) for zone in ("", "Z")),
)
NUMBERS = (
    *"0 -0 +0 1 +5 -5 -1 005 00 5.0 1.50 .5 5. . 0.0 0.000 1e3 1E-2 1_000 1,000 0x1F NaN Infinity ٣ ½".split(),
    *"9223372036854775807 9223372036854775808 0.999999999999999 1.0 1.000000000000001".split(),
    *"99.999999999999999 100.000000000000001 100.0000000000000001".split(),
    *("9" * 15, "9" * 16, "9" * 18, "9" * 40, "0." + "9" * 15, "0." + "1" * 16, "1." + "0" * 16, "1 000"),
)
BOOLS = (*"true True TRUE tRuE false yes YES no 1 0 t y on 2 01 ﬀalse".split(), "true ")
OBJECTS = (
    *(
        "{}",
        '{"a": 1}',
        '{"a":1.50,"b":[{"c":null}]}',
        '{"b": 1, "a": "é\\u00e9\\n,"}',
        ' {"a": 1} ',
        '{"a": 1e400}',
        '{"a": NaN}',
    ),
    *(
        "{",
        "[]",
        "[1]",
        '"x"',
        "1",
        "null",
        "x",
        '{"a": 1, "a": 2}',
        '{"a": "\\u0000"}',
        '{"a": "\\ud800"}',
        '{"a": "\x1a"}',
    ),
    *('{"a": "' + "x" * 5000 + '"}', '{"a": ' * 70 + "1" + "}" * 70, '{"a": 1} {}', "{'a': 1}"),
)
WHOLE = ("873.0", "873.00", "873", "8.73.0", "-873.0", ".0", "a.0", "0.0", "00.0", " 873.0 ")
ODD_CELLS = {
    "text": TEXTS,
    "int": NUMBERS,
    "numeric": NUMBERS,
    "date": DATES,
    "timestamp": TIMES,
    "bool": BOOLS,
    "json": OBJECTS,
}
ODD_HEADERS = ("note", "Raum, groß", 'the "x"', "_line", "key", "x0", "c1", "reasons", "", "\\N", "%s")
LIKE_MISSING = ("", "\\N", " ")


def own_column(source: Source) -> str:
    """The text of the key that tells made-up rows apart."""
    own = (source.column(name) for name in source.key)
    return next(column.name for column in own if column.type == "text" and not column.has_normal_form)


def good(column: Column, number: int, source: Source) -> str:
    """A cell that is accepted; of a key another one for each number, in ascending order."""
    if column.name == own_column(source):
        return f"K-{number:04}"
    if column.type == "text":
        codes = (
            column.allowed() if column.allowed else ("ACTIVE",) if column.upper else (f"{column.name} {number % 3}",)
        )
        return codes[number % len(codes)]
    cells = {"int": str(number % 12 + 1), "date": "2023-09-01", "timestamp": f"2023-09-{number % 28 + 1:02}T08:00:00"}
    return {**cells, "numeric": "100" if column.above == 0 else "0.5", "bool": "true", "json": '{"a": 1}'}[column.type]


def odd_cells(column: Column) -> Sequence[str]:
    codes = column.allowed() if column.allowed else ("ACTIVE", "GRADUATED") if column.upper else ()
    cases = [case for code in codes[:2] for case in (code.lower(), code.title(), f" {code} ", f"{code}S", f'"{code}"')]
    ids = IDS if column.name.endswith(("_id", "Id", "id")) else ()
    return *cases, *ids, *(WHOLE if column.whole else ()), *ODD_CELLS[column.type], *LIKE_MISSING


@st.composite
def rows_of(draw: st.DrawFn, source: Source) -> list[Row]:
    """Mostly good rows: some with odd cells, some again, some as other versions of those before."""
    rows: list[Row] = []
    for number in range(draw(st.integers(0, 14))):
        again = draw(st.sampled_from([0, 0, 0, 0, 1, 2]))
        row = {column.name: good(column, number, source) for column in source.columns}
        row |= rows[-again] if again and again <= len(rows) else {}
        for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
            column = draw(st.sampled_from(source.columns))
            row[column.name] = draw(st.sampled_from(odd_cells(column)))
        rows.append(row)
    return rows


def _bare(cell: str, _: Random) -> str:
    return cell


def _quoted(cell: str, _: Random) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _where_needed(cell: str, random: Random) -> str:
    return _quoted(cell, random) if any(letter in cell for letter in '",\r\n') else cell


def _some(cell: str, random: Random) -> str:
    return random.choice((_quoted, _where_needed))(cell, random)


QUOTES: dict[str, Callable[[str, Random], str]] = {
    "none": _bare,
    "all": _quoted,
    "where needed": _where_needed,
    "some": _some,
}


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written. `blanks`: around cells. `lines_between`: without a record. `odd_lines`: some are torn."""

    quotes: str = "none"
    endings: tuple[str, ...] = ("\n",)
    blanks: tuple[str, ...] = ("",)
    lines_between: tuple[str, ...] = ("",)
    has_bom: bool = False
    is_compressed: bool = False
    is_ended: bool = True
    more: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    is_shuffled: bool = False
    odd_lines: bool = False

    def file(self, source: Source, rows: list[Row], random: Random) -> bytes:
        """The content of the file, before it is compressed."""
        header = [name for name in (*source.column_names, *self.more) if name not in self.absent]
        if self.is_shuffled:
            random.shuffle(header)
        lines = [self._line({name: name for name in header}, header, random, QUOTES["where needed"])]
        for row in rows:
            filled = {**{name: random.choice(TEXTS) for name in self.more}, **row}
            line = self._line(filled, header, random, QUOTES[self.quotes])
            lines.append(random.choice(self.lines_between) + (_torn(line, random) if self.odd_lines else line))
        text = "".join(lines)
        text = text if self.is_ended else text.rstrip("\n")
        return (BOM if self.has_bom else b"") + text.encode("utf-8", "surrogateescape")

    def stored(self, content: bytes) -> bytes:
        """The bytes of the file."""
        return gzip.compress(content) if self.is_compressed else content

    def _line(self, row: Row, header: list[str], random: Random, quote: Callable[[str, Random], str]) -> str:
        cells = [
            f"{random.choice(self.blanks)}{quote(row[name], random)}{random.choice(self.blanks)}" for name in header
        ]
        return ",".join(cells) + random.choice(self.endings)


def _torn(line: str, random: Random) -> str:
    at = random.randrange(len(line))
    return random.choice(
        (line, line, line, line[:at] + '"' + line[at:], line[:at] + line[at + 1 :], "x," + line, line[:at])
    )


def dialects(source: Source) -> st.SearchStrategy[Dialect]:
    optional = [column.name for column in source.columns if column.optional]
    return st.builds(
        Dialect,
        quotes=st.sampled_from(list(QUOTES)),
        endings=st.sampled_from([("\n",), ("\r\n",), ("\n", "\r\n"), ("\n", "\n", "\r\r\n")]),
        blanks=st.sampled_from([("",), ("",), ("", "", " ", "\t")]),
        # The long one moves the others over the end of a block that is read at once.
        lines_between=st.sampled_from([("",), ("",), ("", "\n", " \t\r\n"), ("", "", " " * 32_700 + "\n")]),
        has_bom=st.booleans(),
        is_compressed=st.booleans(),
        is_ended=st.booleans(),
        more=st.lists(st.sampled_from(ODD_HEADERS), unique=True, max_size=2).map(tuple),
        absent=st.lists(st.sampled_from(optional), unique=True).map(tuple) if optional else st.just(()),
        is_shuffled=st.booleans(),
        odd_lines=st.booleans(),
    )


JSON_VALUES = (
    "null",
    "true",
    "[1]",
    "{}",
    '{"a":1}',
    '"\\u0000"',
    '"\\udc80"',
    "1e400",
    "1e99",
    "5.00",
    "-0",
    "005",
    '"\\n"',
)
SHAPES = {
    "an array": ("[", ",\n", "]"),
    "an array on one line": ("[", ",", "]"),
    "an object": ('{"data":[\n', " ,\r\n", "\n]}"),
    "lines": ("", "\n", "\n"),
    "lines of Windows": ("", "\r\n", ""),
}


def json_file(source: Source, rows: list[Row], shape: str, random: Random) -> bytes:
    """The content of a JSON file; `lines…` is one of JSON lines."""
    begin, between, end = SHAPES[shape]
    text = begin + between.join(_json_record(source, row, random) for row in rows) + end
    return random.choice((b"", BOM)) + text.encode("utf-8", "surrogateescape")


def _json_record(source: Source, row: Row, random: Random) -> str:
    members = [(name, _json_value(source.column(name), cell, random)) for name, cell in row.items()]
    if random.random() < 0.2:
        members += [(random.choice(ODD_HEADERS), _json_text(random.choice(TEXTS), random))]
    if random.random() < 0.2:
        random.shuffle(members)
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in members) + "}"


def _json_value(column: Column, cell: str, random: Random) -> str:
    if random.random() < 0.03:
        return random.choice(JSON_VALUES)
    is_bare = column.type in ("numeric", "json") and cell and random.random() < 0.8
    return cell if is_bare else _json_text(cell, random)


def _json_text(text: str, random: Random) -> str:
    return json.dumps(text, ensure_ascii=random.random() < 0.5)
